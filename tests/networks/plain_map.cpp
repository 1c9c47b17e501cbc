/// Networks on plain pictures: a map without classes is as good as the tensor.

#include "../devices.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace pix2pixhd;
using tests::all_devices;

namespace {

using G = Generator<1, GeneratorShape{.in = 3, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1}>;
using D = MultiscaleDiscriminator<2, DiscriminatorShape{.in = 6, .width = 4, .layers = 2}>;
using Array = xt::xtensor<float, 4>;

Array random_picture(std::uint64_t seed, std::size_t channels) {
  Array picture = Array::from_shape({2, channels, 20, 28});
  const RandomStream random(seed, "picture");
  for (std::size_t i = 0; i < picture.size(); ++i) picture.data()[i] = static_cast<float>(2 * random.uniform(i) - 1);
  return picture;
}

/// The channels of `a` and then those of `b`.
Array stacked(const Array& a, const Array& b) {
  Array both = Array::from_shape({a.shape()[0], a.shape()[1] + b.shape()[1], a.shape()[2], a.shape()[3]});
  const std::size_t of_a = a.size() / a.shape()[0], of_b = b.size() / b.shape()[0];
  for (std::size_t n = 0; n < a.shape()[0]; ++n) {
    std::copy_n(a.data() + n * of_a, of_a, both.data() + n * (of_a + of_b));
    std::copy_n(b.data() + n * of_b, of_b, both.data() + n * (of_a + of_b) + of_a);
  }
  return both;
}

void check_close(const Array& got, const Array& expected, double tolerance) {
  REQUIRE(got.shape() == expected.shape());
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference = std::max(difference, std::abs(double{got.data()[i]} - expected.data()[i]));
    largest = std::max(largest, std::abs(double{expected.data()[i]}));
  }
  CHECK(difference <= tolerance * largest);
}

}  // namespace

TEST_CASE("a generator makes the same of a plain map and of its picture") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    G generator;
    initialize(device, generator, 1);
    const Tensor picture = upload(device, random_picture(1, 3));
    check_close(download(device, infer(device, generator, plain_map(device, picture))),
                download(device, infer(device, generator, picture)), on.exact ? 1e-6 : 1e-4);
  }
}

TEST_CASE("a discriminator makes the same of a plain map with a picture joined, and its gradient is the picture's") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    D by_map, by_tensor;
    for (D* one : {&by_map, &by_tensor}) initialize(device, *one, 1);
    const Array given = random_picture(1, 3), made = random_picture(2, 3);
    D::Context<Mode::train> map_context, tensor_context;
    auto of_map =
        by_map.forward(device, join(plain_map(device, upload(device, given)), upload(device, made)), map_context);
    auto of_tensor = by_tensor.forward(device, upload(device, stacked(given, made)), tensor_context);
    const double tolerance = on.exact ? 1e-6 : 1e-4;
    for (std::size_t scale = 0; scale < of_map.size(); ++scale)
      for (std::size_t i = 0; i < of_map[scale].size(); ++i)
        check_close(download(device, of_map[scale][i]), download(device, of_tensor[scale][i]), tolerance);

    const Tensor from_map = by_map.backward(device, of_map, map_context, Need::both);
    const Tensor from_tensor = by_tensor.backward(device, of_tensor, tensor_context, Need::both);
    REQUIRE(from_map.shape() == Shape{2, 3, 20, 28});
    const Array all = download(device, from_tensor);
    Array last = Array::from_shape({2, 3, 20, 28});
    for (std::size_t n = 0; n < 2; ++n)
      std::copy_n(all.data() + (2 * n + 1) * last.size() / 2, last.size() / 2, last.data() + n * last.size() / 2);
    check_close(download(device, from_map), last, 10 * tolerance);
    auto got = named_arrays(by_map), expected = named_arrays(by_tensor);
    for (std::size_t i = 0; i < got.size(); ++i) {
      CAPTURE(got[i].name);
      check_close(download(device, *got[i].grad), download(device, *expected[i].grad), 10 * tolerance);
    }
  }
}
