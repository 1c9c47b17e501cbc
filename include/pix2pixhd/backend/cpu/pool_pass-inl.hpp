#pragma once

#include <pix2pixhd/backend/cpu/pool_pass.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/kernels/pool.hpp>
#include <pix2pixhd/backend/cpu/runs.hpp>
#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pix2pixhd::inline v0::detail {

/// Rows that one chunk of a pooling or an extension takes.
inline constexpr int rows_of_chunk = 16;

/// Calls f(run, y) for every run of `x` and every one of `height` rows.
template <class F>
void for_each_row(CpuBackend& backend, int runs, int height, F&& f) {
  const int chunks = (height + rows_of_chunk - 1) / rows_of_chunk;
  backend.pool().parallel_for(runs * chunks, [&](int i, int) {
    const int run = i / chunks, first = i % chunks * rows_of_chunk;
    for (int y = first; y < std::min(first + rows_of_chunk, height); ++y) f(run, y);
  });
}

/// Rows of a tensor by run and number.
template <class Void>
struct RowsOf {
  ElementsFrom<Void> values;
  Runs runs;
  std::size_t width;  ///< values of a row
  RowsOf(ElementsFrom<Void> first, const Tensor& x)
      : values(first), runs(x), width(static_cast<std::size_t>(x.shape().w) * static_cast<std::size_t>(runs.lanes)) {}
  Void* operator()(int run, int y) const {
    return (values + (runs.offset(run) + static_cast<std::size_t>(y) * width)).address;
  }
  std::size_t bytes_of_pixel() const { return static_cast<std::size_t>(runs.lanes) * size_of(values.type); }
};
inline RowsOf<const void> rows_of(const Tensor& x) { return {elements(x), x}; }
inline RowsOf<void> mutable_rows_of(const Tensor& x) { return {mutable_elements(x), x}; }

PIX2PIXHD_INLINE void pool_pass(CpuBackend& backend, const Tensor& x, Pooling pooling, Tensor& y) {
  const Shape in = x.shape(), out = y.shape();
  const RowsOf from = rows_of(x);
  const RowsOf to = mutable_rows_of(y);
  const PoolKernels& kernels = pool_kernels(backend.isa());
  for_each_row(backend, to.runs.count(), out.h, [&](int run, int i) {
    PoolRow row{.in_width = in.w, .out_width = out.w, .step = to.runs.lanes, .type = to.values.type};
    row.to[0] = to(run, i);
    const int first = pooling == Pooling::average3 ? std::max(2 * i - 1, 0) : 2 * i;
    const int last = std::min(2 * i + 1, in.h - 1);
    for (int a = first; a <= last; ++a) row.from[row.rows++] = from(run, a);
    (pooling == Pooling::average3 ? kernels.average3 : kernels.max2)(row);
  });
}

PIX2PIXHD_INLINE void pool_backward_pass(CpuBackend& backend, const Tensor& dy, const Tensor& x, Pooling pooling,
                                         Tensor& dx) {
  const Shape in = dx.shape(), out = dy.shape();
  const RowsOf from = rows_of(dy);
  const RowsOf to = mutable_rows_of(dx);
  const PoolKernels& kernels = pool_kernels(backend.isa());
  if (pooling == Pooling::average3) {
    for_each_row(backend, to.runs.count(), in.h, [&](int run, int a) {
      PoolRow row{.in_width = in.w, .out_width = out.w, .step = to.runs.lanes, .type = to.values.type};
      row.to[0] = to(run, a);
      for (int i = a / 2; i <= std::min(a / 2 + a % 2, out.h - 1); ++i) {
        row.share[row.rows] = 1.0f / static_cast<float>(std::min(2 * i + 1, in.h - 1) - std::max(2 * i - 1, 0) + 1);
        row.from[row.rows++] = from(run, i);
      }
      kernels.average3_backward(row);
    });
    return;
  }
  const RowsOf input = rows_of(x);
  for_each_row(backend, to.runs.count(), (in.h + 1) / 2, [&](int run, int i) {
    if (i >= out.h) {  // the last of an odd number of rows is read by no output
      std::memset(to(run, 2 * i), 0, to.width * size_of(to.values.type));
      return;
    }
    PoolRow row{.in_width = in.w, .out_width = out.w, .step = to.runs.lanes, .type = to.values.type};
    row.from[0] = from(run, i);
    for (int k = 0; k < 2; ++k) {
      row.to[k] = to(run, 2 * i + k);
      row.x[k] = input(run, 2 * i + k);
    }
    kernels.max2_backward(row);
  });
}

PIX2PIXHD_INLINE std::size_t instance_mean_workspace(const Shape& shape, const Format& format, int largest_count) {
  const Runs runs(shape, format);
  return aligned_bytes(static_cast<std::size_t>(runs.count()) * static_cast<std::size_t>(largest_count) *
                       static_cast<std::size_t>(runs.lanes + 1) * sizeof(double));
}

