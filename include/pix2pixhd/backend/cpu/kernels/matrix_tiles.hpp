#pragma once
/// Products of small matrices of bf16 in the tile registers of AMX (Intel 64 and IA-32 Architectures Software
/// Developer's Manual, volume 1, chapter 18): sixteen pixels times sixteen outputs at once.
///
///   sum[pixel][output] += over k of source[pixel][2k] weights[k][output][0] + source[pixel][2k + 1]
///   weights[k][output][1]
///
/// That is how sources and weights lie for the vectors' pairs of bf16 too, so that nothing is packed for the tiles.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// Which tile registers hold what: four of sums, two of sources, two of weights.
inline constexpr int first_sum_tile = 0, first_source_tile = 4, first_weight_tile = 6, tile_registers = 8;
/// Rows of a tile of sums and of sources: pixels.
inline constexpr int tile_pixels = 16;

/// The memory that LDTILECFG reads.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};

  /// For sources of `depth` channels, an even number up to 16.
  explicit constexpr TileConfiguration(int depth) {
    for (int i = 0; i < tile_registers; ++i) {
      const bool weights = i >= first_weight_tile, sources = i >= first_source_tile && !weights;
      row_bytes[i] = static_cast<std::uint16_t>(sources ? 2 * depth : 64);
      rows[i] = static_cast<std::uint8_t>(weights ? depth / 2 : tile_pixels);
    }
  }
};
static_assert(sizeof(TileConfiguration) == 64);

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_FOR_BF16_ONLY
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/matrix_tiles.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
