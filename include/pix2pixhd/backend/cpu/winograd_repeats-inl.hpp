#pragma once

#include <pix2pixhd/backend/cpu/winograd_repeats.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <algorithm>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Calls `f` with every source index that `tiles` tiles from tile `first` on read, in the order of the phases.
template <class F>
void for_each_place(const WinogradPlan& plan, const std::vector<int>& table, int first, int tiles, const F& f) {
  const int places = static_cast<int>(table.size()) / plan.source_phases;
  const int count = tiles * plan.tile() + plan.side() - 1;
  for (int phase = 0; phase < plan.source_phases; ++phase) {
    const int* const from = table.data() + phase * places + first * plan.tile();
    std::for_each(from, from + count, f);
  }
}

PIX2PIXHD_INLINE WinogradRepeats::Columns WinogradRepeats::columns_under(const WinogradBlock& block) const {
  Columns result{plan_.source.w, -1};
  for_each_place(plan_, plan_.columns, block.column, block.width, [&](int column) {
    if (column < 0) return;
    result.first = std::min(result.first, column);
    result.last = std::max(result.last, column);
  });
  return result;
}

PIX2PIXHD_INLINE void WinogradRepeats::read_columns(const std::uint8_t* kinds, int tile_row,
                                                    const Columns& columns) const {
  bool first = true, outside = false;
  for_each_place(plan_, plan_.rows, tile_row, 1, [&](int row) {
    outside = outside || row < 0;
    if (outside) return;
    const std::uint8_t* const from = kinds + static_cast<std::size_t>(row) * static_cast<std::size_t>(plan_.source.w);
    for (int x = columns.first; x <= columns.last; ++x)
      columns_[x] = first || columns_[x] == from[x] ? from[x] : no_kind;
    first = false;
  });
  if (outside && columns.first <= columns.last)
    std::fill(columns_ + columns.first, columns_ + columns.last + 1, no_kind);
}

PIX2PIXHD_INLINE int WinogradRepeats::kind_of_tile(int tile_column) const {
  int kind = -1;
  for_each_place(plan_, plan_.columns, tile_column, 1, [&](int column) {
    const int of_column = column < 0 ? no_kind : columns_[column];
    kind = kind < 0 || kind == of_column ? of_column : no_kind;
  });
  return kind;
}

PIX2PIXHD_INLINE void WinogradRepeats::find(const std::uint8_t* kinds, WinogradBlock& block, int* places) const {
  int first_of_kind[no_kind];
  std::fill_n(first_of_kind, int{no_kind}, -1);
  const Columns columns = columns_under(block);
  block.places = places;
  block.computed = 0;
  for (int row = 0; row < block.height; ++row) {
    read_columns(kinds, block.row + row, columns);
    for (int column = 0; column < block.width; ++column) {
      const int kind = kind_of_tile(block.column + column);
      int place = kind == no_kind ? -1 : first_of_kind[kind];
      if (place < 0) {
        place = block.computed++;
        if (kind != no_kind) first_of_kind[kind] = place;
      }
      *places++ = place;
    }
  }
}

}  // namespace pix2pixhd::inline v0::detail
