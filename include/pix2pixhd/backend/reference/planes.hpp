#pragma once
/// Views and expansions that the reference loops share.

#include <pix2pixhd/core/calls.hpp>

#include <cstdint>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The plane of channel `c` of picture `n`.
inline const double* plane_of(const Tensor& x, int n, int c) {
  return x.data<double>() +
         (static_cast<std::size_t>(n) * static_cast<std::size_t>(x.shape().c) + static_cast<std::size_t>(c)) *
             x.shape().pixels();
}
inline double* mutable_plane_of(const Tensor& x, int n, int c) { return const_cast<double*>(plane_of(x, n, c)); }

/// A dense copy of what a block reads: host doubles in N, C, H, W order.
struct DenseInput {
  Shape shape;
  std::vector<double> values;

  explicit DenseInput(const BlockInput& x) : shape(x.shape()), values(shape.count()) {
    if (x.map)
      expand(*x.map);
    else
      values.assign(x.tensor.data<double>(), x.tensor.data<double>() + shape.count());
  }

  const double* plane(int n, int c) const {
    return values.data() +
           (static_cast<std::size_t>(n) * static_cast<std::size_t>(shape.c) + static_cast<std::size_t>(c)) *
               shape.pixels();
  }

 private:
  double* mutable_plane(int n, int c) { return const_cast<double*>(plane(n, c)); }

  /// One-hot classes, edges and parts, as `generator_input` in the definition, averaged over the pooling windows.
  void expand(const SemanticMap& map) {
    const auto* labels = static_cast<const std::uint8_t*>(map.labels()->data());
    const auto* edges = map.has_edges() ? static_cast<const std::uint8_t*>(map.edges()->data()) : nullptr;
    const Shape& full = map.plane();
    for (int n = 0; n < shape.n; ++n) {
      for (int y = 0; y < shape.h; ++y) {
        const PoolingWindow rows(full.h, map.level(), y);
        for (int x = 0; x < shape.w; ++x) {
          const PoolingWindow columns(full.w, map.level(), x);
          const std::size_t at =
              static_cast<std::size_t>(y) * static_cast<std::size_t>(shape.w) + static_cast<std::size_t>(x);
          for (std::size_t i = 0; i < rows.weights.size(); ++i)
            for (std::size_t j = 0; j < columns.weights.size(); ++j) {
              const std::size_t row = static_cast<std::size_t>(n) * static_cast<std::size_t>(full.h) +
                                      static_cast<std::size_t>(rows.first) + i;
              const std::size_t pixel =
                  row * static_cast<std::size_t>(full.w) + static_cast<std::size_t>(columns.first) + j;
              const double weight = rows.weights[i] * columns.weights[j];
              if (labels[pixel] != no_class) mutable_plane(n, labels[pixel])[at] += weight;
              if (edges && edges[pixel]) mutable_plane(n, map.classes())[at] += weight;
            }
        }
      }
      int channel = map.map_channels();
      for (const Tensor& part : map.parts())
        for (int c = 0; c < part.shape().c; ++c, ++channel)
          for (std::size_t i = 0; i < shape.pixels(); ++i) mutable_plane(n, channel)[i] = plane_of(part, n, c)[i];
    }
  }
};

/// Where the rows and columns of a padded, enlarged picture come from: -1 is a zero.
struct PaddedAxis {
  std::vector<int> source;
  PaddedAxis(int side, const ConvGeometry& geometry) {
    const int enlarged = side * geometry.enlarge;
    for (int i = -geometry.padding; i < enlarged + geometry.padding; ++i) {
      const int inside = padded_index(i, enlarged, geometry.pad);
      source.push_back(inside < 0 ? -1 : inside / geometry.enlarge);
    }
  }
  int size() const { return static_cast<int>(source.size()); }
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0
