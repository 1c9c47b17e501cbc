#pragma once
/// Convolution and its gradients as sums over taps.

#include <pix2pixhd/backend/reference/planes.hpp>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Calls f(w, small row, step, large row, count) for every tap of every pair of channels and every pair of rows that
/// the tap connects. A convolution connects pixel s of the small picture (its output) with pixel s * stride + tap of
/// the large one (its padded input); a transposed one connects them the other way round, where the large picture is the
/// output surrounded by `padding` cut-off pixels.
/// large(c, y) and small(c, y) give rows; weight index: [channel of small][channel of large][ky][kx].
template <class Visit>
void for_each_tap(const Shape& small, const Shape& large, const ConvGeometry& geometry, Visit&& visit) {
  for (int s = 0; s < small.c; ++s)
    for (int l = 0; l < large.c; ++l)
      for (int ky = 0; ky < geometry.kernel; ++ky)
        for (int kx = 0; kx < geometry.kernel; ++kx) {
          const std::size_t weight =
              ((static_cast<std::size_t>(s) * static_cast<std::size_t>(large.c) + static_cast<std::size_t>(l)) *
                   static_cast<std::size_t>(geometry.kernel) +
               static_cast<std::size_t>(ky)) *
                  static_cast<std::size_t>(geometry.kernel) +
              static_cast<std::size_t>(kx);
          for (int y = 0; y < small.h; ++y) {
            const int row = y * geometry.stride + ky;
            if (row >= large.h) continue;
            const int count = std::min(small.w, (large.w - kx + geometry.stride - 1) / geometry.stride);
            visit(weight, s, y, l, row, kx, count);
          }
        }
}

/// Channels of one picture with borders: doubles, channel by channel.
struct Canvas {
  Shape shape;
  std::vector<double> values;
  Canvas(int channels, int height, int width) : shape{1, channels, height, width}, values(shape.count()) {}
  double* row(int c, int y) {
    return values.data() +
           (static_cast<std::size_t>(c) * static_cast<std::size_t>(shape.h) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(shape.w);
  }
};

/// The padded, enlarged input of a convolution.
inline Canvas padded_canvas(const double* const* planes, const Shape& shape, const ConvGeometry& geometry) {
  const PaddedAxis rows(shape.h, geometry), columns(shape.w, geometry);
  Canvas canvas(shape.c, rows.size(), columns.size());
  for (int c = 0; c < shape.c; ++c)
    for (int y = 0; y < rows.size(); ++y)
      for (int x = 0; x < columns.size(); ++x) {
        const int from_y = rows.source[static_cast<std::size_t>(y)],
                  from_x = columns.source[static_cast<std::size_t>(x)];
        if (from_y >= 0 && from_x >= 0)
          canvas.row(c, y)[x] = planes[c][static_cast<std::size_t>(from_y) * static_cast<std::size_t>(shape.w) +
                                          static_cast<std::size_t>(from_x)];
      }
  return canvas;
}

inline std::vector<const double*> planes_of(const DenseInput& x, int n) {
  std::vector<const double*> planes;
  for (int c = 0; c < x.shape.c; ++c) planes.push_back(x.plane(n, c));
  return planes;
}
inline std::vector<const double*> planes_of(const Tensor& x, int n) {
  std::vector<const double*> planes;
  for (int c = 0; c < x.shape().c; ++c) planes.push_back(plane_of(x, n, c));
  return planes;
}

/// The output of a transposed convolution with its cut-off border: sides (side - 1) * stride + kernel + output padding.
inline Canvas transposed_canvas(const Shape& output, const ConvGeometry& geometry) {
  return Canvas(output.c, output.h + 2 * geometry.padding, output.w + 2 * geometry.padding);
}

/// A transposed convolution's output gradient with zeros around it.
inline Canvas bordered_canvas(const Tensor& x, int n, const ConvGeometry& geometry) {
  Canvas canvas = transposed_canvas(x.shape(), geometry);
  for (int c = 0; c < x.shape().c; ++c)
    for (int y = 0; y < x.shape().h; ++y)
      std::copy_n(plane_of(x, n, c) + static_cast<std::size_t>(y) * static_cast<std::size_t>(x.shape().w), x.shape().w,
                  canvas.row(c, y + geometry.padding) + geometry.padding);
  return canvas;
}

}  // namespace detail

PIX2PIXHD_INLINE void ReferenceBackend::convolve(const Convolution& call) {
  const detail::DenseInput x(*call.x);
  const Shape out = call.y.shape();
  const double* weight = call.weight->data<double>();
  call.y.mutable_data<double>();
  for (int n = 0; n < out.n; ++n) {
    for (int c = 0; c < out.c; ++c)
      std::fill_n(detail::mutable_plane_of(call.y, n, c), out.pixels(), call.bias ? call.bias->data<double>()[c] : 0.0);
    const auto planes = detail::planes_of(x, n);
    const int stride = call.geometry.stride;
    if (!call.geometry.transposed) {
      detail::Canvas input = detail::padded_canvas(planes.data(), x.shape, call.geometry);
      detail::for_each_tap({1, out.c, out.h, out.w}, input.shape, call.geometry,
                           [&](std::size_t w, int o, int y, int i, int row, int kx, int count) {
                             double* to = detail::mutable_plane_of(call.y, n, o) +
                                          static_cast<std::size_t>(y) * static_cast<std::size_t>(out.w);
                             const double* from = input.row(i, row) + kx;
                             for (int j = 0; j < count; ++j) to[j] += weight[w] * from[j * stride];
                           });
      continue;
    }
    detail::Canvas output = detail::transposed_canvas(out, call.geometry);
    detail::for_each_tap({1, x.shape.c, x.shape.h, x.shape.w}, output.shape, call.geometry,
                         [&](std::size_t w, int i, int y, int o, int row, int kx, int count) {
                           double* to = output.row(o, row) + kx;
                           const double* from = planes[static_cast<std::size_t>(i)] +
                                                static_cast<std::size_t>(y) * static_cast<std::size_t>(x.shape.w);
                           for (int j = 0; j < count; ++j) to[j * stride] += weight[w] * from[j];
                         });
    for (int c = 0; c < out.c; ++c)
      for (int y = 0; y < out.h; ++y)
        for (int j = 0; j < out.w; ++j)
          detail::mutable_plane_of(
              call.y, n,
              c)[static_cast<std::size_t>(y) * static_cast<std::size_t>(out.w) + static_cast<std::size_t>(j)] +=
              output.row(c, y + call.geometry.padding)[j + call.geometry.padding];
  }
}

