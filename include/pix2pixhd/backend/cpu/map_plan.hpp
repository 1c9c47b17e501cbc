#pragma once
/// Sizes of a convolution over a semantic map: tables, tiles, temporary memory. They depend on shapes only.

#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/core/calls.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Sides of a tile of the output. A pooled pixel may be a list of many classes, so that tiles of pooled maps are
/// smaller.
inline constexpr int map_tile_rows = 16;
inline constexpr int map_tile_columns = 256;
inline constexpr int pooled_map_tile_columns = 64;

/// What follows from the geometry, the map's shape and the number of output channels.
struct MapPlan {
  ConvGeometry geometry;
  Shape plane;  ///< of the labels
  int classes = 0;
  bool edges = false;
  int level = 0;
  int height = 0, width = 0;  ///< of the map at its level
  Shape output;
  int stored = 0;  ///< output channels, filled up to whole blocks
  int tile_rows = 0, tile_columns = 0, tiles_down = 0, tiles_across = 0;

  MapPlan(const ConvGeometry& convolution, const SemanticMap& map, int channels)
      : geometry(convolution),
        plane(map.plane()),
        classes(map.classes()),
        edges(map.has_edges()),
        level(map.level()),
        height(map.shape().h),
        width(map.shape().w),
        output{plane.n, channels, convolution.output(height), convolution.output(width)},
        stored((channels + 15) / 16 * 16) {
    require(!geometry.transposed,
            "a transposed convolution cannot read a semantic map; begin the network with an ordinary convolution.");
    tile_rows = std::min(map_tile_rows, output.h);
    tile_columns = std::min(level == 0 ? map_tile_columns : pooled_map_tile_columns, output.w);
    tiles_down = (output.h + tile_rows - 1) / tile_rows;
    tiles_across = (output.w + tile_columns - 1) / tile_columns;
  }

  int tiles() const { return tiles_down * tiles_across; }
  int kernel() const { return geometry.kernel; }
  /// The row of the tables for pixels without a class, which is zeros, and the row of the boundaries.
  int zero_row() const { return classes; }
  int edge_row() const { return classes + 1; }

  std::size_t tap_floats() const { return count(classes + 2) * count(kernel()) * count(kernel()) * count(stored); }
  std::size_t row_floats() const { return count(classes + 2) * count(kernel()) * count(stored); }
  std::size_t window_floats() const { return count(classes + 1) * count(stored); }
  std::size_t table_floats() const { return tap_floats() + row_floats() + window_floats(); }

  /// Input pixels of a tile, with those that only the edge of the kernel reads.
  int input_rows() const { return (tile_rows - 1) * geometry.stride + kernel(); }
  int input_columns() const { return (tile_columns - 1) * geometry.stride + kernel(); }
  /// Bytes from one row of a tile to the next; rows are compared in steps of eight bytes.
  int pitch() const { return (input_columns() + 15) / 8 * 8; }
  /// Pixels of the labels that one row or column of the map averages, at most.
  int window() const { return (2 << level) - 1; }
  /// Entries of one pixel, at most: each of its classes, and the boundaries.
  int entries() const {
    const int pixels = level < 4 ? window() * window() : classes;
    return (level == 0 ? 0 : std::min(pixels, classes)) + (edges ? 1 : 0);
  }
  /// Columns of the labels under the columns of a tile, at most.
  int label_columns() const { return std::min(plane.w, (input_columns() << level) + window()); }

 private:
  static constexpr std::size_t count(int value) { return static_cast<std::size_t>(value); }
};

}  // namespace pix2pixhd::inline v0::detail
