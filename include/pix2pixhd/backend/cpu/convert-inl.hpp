#pragma once
/// Exchange of tensors and bytes with the host.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/runs.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Pixels that one chunk of a conversion takes.
inline constexpr std::size_t converted_pixels = 4096;

/// Calls f(first channel, channels, offset of the first in a host array, offset in the tensor, pixels) for pieces of
/// every run of a tensor; in the host array channels lie shape.pixels() apart, in the tensor pixels `block` apart.
template <class F>
void for_each_piece(const CpuBackend& backend, const Tensor& x, F&& f) {
  const Runs runs(x);
  const Shape& shape = x.shape();
  const std::size_t pixels = shape.pixels();
  const int pieces = static_cast<int>((pixels + converted_pixels - 1) / converted_pixels);
  backend.pool().parallel_for(runs.count() * pieces, [&](int i, int) {
    const int run = i / pieces, first = run % runs.of_picture * runs.lanes;
    const std::size_t from = static_cast<std::size_t>(i % pieces) * converted_pixels;
    const std::size_t host = static_cast<std::size_t>(run / runs.of_picture * shape.c + first) * pixels + from;
    f(std::min(runs.lanes, shape.c - first), host, runs.offset(run) + from * static_cast<std::size_t>(runs.lanes),
      std::min(converted_pixels, pixels - from));
  });
}

template <class Element, class T>
void write_values(const CpuBackend& backend, Tensor& y, const T* values) {
  Element* const to = y.mutable_data<Element>();
  const std::size_t stride = y.shape().pixels(), lanes = static_cast<std::size_t>(y.format().block);
  for_each_piece(backend, y, [&](int channels, std::size_t host, std::size_t at, std::size_t pixels) {
    for (std::size_t i = 0; i < pixels; ++i)
      for (std::size_t c = 0; c < lanes; ++c)
        to[at + i * lanes + c] = to_element<Element>(
            c < static_cast<std::size_t>(channels) ? static_cast<float>(values[host + c * stride + i]) : 0.0f);
  });
}

template <class Element, class T>
void read_values(const CpuBackend& backend, const Tensor& x, T* values) {
  const Element* const from = x.data<Element>();
  const std::size_t stride = x.shape().pixels(), lanes = static_cast<std::size_t>(x.format().block);
  for_each_piece(backend, x, [&](int channels, std::size_t host, std::size_t at, std::size_t pixels) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c)
      for (std::size_t i = 0; i < pixels; ++i)
        values[host + c * stride + i] = static_cast<T>(to_float(from[at + i * lanes + c]));
  });
}

}  // namespace detail

PIX2PIXHD_INLINE void CpuBackend::write(Tensor& y, const void* values, DataType type) {
  detail::with_element(y.format().type, [&](auto element) {
    if (type == DataType::f64)
      detail::write_values<decltype(element)>(*this, y, static_cast<const double*>(values));
    else
      detail::write_values<decltype(element)>(*this, y, static_cast<const float*>(values));
  });
}

PIX2PIXHD_INLINE void CpuBackend::read(const Tensor& x, void* values, DataType type) {
  x.storage()->check();
  detail::with_element(x.format().type, [&](auto element) {
    if (type == DataType::f64)
      detail::read_values<decltype(element)>(*this, x, static_cast<double*>(values));
    else
      detail::read_values<decltype(element)>(*this, x, static_cast<float*>(values));
  });
}

PIX2PIXHD_INLINE void CpuBackend::write_bytes(Storage& y, const void* bytes, std::size_t count) {
  if (count > 0) std::memcpy(y.mutable_data(), bytes, count);
}

PIX2PIXHD_INLINE void CpuBackend::read_bytes(const Storage& x, void* bytes, std::size_t count) {
  x.check();
  if (count > 0) std::memcpy(bytes, x.data(), count);
}

}  // namespace pix2pixhd::inline v0