PIX2PIXHD_INLINE void ReferenceBackend::convolve_backward_data(const ConvolutionBackwardData& call) {
  const ConvGeometry& geometry = call.geometry;
  const Shape dy = call.dy->shape(), dx = call.dx.shape();
  const int skipped = call.map ? call.map->constant_channels() : 0;
  const int in_channels = dx.c + skipped;
  const double* weight = call.weight->data<double>();
  double* result = call.dx.mutable_data<double>();
  std::fill_n(result, dx.count(), 0.0);
  for (int n = 0; n < dx.n; ++n) {
    const auto planes = detail::planes_of(*call.dy, n);
    if (geometry.transposed) {
      detail::Canvas gradient = detail::bordered_canvas(*call.dy, n, geometry);
      detail::for_each_tap({1, dx.c, dx.h, dx.w}, gradient.shape, geometry,
                           [&](std::size_t w, int i, int y, int o, int row, int kx, int count) {
                             double* to = detail::mutable_plane_of(call.dx, n, i) +
                                          static_cast<std::size_t>(y) * static_cast<std::size_t>(dx.w);
                             const double* from = gradient.row(o, row) + kx;
                             for (int j = 0; j < count; ++j) to[j] += weight[w] * from[j * geometry.stride];
                           });
      continue;
    }
    const detail::PaddedAxis rows(dx.h, geometry), columns(dx.w, geometry);
    detail::Canvas input(in_channels, rows.size(), columns.size());
    detail::for_each_tap({1, dy.c, dy.h, dy.w}, input.shape, geometry,
                         [&](std::size_t w, int o, int y, int i, int row, int kx, int count) {
                           if (i < skipped) return;
                           double* to = input.row(i, row) + kx;
                           const double* from = planes[static_cast<std::size_t>(o)] +
                                                static_cast<std::size_t>(y) * static_cast<std::size_t>(dy.w);
                           for (int j = 0; j < count; ++j) to[j * geometry.stride] += weight[w] * from[j];
                         });
    for (int c = 0; c < dx.c; ++c)  // padding and enlargement fold back onto the pixels that they were taken from
      for (int y = 0; y < rows.size(); ++y)
        for (int j = 0; j < columns.size(); ++j) {
          const int to_y = rows.source[static_cast<std::size_t>(y)], to_x = columns.source[static_cast<std::size_t>(j)];
          if (to_y >= 0 && to_x >= 0)
            detail::mutable_plane_of(
                call.dx, n,
                c)[static_cast<std::size_t>(to_y) * static_cast<std::size_t>(dx.w) + static_cast<std::size_t>(to_x)] +=
                input.row(c + skipped, y)[j];
        }
  }
}

PIX2PIXHD_INLINE void ReferenceBackend::convolve_backward_weights(const ConvolutionBackwardWeights& call) {
  const Shape dy = call.dy->shape();
  if (call.bias) {
    double* gradient = call.bias->mutable_data<double>();
    for (int c = 0; c < dy.c; ++c) {
      double sum = 0;
      for (int n = 0; n < dy.n; ++n)
        for (std::size_t i = 0; i < dy.pixels(); ++i) sum += detail::plane_of(*call.dy, n, c)[i];
      gradient[c] = sum + (call.add_bias ? gradient[c] : 0.0);
    }
  }
  if (!call.weight) return;
  const detail::DenseInput x(*call.x);
  double* gradient = call.weight->mutable_data<double>();
  if (!call.add_weight) std::fill_n(gradient, call.weight->shape().count(), 0.0);
  const int stride = call.geometry.stride;
  for (int n = 0; n < dy.n; ++n) {
    const auto planes = detail::planes_of(x, n);
    const auto dy_planes = detail::planes_of(*call.dy, n);
    // The small picture is the output of a convolution and the input of a transposed one.
    detail::Canvas large = call.geometry.transposed ? detail::bordered_canvas(*call.dy, n, call.geometry)
                                                    : detail::padded_canvas(planes.data(), x.shape, call.geometry);
    const auto& small = call.geometry.transposed ? planes : dy_planes;
    const Shape small_shape = call.geometry.transposed ? x.shape : dy;
    detail::for_each_tap({1, small_shape.c, small_shape.h, small_shape.w}, large.shape, call.geometry,
                         [&](std::size_t w, int s, int y, int l, int row, int kx, int count) {
                           const double* a = small[static_cast<std::size_t>(s)] +
                                             static_cast<std::size_t>(y) * static_cast<std::size_t>(small_shape.w);
                           const double* b = large.row(l, row) + kx;
                           double sum = 0;
                           for (int j = 0; j < count; ++j) sum += a[j] * b[j * stride];
                           gradient[w] += sum;
                         });
  }
}

}  // namespace pix2pixhd::inline v0
