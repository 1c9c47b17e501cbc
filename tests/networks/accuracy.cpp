/// Pictures of a generator in f32, on maps that are hard on it: against those in double, and where they are known.

#include "devices.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

using namespace tests;
using namespace pix2pixhd;

namespace {

constexpr int classes = 35;
// Channels enough for Winograd's kernels with few and with many channels.
constexpr GeneratorShape shape{.in = classes + 1, .width = 32, .downsamples = 2, .blocks = 2, .local_blocks = 1};
using Net = Generator<1, shape>;

struct Map {
  std::string name;
  std::size_t height, width;
  std::function<int(std::size_t row, std::size_t column)> label, instance;
};

/// Numbers without a pattern.
int noise(std::size_t row, std::size_t column) {
  std::uint32_t x = static_cast<std::uint32_t>(row * 65537 + column) * 2654435761u;
  x = (x ^ (x >> 15)) * 2246822519u;
  return static_cast<int>((x ^ (x >> 13)) & 0xffffu);
}

int flat(std::size_t, std::size_t) { return 7; }
int any_class(std::size_t row, std::size_t column) { return noise(row, column) % classes; }
int halves(std::size_t, std::size_t column) { return column < 61 ? 7 : 23; }
int corner(std::size_t row, std::size_t column) { return row < 9 && column < 11 ? 1 : 2; }

SemanticMap upload(Device& device, const Map& map) {
  auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({map.height, map.width});
  auto instances = xt::xtensor<std::int32_t, 2>::from_shape({map.height, map.width});
  for (std::size_t row = 0; row < map.height; ++row)
    for (std::size_t column = 0; column < map.width; ++column) {
      labels(row, column) = static_cast<std::uint8_t>(map.label(row, column));
      instances(row, column) = map.instance(row, column);
    }
  return semantic_map(device, labels, instances, classes);
}

std::vector<double> picture(Device& device, const Map& map) {
  Net network;
  initialize(device, network, 1);
  const Tensor y = infer(device, network, upload(device, map));
  std::vector<double> values(y.shape().count());
  download<double>(device, y, values);
  return values;
}

}  // namespace

TEST_CASE("pictures in f32 are those in double to 5e-4") {
  const std::vector<Map> maps{{"one class, two instances", 64, 128, flat, corner},
                              {"two classes", 64, 128, halves, halves},
                              {"noise", 64, 128, any_class, noise},
                              {"noise, the smallest", 16, 16, any_class, noise}};
  for (const Map& map : maps) {
    CAPTURE(map.name);
    Device exact = reference();
    const std::vector<double> expected = picture(exact, map);
    for (NamedDevice& on : all_devices()) {
      if (on.exact) continue;
      CAPTURE(on.name);
      const std::vector<double> got = picture(on.device, map);
      REQUIRE(got.size() == expected.size());
      double largest = 0;
      for (std::size_t i = 0; i < got.size(); ++i) {
        REQUIRE(std::isfinite(got[i]));
        largest = std::max(largest, std::abs(got[i] - expected[i]));
      }
      CHECK(largest <= 5e-4);
    }
  }
}

// Every channel is constant, so that it is zero once it is normalised, and so is the picture, since the biases are. Any
// rounding before a norm would be multiplied by 1 / sqrt(epsilon) = 316, and again in the next layer; that happens to
// the reference, whose averages of a pooled map are not exactly one, so that it is no judge here.
TEST_CASE("the picture of a map of one class without a boundary is exactly zero") {
  for (const Map& map : {Map{"one class", 64, 128, flat, flat}, Map{"the smallest", 16, 16, flat, flat},
                         Map{"a single pixel", 1, 1, flat, flat}}) {
    CAPTURE(map.name);
    for (NamedDevice& on : all_devices()) {
      if (on.exact) continue;
      CAPTURE(on.name);
      const std::vector<double> got = picture(on.device, map);
      CHECK(std::all_of(got.begin(), got.end(), [](double value) { return value == 0; }));
    }
  }
}
