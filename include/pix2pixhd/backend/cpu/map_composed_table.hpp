#pragma once
/// A convolution over a map in which neighbours hardly ever agree, as one over the labels at full size, every tap of
/// which is looked up: its kernel is that of the convolution composed with the pooling of the map.
///
/// Of a map that was pooled once it takes 15 x 15 labels instead of 7 x 7 pixels of up to nine classes each:
///
///   pooled[p] = (label[2p - 1] + label[2p] + label[2p + 1]) / 3 along each side, so that with stride s and padding q
///   y[r] = sum over k of w[k] pooled[s r - q + k] = sum over m of c[m] label[2 s r - 2 q - 1 + m],
///   c[m] = (w[m / 2] + w[m / 2 - 1]) / 3 for even m (as far as they exist), w[(m - 1) / 2] / 3 for odd m
///
/// Of a map at full size it takes what there is, c = w: nothing is compared, and a boundary is part of the code of its
/// pixel, so that it is no look-up of its own.
///
/// This holds where every window lies within the map; next to its border the pixels are looked up one by one.
///
/// For blocked outputs a device of precision bf16 keeps the table in whole numbers of 16 bits (words), of which a load
/// brings twice as many, and sums a row of the kernel in them. Their unit, one for each output channel, is such that no
/// row overflows whose taps all have the largest magnitude of any class of this map; an entry is rounded by half of it,
/// which is 2^-16 of that row. (Weights in bf16 would be rounded by up to 2^-9 of each.)

#include <pix2pixhd/backend/cpu/kernels/map_composed.hpp>
#include <pix2pixhd/backend/cpu/map_tile.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <mutex>

namespace pix2pixhd::inline v0::detail {

/// Outputs [begin, end) along one side.
struct MapSpan {
  int begin = 0, end = 0;
  bool empty() const { return begin >= end; }
};

/// Outputs that are summed at once, at most (or one row of a tile): their sums stay in a second-level cache.
inline constexpr int composed_pixels = 1024;

/// Sizes of the composed convolution.
struct ComposedPlan {
  bool words = false;  ///< the table is in whole numbers of 16 bits
  bool pooled = false;
  int taps = 0;  ///< side of the kernel over the map at its level
  int kernel = 0;
  int stride = 0;
  int first = 0;  ///< the label under the first tap of output 0
  int classes = 0;
  bool edges = false;
  int stored = 0;
  int tile_columns = 0;
  int sum_rows = 0;       ///< rows of a tile that are summed at once
  MapSpan rows, columns;  ///< outputs whose windows lie within the map; empty too where it was pooled more than once

  ComposedPlan(const MapPlan& plan, bool in_words);

  bool offered() const { return !rows.empty() && !columns.empty(); }
  /// From which MapTile::look_ups() on it is less work to look up all labels. (Of a map at full size where next to
  /// nothing is uniform it is the same number of look-ups, in a better order.)
  double worth_from() const { return pooled ? static_cast<double>(kernel * kernel) / (taps * taps) : 0.9; }
  /// Whether all outputs of a tile can be computed so.
  bool covers(const MapTilePlace& place) const {
    return place.row >= rows.begin && place.row + place.rows <= rows.end && place.column >= columns.begin &&
           place.column + place.columns <= columns.end;
  }
  int code_rows() const { return (sum_rows - 1) * stride + kernel; }
  int pitch() const { return (tile_columns - 1) * stride + kernel; }
  /// Sweeps over the taps of an entry's output channels.
  int sweeps() const { return kernel * map_sweeps(kernel); }
  /// A pixel's code is its class, or the number of classes where it has none, and so much more on a boundary.
  int code(int label, bool edge) const { return std::min(label, classes) + (edge ? classes + 1 : 0); }
  int codes() const { return (classes + 1) * (edges ? 2 : 1); }
  /// Output channels of an entry of the table, of 64 bytes, and how many of them there are for a tap.
  int lanes() const { return words ? 32 : 16; }
  int entries() const { return (stored + lanes() - 1) / lanes(); }
  std::size_t table_bytes() const { return static_cast<std::size_t>(entries() * sweeps()) * map_sweep_bytes(codes()); }
  std::size_t places() const {
    return static_cast<std::size_t>(code_rows()) * static_cast<std::size_t>(pitch()) + map_places_beyond;
  }
  std::size_t outputs() const { return static_cast<std::size_t>(sum_rows * tile_columns); }
  std::size_t sums() const { return outputs() * static_cast<std::size_t>(stored); }
  /// Words that are kept between the sweeps over a row of the kernel, where these are several.
  std::size_t word_sums() const { return words && map_sweeps(kernel) > 1 ? outputs() * 32 : 0; }
};

/// The taps of the codes that a map has, composed with the pooling, filled when they are first asked for, by any
/// thread.
class ComposedTable {
 public:
  /// `plan`, `map`, the memory of `table` and that of `scratch` must outlive it.
  ComposedTable(const ComposedPlan& plan, const SemanticMap& map, const MapTable<const float>& table, Scratch& scratch);
  static std::size_t bytes(const ComposedPlan& plan);

  /// [entry of the output channels][sweep][code][tap of the sweep][lanes], as MapComposedTile wants it.
  const std::byte* filled();
  /// [stored]: what one is in the sums over the table, once it is filled.
  const float* units() const { return units_; }

 private:
  /// What 16 output channels from `first` on add at tap (y, x) over the labels.
  void add(int label, bool edge, int first, int y, int x, double (&sums)[16]) const;
  void find_codes();
  void choose_units();
  void fill(int label, bool edge);
  /// Calls visit(label, edge) for every code that the map has.
  template <class Visit>
  void for_each_code(Visit&& visit) const;
  /// The taps over the map at its level of which tap `index` over the labels is part, along one side.
  MapSpan taps_of(int index) const;

  const ComposedPlan& plan_;
  const SemanticMap& map_;
  MapTable<const float> table_;
  std::array<bool, 512> seen_{};  ///< [code]
  std::once_flag once_;
  std::byte* entries_ = nullptr;
  float* units_ = nullptr;
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/map_composed_table-inl.hpp>
#endif
