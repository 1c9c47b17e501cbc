#pragma once
/// A tile of a semantic map, prepared for look-up.

#include <pix2pixhd/backend/cpu/kernels/map.hpp>
#include <pix2pixhd/backend/cpu/map_plan.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace pix2pixhd::inline v0::detail {

/// The pooling windows of all rows or all columns of a map at its level: PoolingWindow, in arrays.
struct MapAxis {
  int* first;       ///< [side at the level]
  int* count;       ///< [side at the level]
  double* weights;  ///< [side at the level][window]
};

std::size_t map_axis_bytes(const MapPlan& plan, int side_at_level);
/// Fills the windows of an axis of `side` labels. At level 0 nothing is needed and nothing is taken.
MapAxis make_map_axis(const MapPlan& plan, int side, int side_at_level, Scratch& scratch);

/// Where a tile lies in the output.
struct MapTilePlace {
  int picture, row, column, rows, columns;
  MapTilePlace(const MapPlan& plan, int tile)
      : picture(tile / plan.tiles()),
        row(tile % plan.tiles() / plan.tiles_across * plan.tile_rows),
        column(tile % plan.tiles_across * plan.tile_columns),
        rows(std::min(plan.tile_rows, plan.output.h - row)),
        columns(std::min(plan.tile_columns, plan.output.w - column)) {}
};

/// Room for one tile, used again and again by one worker. Its size has a bound that no content of the map exceeds:
/// map_tile_bytes().
class MapTile {
 public:
  MapTile(const MapPlan& plan, const SemanticMap& map, const MapAxis& rows, const MapAxis& columns, Scratch& scratch);

  /// Reads the part of the map under a tile of the output. False if it stopped soon, because look_ups() of the first
  /// rows was more than `most`; the tile is of no use then.
  bool build(const MapTilePlace& place, double most = std::numeric_limits<double>::infinity());
  /// What the kernels see of output row `row` of the tile.
  MapWindow window(int row);
  /// What a tap costs beside the sums over whole windows and rows of them, on average: of a pooled map the entries of a
  /// pixel; of one at full size the share of row windows (eight at a time) that are not of one class.
  double look_ups() const {
    const int columns = plan_.level == 0 ? input_columns_ - plan_.kernel() + 1 : input_columns_;
    return (plan_.level == 0 ? mixed_count_ : entry_count_) / (static_cast<double>(rows_read_) * columns);
  }

 private:
  void build_row(int tile_row, int source);
  void build_pooled_row(int tile_row, int source);
  /// Repeats the last class behind it, so that no window is mixed by what an earlier tile left there.
  void fill_up_row(int tile_row);
  void add_pixel(std::size_t at, int source_row, int source_column);
  std::uint32_t add_entry(double weight, int row);

  const MapPlan& plan_;
  const MapAxis& rows_;
  const MapAxis& columns_;
  const std::uint8_t* labels_;
  const std::uint8_t* edges_;
  MapTilePlace place_;
  int input_columns_ = 0;
  int rows_read_ = 0;
  int pitch_;
  int* column_source_;     ///< [input columns]: column at the level, -1: zero
  std::uint8_t* classes_;  ///< [input rows][pitch], and so on
  std::uint8_t* listed_;
  std::uint8_t* mixed_row_;
  std::uint8_t* listed_row_;
  std::uint8_t* edge_row_;
  std::uint8_t* other_;    ///< [pitch]
  std::uint8_t* differs_;  ///< [label columns]: this column of labels is not of one class or has a boundary
  MapList* lists_;
  MapEntry* entries_;
  std::array<double, 256> shares_{};  ///< of each label in the pixel that is averaged; zeros between pixels
  std::uint32_t entry_count_ = 0;
  std::uint32_t mixed_count_ = 0;
};

std::size_t map_tile_bytes(const MapPlan& plan);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/map_tile-inl.hpp>
#endif
