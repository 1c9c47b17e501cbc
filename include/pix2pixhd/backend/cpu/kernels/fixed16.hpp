#pragma once
/// Whole numbers of 16 bits as factors ("block floating point"). Where processors multiply pairs of bf16 they multiply
/// pairs of these as quickly (AVX-512 VNNI), and they hold five bits more: enough for the points of large tiles of
/// Winograd's convolutions, which bf16 is too coarse for.

#include <pix2pixhd/version.hpp>

#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// The value is the number times a scale that it has in common with others.
struct Fixed16 {
  std::int16_t number;
};

/// The largest number; the least is its negative.
inline constexpr int fixed16_most = 4095;
/// Blocks of 16 source channels whose numbers have their scales in common; of each phase, where there are several, an
/// equal share of these.
inline constexpr int fixed16_blocks = 8;

// They are summed in 32 bits, which no numbers shall make overflow.
static_assert(std::int64_t{fixed16_most} * fixed16_most * fixed16_blocks * 16 <= INT32_MAX);

}  // namespace pix2pixhd::inline v0::detail
