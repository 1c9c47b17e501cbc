#pragma once

#include <pix2pixhd/backend/cpu/map_composed.hpp>

#include <pix2pixhd/backend/cpu/kernels/map_words.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE std::size_t ComposedTile::bytes(const ComposedPlan& plan) {
  if (!plan.offered()) return 0;
  return aligned_bytes(plan.places() * sizeof(std::uint16_t)) + aligned_bytes(plan.sums() * sizeof(float)) +
         aligned_bytes(plan.word_sums() * sizeof(std::int16_t));
}

PIX2PIXHD_INLINE ComposedTile::ComposedTile(const ComposedPlan& plan, const MapPlan& map_plan, const SemanticMap& map,
                                            Scratch& scratch)
    : plan_(plan),
      map_plan_(map_plan),
      labels_(static_cast<const std::uint8_t*>(map.labels()->data())),
      edges_(map.has_edges() ? static_cast<const std::uint8_t*>(map.edges()->data()) : nullptr),
      place_(map_plan, 0) {
  if (!plan.offered()) return;
  places_ = scratch.take<std::uint16_t>(plan.places());
  sums_ = scratch.take<float>(plan.sums());
  words_ = scratch.take<std::int16_t>(plan.word_sums());
}

PIX2PIXHD_INLINE void ComposedTile::begin(const MapTilePlace& place) {
  leave();
  summed_ = {};
  place_ = place;
  if (!plan_.offered()) return;
  const auto within = [](MapSpan span, int first, int count) {
    return MapSpan{std::clamp(span.begin - first, 0, count), std::clamp(span.end - first, 0, count)};
  };
  const MapSpan rows = within(plan_.rows, place.row, place.rows);
  const MapSpan columns = within(plan_.columns, place.column, place.columns);
  if (rows.empty() || columns.empty()) return;
  rows_ = rows;
  columns_ = columns;
}

PIX2PIXHD_INLINE void ComposedTile::sum(Isa isa, MapSpan rows, ComposedTable& table) {
  summed_ = rows;
  const int code_rows = (rows.end - rows.begin - 1) * plan_.stride + plan_.kernel;
  const auto code_columns = static_cast<std::size_t>((columns_.end - columns_.begin - 1) * plan_.stride + plan_.kernel);
  const int top = (place_.row + rows.begin) * plan_.stride + plan_.first;
  const int left = (place_.column + columns_.begin) * plan_.stride + plan_.first;
  for (int y = 0; y < code_rows; ++y) {
    const std::size_t from = (static_cast<std::size_t>(place_.picture) * static_cast<std::size_t>(map_plan_.plane.h) +
                              static_cast<std::size_t>(top + y)) *
                                 static_cast<std::size_t>(map_plan_.plane.w) +
                             static_cast<std::size_t>(left);
    std::uint16_t* const to = places_ + y * plan_.pitch();
    for (std::size_t x = 0; x < code_columns; ++x)
      to[x] = static_cast<std::uint16_t>(
          map_place(plan_.code(labels_[from + x], edges_ != nullptr && edges_[from + x] != 0)));
  }
  const MapComposedTile tile{.places = places_,
                             .pitch = plan_.pitch(),
                             .table = table.filled(),
                             .codes = plan_.codes(),
                             .rows = rows.end - rows.begin,
                             .columns = columns_.end - columns_.begin,
                             .stride = plan_.stride,
                             .kernel = plan_.kernel,
                             .width = plan_.stored,
                             .words = words_,
                             .sums = sums_};
  plan_.words ? map_word_kernels(isa).sum(tile) : map_composed_kernels(isa).sum(tile);
}

PIX2PIXHD_INLINE void ComposedTile::row(Isa isa, int row, ComposedTable& table, MapOutputRow output) {
  if (row >= summed_.end) sum(isa, {row, std::min(row + plan_.sum_rows, rows_.end)}, table);
  const auto count = static_cast<std::size_t>(columns_.end - columns_.begin);
  map_composed_kernels(isa).finish({.sums = sums_ + static_cast<std::size_t>(row - summed_.begin) * count * 16,
                                    .block_stride = static_cast<std::size_t>(summed_.end - summed_.begin) * count * 16,
                                    .count = static_cast<int>(count),
                                    .width = plan_.stored,
                                    .units = table.units(),
                                    .output = output});
}

}  // namespace pix2pixhd::inline v0::detail
