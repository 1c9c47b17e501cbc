#pragma once
/// Rows of a convolution over a semantic map, by look-up, and of its gradient by the weights.

#include <pix2pixhd/backend/cpu/kernels/activation.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// A share of a pixel: `weight` times the table of `row` (a class, or the boundaries).
struct MapEntry {
  float weight;
  std::int32_t row;
};

/// Entries [begin, end) of a pixel.
struct MapList {
  std::uint32_t begin, end;
};

/// What a kernel sees of a tile of the map, from the first input row of one output row on. A pixel is the class in
/// `classes` plus, where `listed` is set, the entries of its list.
struct MapWindow {
  const std::uint8_t* classes;     ///< rows of the tables; the one without a class is a row of zeros
  const std::uint8_t* listed;      ///< not 0: the pixel has a list
  const std::uint8_t* mixed_row;   ///< not 0: this pixel and the kernel - 1 pixels right of it differ in class
  const std::uint8_t* listed_row;  ///< not 0: one of them has a list
  const std::uint8_t* edge_row;    ///< not 0: all of them are boundaries, of weight 1
  const MapList* lists;
  std::ptrdiff_t pitch;  ///< pixels from one row of these six to the next
  const MapEntry* entries;
  const std::uint8_t* other;  ///< of this output row: 0 where all kernel x kernel pixels have one class and no list
  int count;                  ///< output pixels
  int stride;
  int kernel;
};

/// Tables of sixteen-lane rows; `width` is the number of stored output channels.
///   taps [row][ky][kx][width], rows [row][ky][width]: sums over kx, windows [class][width]: sums over ky and kx.
template <class Float>
struct MapTable {
  Float* taps;
  Float* rows;
  Float* windows;
  int width;
  int boundaries;  ///< their row
};

/// What becomes of the sums of a row of output pixels.
struct MapOutputRow {
  const float* bias;  ///< [width]
  Activation activation;
  Elements y;                ///< of the first block
  std::size_t block_stride;  ///< values from one block of y to the next
  bool stream;               ///< y is aligned to sixteen values and too large for the caches
};

struct MapForwardRow {
  MapWindow window;
  MapTable<const float> table;  ///< `windows` are finished: bias added, activated
  MapOutputRow output;
};

struct MapGradientRow {
  MapWindow window;
  MapTable<float> table;  ///< added to
  ConstElements dy;
  std::size_t block_stride;
};

struct MapKernels {
  void (*forward)(const MapForwardRow&);
  void (*gradient)(const MapGradientRow&);
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/map.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

inline const MapKernels& map_kernels(Isa isa) {
  return select_isa(isa, baseline::map_table, avx2::map_table, avx512::map_table);
}

}  // namespace pix2pixhd::inline v0::detail
