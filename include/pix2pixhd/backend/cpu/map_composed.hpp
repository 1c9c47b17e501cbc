#pragma once
/// A convolution over a map that was pooled once, as one over the labels at full size: its kernel is that of the
/// convolution composed with the pooling. Where most pooled pixels are of many classes this looks up less: 15 x 15
/// labels instead of 7 x 7 pixels of up to nine classes each.
///
///   pooled[p] = (label[2p - 1] + label[2p] + label[2p + 1]) / 3 along each side, so that with stride s and padding q
///   y[r] = sum over k of w[k] pooled[s r - q + k] = sum over m of c[m] label[2 s r - 2 q - 1 + m],
///   c[m] = (w[m / 2] + w[m / 2 - 1]) / 3 for even m (as far as they exist), w[(m - 1) / 2] / 3 for odd m
///
/// This holds where every window lies within the map; next to its border the pooled pixels are looked up.

#include <pix2pixhd/backend/cpu/kernels/map_composed.hpp>
#include <pix2pixhd/backend/cpu/map_tile.hpp>

#include <cstddef>
#include <cstdint>
#include <mutex>

namespace pix2pixhd::inline v0::detail {

/// Outputs [begin, end) along one side.
struct MapSpan {
  int begin = 0, end = 0;
  bool empty() const { return begin >= end; }
};

/// Sizes of the composed convolution.
struct ComposedPlan {
  int kernel = 0;
  int stride = 0;
  int first = 0;  ///< the label under the first tap of output 0
  int classes = 0;
  bool edges = false;
  int stored = 0;
  int tile_rows = 0, tile_columns = 0;
  MapSpan rows, columns;  ///< outputs whose windows lie within the map; empty too where the map is not pooled once

  explicit ComposedPlan(const MapPlan& plan);

  bool offered() const { return !rows.empty() && !columns.empty(); }
  /// Entries of a pooled pixel from which on to look up all labels is less work.
  double worth_from() const {
    const int pooled = kernel / 2;  // side of the kernel over pooled pixels
    return static_cast<double>(kernel * kernel) / (pooled * pooled);
  }
  /// Whether all outputs of a tile can be computed so.
  bool covers(const MapTilePlace& place) const {
    return place.row >= rows.begin && place.row + place.rows <= rows.end && place.column >= columns.begin &&
           place.column + place.columns <= columns.end;
  }
  int code_rows() const { return (tile_rows - 1) * stride + kernel; }
  int pitch() const { return (tile_columns - 1) * stride + kernel; }
  /// Sweeps over the taps of an output block.
  int sweeps() const { return kernel * map_sweeps(kernel); }
  /// A pixel's code is its class, or the number of classes where it has none, and so much more on a boundary.
  int code(int label, bool edge) const { return std::min(label, classes) + (edge ? classes + 1 : 0); }
  int codes() const { return (classes + 1) * (edges ? 2 : 1); }
  std::size_t table_floats() const {
    return static_cast<std::size_t>(stored / 16 * sweeps()) * map_sweep_floats(codes());
  }
  std::size_t pixels() const { return static_cast<std::size_t>(code_rows()) * static_cast<std::size_t>(pitch()); }
  std::size_t sums() const { return static_cast<std::size_t>(tile_rows * tile_columns * stored); }
};

/// The taps of all codes composed with the pooling, filled when they are first asked for, by any thread.
class ComposedTable {
 public:
  /// `table` and `scratch` must outlive it.
  ComposedTable(const ComposedPlan& plan, const MapTable<const float>& table, Scratch& scratch);
  static std::size_t bytes(const ComposedPlan& plan);

  const float* filled();

 private:
  void fill(int label, bool edge);

  const ComposedPlan& plan_;
  MapTable<const float> table_;
  std::once_flag once_;
  float* floats_ = nullptr;
};

/// The labels under the part of a tile of the output that the composed convolution computes, used again and again by
/// one worker.
class ComposedTile {
 public:
  ComposedTile(const ComposedPlan& plan, const MapPlan& map_plan, const SemanticMap& map, Scratch& scratch);
  static std::size_t bytes(const ComposedPlan& plan);

  /// Sums the outputs of `place`, as far as they can be computed so.
  void sum(Isa isa, const MapTilePlace& place, ComposedTable& table);
  /// Sums none.
  void leave() { rows_ = columns_ = {}; }
  /// The outputs of row `row` of the tile that were summed, from the tile's first column on.
  MapSpan columns(int row) const { return row >= rows_.begin && row < rows_.end ? columns_ : MapSpan{}; }
  /// Finishes and stores them. `output` begins at the first of them.
  void finish(Isa isa, int row, MapOutputRow output) const;

 private:
  const ComposedPlan& plan_;
  const MapPlan& map_plan_;
  const std::uint8_t* labels_;
  const std::uint8_t* edges_;
  MapSpan rows_, columns_;           ///< of the tile; empty: nothing is computed so
  std::uint16_t* places_ = nullptr;  ///< [code rows][pitch]
  float* sums_ = nullptr;            ///< [output block][rows][columns][16], of those that are computed so
  std::size_t block_stride_ = 0;     ///< of the sums
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/map_composed-inl.hpp>
#endif
