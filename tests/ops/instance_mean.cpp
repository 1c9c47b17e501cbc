/// Means over instances of any ids, in their own picture.

#include "map_case.hpp"

#include <limits>
#include <map>

using namespace tests;

TEST_CASE("means against sums by hand: negative and huge ids, batches, odd sides") {
  constexpr std::int32_t least = std::numeric_limits<std::int32_t>::min(),
                         most = std::numeric_limits<std::int32_t>::max();
  const std::vector<std::int32_t> choice{least, -7, 0, 26001, most};
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    for (const Shape& shape : {Shape{3, 3, 7, 9}, Shape{1, 18, 5, 33}, Shape{2, 1, 1, 1}}) {
      CAPTURE(to_string(shape));
      auto ids = xt::xtensor<std::int32_t, 3>::from_shape(
          {static_cast<std::size_t>(shape.n), static_cast<std::size_t>(shape.h), static_cast<std::size_t>(shape.w)});
      const RandomStream random(4, "ids");
      for (std::size_t i = 0; i < ids.size(); ++i) ids.data()[i] = choice[random.bits(i) % choice.size()];
      const Tensor x = normal_tensor(device, shape);
      const auto in = download(device, x), out = download(device, instance_mean(device, x, instance_map(device, ids)));
      for (std::size_t n = 0; n < in.shape()[0]; ++n)
        for (std::size_t c = 0; c < in.shape()[1]; ++c) {
          std::map<std::int32_t, std::pair<double, int>> sums;
          for (std::size_t i = 0; i < in.shape()[2]; ++i)
            for (std::size_t j = 0; j < in.shape()[3]; ++j) {
              sums[ids(n, i, j)].first += in(n, c, i, j);
              ++sums[ids(n, i, j)].second;
            }
          for (std::size_t i = 0; i < in.shape()[2]; ++i)
            for (std::size_t j = 0; j < in.shape()[3]; ++j)
              REQUIRE(std::abs(out(n, c, i, j) - sums[ids(n, i, j)].first / sums[ids(n, i, j)].second) <= 1e-5);
        }
      CHECK(detail::host_values(device, x) == detail::host_values(device, normal_tensor(device, shape)));
    }
  }
}

TEST_CASE("every pixel an instance of its own changes nothing, one instance makes all equal") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    auto ids = xt::xtensor<std::int32_t, 2>::from_shape({6, 7});
    for (std::size_t i = 0; i < ids.size(); ++i) ids.data()[i] = 1000 - static_cast<std::int32_t>(i);
    const Tensor x = normal_tensor(device, {1, 2, 6, 7});
    CHECK(detail::host_values(device, instance_mean(device, x, instance_map(device, ids))) ==
          detail::host_values(device, x));
    std::fill_n(ids.data(), ids.size(), -1);
    const auto y = detail::host_values(device, instance_mean(device, x, instance_map(device, ids)));
    for (std::size_t i = 0; i < 42; ++i) CHECK(y[i] == y[0]);
  }
}

TEST_CASE("maps that do not fit are Errors") {
  Device device = reference(), other = reference();
  const Tensor x = normal_tensor(device, {1, 2, 3, 3});
  const xt::xtensor<std::int32_t, 2> ids{{1, 2, 3}, {1, 2, 3}};
  check_says(sentence_of([&] { instance_mean(device, x, instance_map(device, ids)); }), {"1x1x3x3", "1x1x2x3"});
  check_says(sentence_of([&] { instance_mean(device, x, InstanceMap()); }), {"empty", "instance_map"});
  const xt::xtensor<std::int32_t, 2> square{{1, 2, 3}, {1, 2, 3}, {1, 2, 3}};
  check_says(sentence_of([&] { instance_mean(device, x, instance_map(other, square)); }), {"the instance map is on"});
}
