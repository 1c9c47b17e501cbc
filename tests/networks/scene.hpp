#pragma once
/// A small network with everything in it, and a map for it.

#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/ops/maps.hpp>

#include <cstddef>
#include <cstdint>

namespace tests {

using namespace pix2pixhd;

using Small = Generator<1, GeneratorShape{.in = 6, .width = 32, .downsamples = 2, .blocks = 2, .local_blocks = 2}>;

/// Labels in stripes and blocks of instances: both uniform windows and mixed ones.
inline SemanticMap scene(Device& device, int height, int width) {
  const auto h = static_cast<std::size_t>(height), w = static_cast<std::size_t>(width);
  auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({h, w});
  auto ids = xt::xtensor<std::int32_t, 2>::from_shape({h, w});
  for (std::size_t y = 0; y < h; ++y)
    for (std::size_t x = 0; x < w; ++x) {
      labels(y, x) = static_cast<std::uint8_t>(y < h / 2 ? x / 9 % 5 : 3);
      ids(y, x) = static_cast<std::int32_t>(y / 7 * 1000 + x / 11);
    }
  return semantic_map(device, labels, ids, 5);
}

}  // namespace tests
