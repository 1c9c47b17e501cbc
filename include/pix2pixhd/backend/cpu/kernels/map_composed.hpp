#pragma once
/// Rows of a convolution over labels whose windows are hardly ever uniform: nothing is compared, every tap is looked
/// up.

#include <pix2pixhd/backend/cpu/kernels/map.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// A byte for every pixel, and what a tap adds for each value of it.
struct MapPlane {
  const std::uint8_t* codes;  ///< of the first pixel under the kernel at the first output pixel; null: there is none
  const float* table;         ///< [output block][ky][kx][code][16], aligned to 64 bytes
  int code_count;
};

struct MapComposedRow {
  MapPlane labels, edges;
  std::ptrdiff_t pitch;  ///< codes from one row to the next
  int count;             ///< output pixels
  int stride;
  int kernel;
  int width;    ///< stored output channels
  float* sums;  ///< room for [count][16]
  MapOutputRow output;
};

struct MapComposedKernels {
  void (*forward)(const MapComposedRow&);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/map_composed.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const MapComposedKernels& map_composed_kernels(Isa isa) {
  return select_isa(isa, baseline::map_composed_table, avx2::map_composed_table, avx512::map_composed_table);
}

}  // namespace pix2pixhd::inline v0::detail
