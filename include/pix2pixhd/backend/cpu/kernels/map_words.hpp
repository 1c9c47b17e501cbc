#pragma once
/// Sums over a tile of labels as in map_composed.hpp, of whole numbers of 16 bits: half as many loads, which are what
/// bounds them.

#include <pix2pixhd/backend/cpu/kernels/map_composed.hpp>

#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// The largest sum of a row of the kernel that words hold.
inline constexpr int map_word_limit = 32767;

struct MapWordKernels {
  /// As MapComposedKernels::sum, of a table of words of which no row of the kernel sums to more than map_word_limit.
  void (*sum)(const MapComposedTile&);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/map_words.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const MapWordKernels& map_word_kernels(Isa isa) {
  return select_isa(isa, baseline::map_word_table, avx2::map_word_table, avx512::map_word_table);
}

}  // namespace pix2pixhd::inline v0::detail
