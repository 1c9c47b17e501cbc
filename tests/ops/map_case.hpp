#pragma once
/// Random label and instance maps, as semantic maps and as the one-hot tensors that they stand for.

#include "layers/layer_case.hpp"

#include <pix2pixhd/ops/maps.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace tests {

/// Labels below `classes`, or `classes`, which is to be ignored.
struct MapArrays {
  xt::xtensor<std::uint8_t, 3> labels;
  xt::xtensor<std::int32_t, 3> ids;
  int classes;

  /// Regions a few pixels wide, as in real maps, with single pixels in between.
  MapArrays(int n, int h, int w, int class_count, std::uint64_t seed = 3) : classes(class_count) {
    const std::array<std::size_t, 3> sides{static_cast<std::size_t>(n), static_cast<std::size_t>(h),
                                           static_cast<std::size_t>(w)};
    labels = xt::xtensor<std::uint8_t, 3>::from_shape(sides);
    ids = xt::xtensor<std::int32_t, 3>::from_shape(sides);
    const RandomStream random(seed, "map");
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const bool alone = random.uniform(4 * i) < 0.2;
      const std::size_t region = alone ? i : i / 5 * 5;
      labels.data()[i] =
          static_cast<std::uint8_t>(random.bits(4 * region + 1) % static_cast<std::uint64_t>(classes + 1));
      ids.data()[i] = static_cast<std::int32_t>(random.bits(4 * region + 2) % 3) * 1000 - 1000;
    }
  }

  Shape shape(bool edges) const {
    return {static_cast<int>(labels.shape()[0]), classes + (edges ? 1 : 0), static_cast<int>(labels.shape()[1]),
            static_cast<int>(labels.shape()[2])};
  }
  SemanticMap map(Device& device, bool edges) const {
    return semantic_map(device, labels, edges ? std::optional(ids) : std::nullopt, classes, classes);
  }
  /// One channel a class, then the boundaries, in N, C, H, W order.
  std::vector<double> dense(bool edges) const {
    const Shape s = shape(edges);
    std::vector<double> values(s.count(), 0.0);
    const auto at = [&](int n, int c, int y, int x) -> double& {
      return values[static_cast<std::size_t>(((n * s.c + c) * s.h + y) * s.w + x)];
    };
    for (int n = 0; n < s.n; ++n)
      for (int y = 0; y < s.h; ++y)
        for (int x = 0; x < s.w; ++x) {
          if (labels(n, y, x) < classes) at(n, labels(n, y, x), y, x) = 1;
          if (!edges) continue;
          bool edge = false;
          for (const auto& [dy, dx] : {std::pair{0, 1}, {0, -1}, {1, 0}, {-1, 0}})
            if (y + dy >= 0 && y + dy < s.h && x + dx >= 0 && x + dx < s.w)
              edge = edge || ids(n, y + dy, x + dx) != ids(n, y, x);
          at(n, classes, y, x) = edge ? 1 : 0;
        }
    return values;
  }
  Tensor dense_tensor(Device& device, bool edges) const {
    return detail::device_values(device, shape(edges), dense(edges));
  }
};

/// Channels of b after those of a.
inline Tensor concatenated(Device& device, const Tensor& a, const Tensor& b) {
  const Shape& s = a.shape();
  const auto first = detail::host_values(device, a), second = detail::host_values(device, b);
  std::vector<double> values;
  const std::size_t in_a = first.size() / static_cast<std::size_t>(s.n),
                    in_b = second.size() / static_cast<std::size_t>(s.n);
  for (std::size_t n = 0; n < static_cast<std::size_t>(s.n); ++n) {
    values.insert(values.end(), first.begin() + static_cast<std::ptrdiff_t>(n * in_a),
                  first.begin() + static_cast<std::ptrdiff_t>((n + 1) * in_a));
    values.insert(values.end(), second.begin() + static_cast<std::ptrdiff_t>(n * in_b),
                  second.begin() + static_cast<std::ptrdiff_t>((n + 1) * in_b));
  }
  return detail::device_values(device, s.with_channels(s.c + b.shape().c), values);
}

/// max |a - b| / max |b|.
inline double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return HUGE_VAL;
  double difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(std::abs(a[i] - b[i]) <= difference)) difference = std::isnan(a[i] - b[i]) ? HUGE_VAL : std::abs(a[i] - b[i]);
  const double scale = detail::largest(b);
  return scale > 0 ? difference / scale : difference;
}

}  // namespace tests
