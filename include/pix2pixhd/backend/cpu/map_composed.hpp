#pragma once
/// A convolution over a map in which neighbours hardly ever agree, tile by tile: see map_composed_table.hpp.

#include <pix2pixhd/backend/cpu/kernels/map_composed.hpp>
#include <pix2pixhd/backend/cpu/map_composed_table.hpp>
#include <pix2pixhd/backend/cpu/map_tile.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// The part of a tile of the output that the composed convolution computes, a few rows at a time; used again and again
/// by one worker.
class ComposedTile {
 public:
  ComposedTile(const ComposedPlan& plan, const MapPlan& map_plan, const SemanticMap& map, Scratch& scratch);
  static std::size_t bytes(const ComposedPlan& plan);

  /// The outputs of `place` are asked for next, and computed so as far as they can be.
  void begin(const MapTilePlace& place);
  /// None of the next tile's are.
  void leave() { rows_ = columns_ = {}; }
  /// The outputs of row `row` of the tile that are computed so, from the tile's first column on.
  MapSpan columns(int row) const { return row >= rows_.begin && row < rows_.end ? columns_ : MapSpan{}; }
  /// Computes and stores them; rows follow each other. `output` begins at the first of them.
  void row(Isa isa, int row, ComposedTable& table, MapOutputRow output);

 private:
  /// Sums `rows` of the tile.
  void sum(Isa isa, MapSpan rows, ComposedTable& table);

  const ComposedPlan& plan_;
  const MapPlan& map_plan_;
  const std::uint8_t* labels_;
  const std::uint8_t* edges_;
  MapTilePlace place_;
  MapSpan rows_, columns_;           ///< of the tile; empty: nothing is computed so
  MapSpan summed_;                   ///< rows whose sums there are
  std::uint16_t* places_ = nullptr;  ///< [code rows][pitch]
  std::int16_t* words_ = nullptr;    ///< [sum rows][columns][32], between the sweeps over words
  float* sums_ = nullptr;            ///< [output block][summed rows][columns][16], in units of ComposedTable::units()
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/map_composed-inl.hpp>
#endif
