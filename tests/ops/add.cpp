/// Sums, and whose memory they use.

#include "map_case.hpp"

using namespace tests;

TEST_CASE("sums, in place where nobody else looks") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    const Shape shape{2, 3, 4, 5};
    Tensor a = normal_tensor(device, shape, 1), b = normal_tensor(device, shape, 2);
    const auto of_a = detail::host_values(device, a), of_b = detail::host_values(device, b);
    std::vector<double> expected(of_a.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] =
          on.exact ? of_a[i] + of_b[i] : static_cast<double>(static_cast<float>(of_a[i]) + static_cast<float>(of_b[i]));
    CHECK(detail::host_values(device, add(device, a, b)) == expected);
    CHECK(detail::host_values(device, a) == of_a);
    CHECK(detail::host_values(device, b) == of_b);
    const Storage* memory = b.storage().get();
    const Tensor y = add(device, a, std::move(b));
    CHECK(y.storage().get() == memory);
    CHECK(detail::host_values(device, a) == of_a);
    CHECK(detail::host_values(device, y) == expected);
    const Tensor twice = add(device, a, a);
    CHECK(twice.storage() != a.storage());
    CHECK(detail::host_values(device, a) == of_a);
    CHECK(add(device, Tensor(), a).storage() == a.storage());
    CHECK(add(device, a, Tensor()).storage() == a.storage());
    CHECK(add(device, Tensor(), Tensor()).empty());
  }
}

TEST_CASE("different sizes and devices are Errors") {
  Device device = reference(), other = reference();
  const Tensor a = normal_tensor(device, {1, 2, 3, 4});
  check_says(sentence_of([&] {
               add(device, a, normal_tensor(device, {1, 2, 4, 3}));
             }),
             {"1x2x3x4", "1x2x4x3", "same size"});
  check_says(sentence_of([&] {
               add(device, a, normal_tensor(other, {1, 2, 3, 4}));
             }),
             {"second summand", "to(device, x)"});
}
