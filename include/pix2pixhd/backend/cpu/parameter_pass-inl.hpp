#pragma once

#include <pix2pixhd/backend/cpu/parameter_pass.hpp>

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// Calls f(first, last) for pieces of `count` values, side by side.
template <class F>
void for_each_piece(CpuBackend& backend, std::size_t count, F&& f) {
  constexpr std::size_t piece = 32768;
  const std::size_t pieces = (count + piece - 1) / piece;
  backend.pool().parallel_for(static_cast<int>(pieces), [&](int index, int) {
    const std::size_t first = static_cast<std::size_t>(index) * piece;
    f(first, std::min(first + piece, count));
  });
}

PIX2PIXHD_INLINE void move_towards_pass(CpuBackend& backend, const Tensor& x, double share, Tensor& y) {
  x.storage()->check();
  const float* const from = x.data<float>();
  float* const to = y.mutable_data<float>();
  const auto part = static_cast<float>(share);
  for_each_piece(backend, y.bytes() / sizeof(float), [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) to[i] += part * (from[i] - to[i]);
  });
}

PIX2PIXHD_INLINE bool all_finite_pass(CpuBackend& backend, const Tensor& x) {
  // An exponent of ones means infinity or not a number. Bits are compared because compilers may take it that floats
  // are finite.
  x.storage()->check();
  const auto all_finite = [&]<class Bits>(const Bits* bits, Bits exponent) {
    std::atomic<bool> finite{true};
    for_each_piece(backend, x.bytes() / sizeof(Bits), [&](std::size_t first, std::size_t last) {
      Bits found = 0;
      for (std::size_t i = first; i < last; ++i) found |= static_cast<Bits>((bits[i] & exponent) == exponent ? 1 : 0);
      if (found != 0) finite.store(false, std::memory_order_relaxed);
    });
    return finite.load();
  };
  if (x.format().type == DataType::bf16) return all_finite(x.data<std::uint16_t>(), std::uint16_t{0x7f80});
  return all_finite(x.data<std::uint32_t>(), std::uint32_t{0x7f800000});
}

}  // namespace pix2pixhd::inline v0::detail
