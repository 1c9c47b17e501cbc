#pragma once
/// Poolings, instance means and continuation by reflection.

#include <pix2pixhd/backend/reference/planes.hpp>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The input pixels of one axis that output `i` of a pooling reads: [first, last].
struct PoolingTaps {
  int first, last;
  PoolingTaps(Pooling pooling, int side, int i)
      : first(pooling == Pooling::average3 ? std::max(2 * i - 1, 0) : 2 * i), last(std::min(2 * i + 1, side - 1)) {}
  int count() const { return last - first + 1; }
};

/// Source of position `i` of a row of `side` pixels continued by reflection with period 2 (side - 1).
inline int reflected(int i, int side) {
  if (side == 1) return 0;
  const int period = 2 * (side - 1), phase = i % period;
  return phase < side ? phase : period - phase;
}

}  // namespace detail

PIX2PIXHD_INLINE void ReferenceBackend::pool(const Tensor& x, Pooling pooling, Tensor& y) {
  const Shape in = x.shape(), out = y.shape();
  y.mutable_data<double>();
  for (int n = 0; n < out.n; ++n)
    for (int c = 0; c < out.c; ++c)
      for (int i = 0; i < out.h; ++i)
        for (int j = 0; j < out.w; ++j) {
          const detail::PoolingTaps rows(pooling, in.h, i), columns(pooling, in.w, j);
          const double* plane = detail::plane_of(x, n, c);
          double sum = 0, largest = plane[rows.first * in.w + columns.first];
          for (int a = rows.first; a <= rows.last; ++a)
            for (int b = columns.first; b <= columns.last; ++b) {
              sum += plane[a * in.w + b];
              largest = std::max(largest, plane[a * in.w + b]);
            }
          detail::mutable_plane_of(y, n, c)[i * out.w + j] =
              pooling == Pooling::average3 ? sum / (rows.count() * columns.count()) : largest;
        }
}

PIX2PIXHD_INLINE void ReferenceBackend::pool_backward(const Tensor& dy, const Tensor& x, Pooling pooling, Tensor& dx) {
  const Shape in = dx.shape(), out = dy.shape();
  std::fill_n(dx.mutable_data<double>(), in.count(), 0.0);
  for (int n = 0; n < out.n; ++n)
    for (int c = 0; c < out.c; ++c)
      for (int i = 0; i < out.h; ++i)
        for (int j = 0; j < out.w; ++j) {
          const detail::PoolingTaps rows(pooling, in.h, i), columns(pooling, in.w, j);
          const double gradient = detail::plane_of(dy, n, c)[i * out.w + j];
          double* to = detail::mutable_plane_of(dx, n, c);
          if (pooling == Pooling::average3) {
            for (int a = rows.first; a <= rows.last; ++a)
              for (int b = columns.first; b <= columns.last; ++b)
                to[a * in.w + b] += gradient / (rows.count() * columns.count());
            continue;
          }
          const double* plane = detail::plane_of(x, n, c);
          int best = rows.first * in.w + columns.first;
          for (int a = rows.first; a <= rows.last; ++a)
            for (int b = columns.first; b <= columns.last; ++b)
              if (plane[a * in.w + b] > plane[best]) best = a * in.w + b;
          to[best] += gradient;
        }
}

PIX2PIXHD_INLINE void ReferenceBackend::instance_mean(const Tensor& x, const InstanceMap& instances, Tensor& y) {
  const Shape shape = x.shape();
  y.mutable_data<double>();
  for (int n = 0; n < shape.n; ++n) {
    const auto* index =
        static_cast<const std::int32_t*>(instances.indices()->data()) + static_cast<std::size_t>(n) * shape.pixels();
    const auto instance_count = static_cast<std::size_t>(instances.count(n));
    std::vector<double> sums(instance_count), pixels(instance_count);
    for (int c = 0; c < shape.c; ++c) {
      std::fill(sums.begin(), sums.end(), 0.0);
      std::fill(pixels.begin(), pixels.end(), 0.0);
      for (std::size_t i = 0; i < shape.pixels(); ++i) {
        sums[static_cast<std::size_t>(index[i])] += detail::plane_of(x, n, c)[i];
        pixels[static_cast<std::size_t>(index[i])] += 1;
      }
      for (std::size_t i = 0; i < shape.pixels(); ++i)
        detail::mutable_plane_of(y, n, c)[i] =
            sums[static_cast<std::size_t>(index[i])] / pixels[static_cast<std::size_t>(index[i])];
    }
  }
}

PIX2PIXHD_INLINE void ReferenceBackend::extend(const Tensor& x, Tensor& y) {
  const Shape in = x.shape(), out = y.shape();
  y.mutable_data<double>();
  for (int n = 0; n < out.n; ++n)
    for (int c = 0; c < out.c; ++c)
      for (int i = 0; i < out.h; ++i)
        for (int j = 0; j < out.w; ++j)
          detail::mutable_plane_of(y, n, c)[i * out.w + j] =
              detail::plane_of(x, n, c)[detail::reflected(i, in.h) * in.w + detail::reflected(j, in.w)];
}

PIX2PIXHD_INLINE void ReferenceBackend::extend_plane(const Storage& x, const Shape& from, Storage& y, const Shape& to) {
  const auto* in = static_cast<const std::uint8_t*>(x.data());
  auto* out = static_cast<std::uint8_t*>(y.mutable_data());
  for (int n = 0; n < to.n; ++n)
    for (int i = 0; i < to.h; ++i)
      for (int j = 0; j < to.w; ++j)
        *out++ = in[static_cast<std::size_t>(n) * from.pixels() +
                    static_cast<std::size_t>(detail::reflected(i, from.h)) * static_cast<std::size_t>(from.w) +
                    static_cast<std::size_t>(detail::reflected(j, from.w))];
}

}  // namespace pix2pixhd::inline v0