/// Replaces the values of one run by the means of their instances. `sums` has room for count * (lanes + 1).
template <class T>
void instance_mean_run(const T* from, const std::int32_t* index, std::size_t pixels, std::size_t count,
                       std::size_t lanes, double* sums, T* to) {
  double* const counts = sums + count * lanes;
  std::fill_n(sums, count * (lanes + 1), 0.0);
  // Runs of pixels of one instance are the rule: their sum stays in registers.
  for (std::size_t i = 0; i < pixels;) {
    const auto id = static_cast<std::size_t>(index[i]);
    const std::size_t begin = i;
    double sum[16] = {};
    for (; i < pixels && static_cast<std::size_t>(index[i]) == id; ++i)
      for (std::size_t lane = 0; lane < lanes; ++lane)
        sum[lane] += static_cast<double>(to_float(from[i * lanes + lane]));
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[id * lanes + lane] += sum[lane];
    counts[id] += static_cast<double>(i - begin);
  }
  for (std::size_t id = 0; id < count; ++id)
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[id * lanes + lane] /= std::max(counts[id], 1.0);
  for (std::size_t i = 0; i < pixels; ++i)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      to[i * lanes + lane] = to_element<T>(static_cast<float>(sums[static_cast<std::size_t>(index[i]) * lanes + lane]));
}

PIX2PIXHD_INLINE void instance_mean_pass(CpuBackend& backend, const Tensor& x, const InstanceMap& instances, Tensor& y,
                                         std::byte* workspace) {
  const Runs runs(x);
  const std::size_t pixels = x.shape().pixels(), lanes = static_cast<std::size_t>(runs.lanes);
  const auto largest = static_cast<std::size_t>(instances.largest_count());
  Scratch scratch(backend, instance_mean_workspace(x.shape(), x.format(), instances.largest_count()), workspace);
  double* const tables = scratch.take<double>(static_cast<std::size_t>(runs.count()) * largest * (lanes + 1));
  const auto* const indices = static_cast<const std::int32_t*>(instances.indices()->data());
  with_element(x.format().type, [&](auto element) {
    using T = decltype(element);
    const T* const from = x.data<T>();
    T* const to = y.mutable_data<T>();
    backend.pool().parallel_for(runs.count(), [&](int run, int) {
      const int picture = run / runs.of_picture;
      instance_mean_run(from + runs.offset(run), indices + static_cast<std::size_t>(picture) * pixels, pixels,
                        static_cast<std::size_t>(instances.count(picture)), lanes,
                        tables + static_cast<std::size_t>(run) * largest * (lanes + 1), to + runs.offset(run));
    });
  });
}

/// Source of position `i` of a row of `side` pixels continued by reflection with period 2 (side - 1).
inline int reflected_index(int i, int side) {
  if (side == 1) return 0;
  const int period = 2 * (side - 1), phase = i % period;
  return phase < side ? phase : period - phase;
}

/// Continues a row of `from_width` pixels of `bytes` bytes to `to_width` pixels.
inline void extend_row(const std::byte* from, int from_width, std::byte* to, int to_width, std::size_t bytes) {
  const int shared = std::min(from_width, to_width);
  std::memcpy(to, from, static_cast<std::size_t>(shared) * bytes);
  for (int i = shared; i < to_width; ++i)
    std::memcpy(to + static_cast<std::size_t>(i) * bytes,
                from + static_cast<std::size_t>(reflected_index(i, from_width)) * bytes, bytes);
}

PIX2PIXHD_INLINE void extend_pass(CpuBackend& backend, const Tensor& x, Tensor& y) {
  const RowsOf from = rows_of(x);
  const RowsOf to = mutable_rows_of(y);
  const std::size_t bytes = to.bytes_of_pixel();
  for_each_row(backend, to.runs.count(), y.shape().h, [&](int run, int i) {
    extend_row(static_cast<const std::byte*>(from(run, reflected_index(i, x.shape().h))), x.shape().w,
               static_cast<std::byte*>(to(run, i)), y.shape().w, bytes);
  });
}

PIX2PIXHD_INLINE void extend_plane_pass(CpuBackend& backend, const Storage& x, const Shape& from, Storage& y,
                                        const Shape& to) {
  const auto* const in = static_cast<const std::byte*>(x.data());
  auto* const out = static_cast<std::byte*>(y.mutable_data());
  for_each_row(backend, to.n, to.h, [&](int n, int i) {
    const std::size_t source = static_cast<std::size_t>(n) * static_cast<std::size_t>(from.h) +
                               static_cast<std::size_t>(reflected_index(i, from.h));
    const std::size_t row = static_cast<std::size_t>(n) * static_cast<std::size_t>(to.h) + static_cast<std::size_t>(i);
    extend_row(in + source * static_cast<std::size_t>(from.w), from.w, out + row * static_cast<std::size_t>(to.w), to.w,
               1);
  });
}

}  // namespace pix2pixhd::inline v0::detail
