#pragma once
/// What Winograd's kernels are told of a convolution: its pictures, and where values at points lie.

#include <pix2pixhd/backend/cpu/kernels/source.hpp>
#include <pix2pixhd/backend/cpu/moments.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Values at points, of blocks of channels: [point][block][tile][16].
template <class T>
struct PointValues {
  T* values = nullptr;
  std::size_t point = 0;  ///< values from one point to the next
  std::size_t plane = 0;  ///< values from one block to the next
};

/// What is the same for all tiles of a picture.
struct WinogradJob {
  Picture source;             ///< blocked
  int tile = 4;               ///< m, the side of a tile of outputs
  int source_phases = 1;      ///< in either dimension
  const int* rows = nullptr;  ///< [phase][place]: source row of every row that tiles read; -1: zeros
  const int* columns = nullptr;
  int row_places = 0, column_places = 0;

  Elements output = {};  ///< blocked
  int output_channels = 0;
  int output_height = 0, output_width = 0;
  int output_phases = 1;        ///< in either dimension: pixel i of phase p is output pixel i * output_phases + p
  const float* bias = nullptr;  ///< null: none
  bool add = false;             ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< [block][chunk] of this picture, a chunk a phase of a WinogradBlock; null: not
                                    ///< wanted
  std::size_t moment_chunks = 0;
};

/// A rectangle of tiles.
struct WinogradBlock {
  int index = 0;
  int row = 0, column = 0;  ///< of the first tile, counted in tiles
  int height = 0, width = 0;
};

}  // namespace pix2pixhd::inline v0::detail
