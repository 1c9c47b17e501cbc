#pragma once
/// What Winograd's kernels are told of a convolution: its pictures, and where values at points lie.

#include <pix2pixhd/backend/cpu/kernels/source.hpp>
#include <pix2pixhd/backend/cpu/moments.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// Values at points, of blocks of channels: [point][block][tile][16].
template <class T>
struct PointValues {
  T* values = nullptr;
  std::size_t point = 0;  ///< values from one point to the next
  std::size_t plane = 0;  ///< values from one block to the next

  PointValues at(int of_point, int block, int tile = 0) const {
    return {values + static_cast<std::size_t>(of_point) * point + static_cast<std::size_t>(block) * plane + tile * 16,
            point, plane};
  }
};

/// What is the same for all tiles of a picture.
struct WinogradJob {
  Picture source;                       ///< blocked
  const std::uint8_t* kinds = nullptr;  ///< of its pixels: see Pending::kinds; null: not known
  int tile = 4;                         ///< m, the side of a tile of outputs
  int source_phases = 1;                ///< in either dimension
  const int* rows = nullptr;            ///< [phase][place]: source row of every row that tiles read; -1: zeros
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
  int before = 0;               ///< in a row of a block: tiles of earlier rows whose products are computed
  int computed = 0;             ///< tiles whose products are computed
  const int* places = nullptr;  ///< [row][column]: the place of a tile among these, that of an earlier tile where it
                                ///< has the same inputs; null: all are computed, in their order

  int place(int tile) const { return places ? places[tile] : tile; }
  /// Row `i` by itself, if `earlier` tiles of the rows before it are computed.
  WinogradBlock row_of_tiles(int i, int earlier) const {
    WinogradBlock result = *this;
    result.row += i;
    result.height = 1;
    result.before = earlier;
    result.computed = width;
    if (places) {
      result.places += i * width;
      int done = earlier;
      for (int tile = 0; tile < width; ++tile)
        if (result.places[tile] == done) ++done;
      result.computed = done - earlier;
    }
    return result;
  }
};

/// Tiles of a row of a block, side by side.
struct WinogradTiles {
  int first = 0, count = 0;
};

/// The next tiles of row `row` that are to be computed, from column `from` on; `done` tiles of the block were.
inline WinogradTiles next_computed(const WinogradBlock& block, int row, int from, int done) {
  if (!block.places) return {from, block.width - from};
  const int* const places = block.places + row * block.width;
  WinogradTiles tiles{from, 0};
  while (tiles.first < block.width && places[tiles.first] < done) ++tiles.first;
  while (tiles.first + tiles.count < block.width && places[tiles.first + tiles.count] == done + tiles.count)
    ++tiles.count;
  return tiles;
}

}  // namespace pix2pixhd::inline v0::detail
