#pragma once

#include <pix2pixhd/backend/cpu/map_composed.hpp>

#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// Outputs, of `outputs`, all of whose `kernel` labels from output * stride + first on lie within `side` labels.
inline MapSpan composed_span(int outputs, int side, int kernel, int stride, int first) {
  const int begin = (-first + stride - 1) / stride;  // first is negative
  const int last = side - kernel - first;
  return {begin, last < 0 ? begin : std::min(outputs, last / stride + 1)};
}

PIX2PIXHD_INLINE ComposedPlan::ComposedPlan(const MapPlan& plan)
    : kernel(2 * plan.kernel() + 1),
      stride(2 * plan.geometry.stride),
      first(-2 * plan.geometry.padding - 1),
      classes(plan.classes),
      edges(plan.edges),
      stored(plan.stored),
      tile_rows(plan.tile_rows),
      tile_columns(plan.tile_columns) {
  if (plan.level != 1 || plan.geometry.enlarge != 1) return;
  rows = composed_span(plan.output.h, plan.plane.h, kernel, stride, first);
  columns = composed_span(plan.output.w, plan.plane.w, kernel, stride, first);
}

PIX2PIXHD_INLINE std::size_t ComposedTable::bytes(const ComposedPlan& plan) {
  return plan.offered() ? aligned_bytes(plan.table_floats() * sizeof(float)) : 0;
}

PIX2PIXHD_INLINE ComposedTable::ComposedTable(const ComposedPlan& plan, const MapTable<const float>& table,
                                              Scratch& scratch)
    : plan_(plan), table_(table), floats_(plan.offered() ? scratch.take<float>(plan.table_floats()) : nullptr) {}

PIX2PIXHD_INLINE const float* ComposedTable::filled() {
  std::call_once(once_, [&] {
    for (const bool edge : {false, true})
      if (!edge || plan_.edges)
        for (int label = 0; label <= plan_.classes; ++label) fill(label, edge);
  });
  return floats_;
}

PIX2PIXHD_INLINE void ComposedTable::fill(int label, bool edge) {
  const int taps = plan_.kernel / 2;  // of the kernel over pooled pixels
  const auto width = static_cast<std::size_t>(table_.width);
  const auto row = [&](int index) { return table_.taps + static_cast<std::size_t>(index * taps * taps) * width; };
  const float* const of_label = row(label);
  const float* const of_edge = edge ? row(table_.boundaries) : nullptr;
  for (int block = 0; block < plan_.stored / 16; ++block)
    for (int y = 0; y < plan_.kernel; ++y)
      for (int x = 0; x < plan_.kernel; ++x) {
        double sum[16] = {};
        // Tap k averages labels 2k, 2k + 1 and 2k + 2.
        for (int ky = std::max(0, (y - 1) / 2); ky <= std::min(y / 2, taps - 1); ++ky)
          for (int kx = std::max(0, (x - 1) / 2); kx <= std::min(x / 2, taps - 1); ++kx)
            for (int c = 0; c < 16; ++c) {
              const std::size_t at =
                  static_cast<std::size_t>(ky * taps + kx) * width + static_cast<std::size_t>(block * 16 + c);
              sum[c] += static_cast<double>(of_label[at]) + (of_edge ? static_cast<double>(of_edge[at]) : 0.0);
            }
        const auto sweep =
            static_cast<std::size_t>(block * plan_.sweeps() + y * map_sweeps(plan_.kernel) + x / map_sweep_taps);
        float* const lanes = floats_ + sweep * map_sweep_floats(plan_.codes()) +
                             static_cast<std::size_t>(map_place(plan_.code(label, edge))) * 2 +
                             static_cast<std::size_t>(x % map_sweep_taps) * 16;
        for (int c = 0; c < 16; ++c) lanes[c] = static_cast<float>(sum[c] / 9);
      }
}

PIX2PIXHD_INLINE std::size_t ComposedTile::bytes(const ComposedPlan& plan) {
  if (!plan.offered()) return 0;
  return aligned_bytes(plan.pixels() * sizeof(std::uint16_t)) + aligned_bytes(plan.sums() * sizeof(float));
}

PIX2PIXHD_INLINE ComposedTile::ComposedTile(const ComposedPlan& plan, const MapPlan& map_plan, const SemanticMap& map,
                                            Scratch& scratch)
    : plan_(plan),
      map_plan_(map_plan),
      labels_(static_cast<const std::uint8_t*>(map.labels()->data())),
      edges_(map.has_edges() ? static_cast<const std::uint8_t*>(map.edges()->data()) : nullptr) {
  if (!plan.offered()) return;
  places_ = scratch.take<std::uint16_t>(plan.pixels());
  sums_ = scratch.take<float>(plan.sums());
}

PIX2PIXHD_INLINE void ComposedTile::sum(Isa isa, const MapTilePlace& place, ComposedTable& table) {
  leave();
  if (!plan_.offered()) return;
  const auto within = [](MapSpan span, int first, int count) {
    return MapSpan{std::clamp(span.begin - first, 0, count), std::clamp(span.end - first, 0, count)};
  };
  const MapSpan rows = within(plan_.rows, place.row, place.rows);
  const MapSpan columns = within(plan_.columns, place.column, place.columns);
  if (rows.empty() || columns.empty()) return;
  rows_ = rows;
  columns_ = columns;

  const int code_rows = (rows.end - rows.begin - 1) * plan_.stride + plan_.kernel;
  const auto code_columns = static_cast<std::size_t>((columns.end - columns.begin - 1) * plan_.stride + plan_.kernel);
  const int top = (place.row + rows.begin) * plan_.stride + plan_.first;
  const int left = (place.column + columns.begin) * plan_.stride + plan_.first;
  for (int y = 0; y < code_rows; ++y) {
    const std::size_t from = (static_cast<std::size_t>(place.picture) * static_cast<std::size_t>(map_plan_.plane.h) +
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
                             .columns = columns.end - columns.begin,
                             .stride = plan_.stride,
                             .kernel = plan_.kernel,
                             .width = plan_.stored,
                             .sums = sums_};
  block_stride_ = static_cast<std::size_t>(tile.rows * tile.columns) * 16;
  map_composed_kernels(isa).sum(tile);
}

PIX2PIXHD_INLINE void ComposedTile::finish(Isa isa, int row, MapOutputRow output) const {
  const int count = columns_.end - columns_.begin;
  map_composed_kernels(isa).finish({.sums = sums_ + static_cast<std::size_t>((row - rows_.begin) * count) * 16,
                                    .block_stride = block_stride_,
                                    .count = count,
                                    .width = plan_.stored,
                                    .output = output});
}

}  // namespace pix2pixhd::inline v0::detail
