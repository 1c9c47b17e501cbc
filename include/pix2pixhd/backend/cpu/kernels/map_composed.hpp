#pragma once
/// Tiles of a convolution over labels whose windows are hardly ever uniform: nothing is compared, every tap is looked
/// up. The tables of all taps are larger than a cache, so that all outputs are summed over a few taps at a time.

#include <pix2pixhd/backend/cpu/kernels/counts.hpp>
#include <pix2pixhd/backend/cpu/kernels/map.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// Taps of one sweep over a tile: their tables, of up to a few dozen codes each, stay in the first-level cache.
inline constexpr int map_sweep_taps = 8;

/// An entry of the table has 64 bytes: sixteen floats, or 32 words (map_words.hpp). The entries of a code for the taps
/// of a sweep lie side by side; their place is counted so that that of any code fits into 16 bits.
inline constexpr std::size_t map_place_bytes = 8;
inline constexpr int map_place(int code) { return code * map_sweep_taps * 64 / static_cast<int>(map_place_bytes); }
/// Bytes of the table of one sweep.
inline constexpr std::size_t map_sweep_bytes(int codes) {
  return static_cast<std::size_t>(codes) * map_sweep_taps * 64;
}
/// Sweeps over one row of taps.
inline constexpr int map_sweeps(int kernel) { return (kernel + map_sweep_taps - 1) / map_sweep_taps; }

/// Places are read four at a time: so many behind the last may be read, and are not looked at.
inline constexpr std::size_t map_places_beyond = 3;
/// Place `index` of four that were read as one number.
constexpr std::size_t map_place_of(std::uint64_t four, int index) {
  return (four >> 16 * (std::endian::native == std::endian::little ? index : 3 - index)) & 0xffff;
}

struct MapComposedTile {
  const std::uint16_t* places;  ///< of the codes: of the first pixel under the kernel at the first output pixel
  std::ptrdiff_t pitch;         ///< pixels from one row to the next
  const std::byte* table;       ///< entries [of output channels][ky][kx / map_sweep_taps][code][kx % map_sweep_taps]
  int codes;                    ///< number of them
  int rows, columns;            ///< of the output
  int stride;
  int kernel;
  int width;            ///< stored output channels
  std::int16_t* words;  ///< [rows][columns][32]: room between several sweeps of words over a row of the kernel
  float* sums;          ///< [output block][rows][columns][16]: the result
};

/// A row of outputs, of its sums.
struct MapSumsRow {
  const float* sums;         ///< of the first block
  std::size_t block_stride;  ///< floats from one block to the next
  int count;
  int width;
  const float* units;  ///< [width]: what one of `sums` is
  MapOutputRow output;
};

struct MapComposedKernels {
  void (*sum)(const MapComposedTile&);
  /// Brings the sums to scale, adds the bias, activates and stores.
  void (*finish)(const MapSumsRow&);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/map_composed.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const MapComposedKernels& map_composed_kernels(Isa isa) {
  return select_isa(isa, baseline::map_composed_table, avx2::map_composed_table, avx512::map_composed_table);
}

}  // namespace pix2pixhd::inline v0::detail
