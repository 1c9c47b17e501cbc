#pragma once
/// Tiles of a block whose inputs are the same, found by the kinds of their pixels (Pending::kinds). Such tiles are
/// computed once: behind the first layer of a generator, most tiles of a street see one class only.

#include <pix2pixhd/backend/cpu/scratch.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// Finds them, with memory of its own; one worker uses it again and again.
class WinogradRepeats {
 public:
  WinogradRepeats(const WinogradPlan& plan, Scratch& scratch)
      : plan_(plan), columns_(scratch.take<std::uint8_t>(static_cast<std::size_t>(plan.source.w))) {}
  static std::size_t bytes(const WinogradPlan& plan) { return aligned_bytes(static_cast<std::size_t>(plan.source.w)); }

  /// Lets every tile of `block` that repeats an earlier one take its place; `kinds` are those of the source's pixels,
  /// `places` has room for all tiles of the block.
  void find(const std::uint8_t* kinds, WinogradBlock& block, int* places) const;

 private:
  /// Columns [first, last] of the source.
  struct Columns {
    int first, last;
  };
  Columns columns_under(const WinogradBlock& block) const;
  /// The kind of each column under a row of tiles; no_kind where its pixels are not of one.
  void read_columns(const std::uint8_t* kinds, int tile_row, const Columns& columns) const;
  /// The kind of all pixels under a tile of that row; no_kind if there are several, or places outside of the source.
  int kind_of_tile(int tile_column) const;

  const WinogradPlan& plan_;
  std::uint8_t* columns_;  ///< [source column]
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/winograd_repeats-inl.hpp>
#endif
