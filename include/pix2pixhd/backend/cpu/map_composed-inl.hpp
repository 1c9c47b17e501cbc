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
      stored(plan.stored),
      tile_rows(plan.tile_rows),
      tile_columns(plan.tile_columns) {
  if (plan.level != 1 || plan.geometry.enlarge != 1) return;
  rows = composed_span(plan.output.h, plan.plane.h, kernel, stride, first);
  columns = composed_span(plan.output.w, plan.plane.w, kernel, stride, first);
}

PIX2PIXHD_INLINE std::size_t ComposedTables::bytes(const ComposedPlan& plan, const MapPlan& map) {
  if (!plan.offered()) return 0;
  const std::size_t edges = aligned_bytes(plan.edge_floats() * sizeof(float)) +
                            aligned_bytes(static_cast<std::size_t>(plan.stored) * sizeof(float));
  return aligned_bytes(plan.label_floats() * sizeof(float)) + (map.edges ? edges : 0);
}

PIX2PIXHD_INLINE ComposedTables::ComposedTables(const ComposedPlan& plan, const MapPlan& map,
                                                const MapTable<const float>& table, Scratch& scratch)
    : plan_(plan), table_(table), zero_row_(map.zero_row()) {
  if (!plan.offered()) return;
  labels_ = scratch.take<float>(plan.label_floats());
  if (!map.edges) return;
  edges_ = scratch.take<float>(plan.edge_floats());
  edge_window_ = scratch.take<float>(static_cast<std::size_t>(plan.stored));
}

PIX2PIXHD_INLINE ComposedTables& ComposedTables::filled() {
  std::call_once(once_, [&] {
    for (int row = 0; row <= zero_row_; ++row) fill(row, row, plan_.classes + 1, labels_);
    if (!edges_) return;
    fill(zero_row_, 0, 2, edges_);
    fill(table_.boundaries, 1, 2, edges_);
    const std::size_t kernel = static_cast<std::size_t>(plan_.kernel / 2);
    for (int c = 0; c < plan_.stored; ++c) {
      double sum = 0;
      for (std::size_t ky = 0; ky < kernel; ++ky)
        sum += static_cast<double>(table_.rows[(static_cast<std::size_t>(table_.boundaries) * kernel + ky) *
                                                   static_cast<std::size_t>(table_.width) +
                                               static_cast<std::size_t>(c)]);
      edge_window_[c] = static_cast<float>(sum);
    }
  });
  return *this;
}

PIX2PIXHD_INLINE void ComposedTables::fill(int row, int code, int codes, float* to) const {
  const int taps = plan_.kernel / 2;  // of the kernel over pooled pixels
  const auto width = static_cast<std::size_t>(table_.width);
  const float* const from = table_.taps + static_cast<std::size_t>(row * taps * taps) * width;
  for (int block = 0; block < plan_.stored / 16; ++block)
    for (int y = 0; y < plan_.kernel; ++y)
      for (int x = 0; x < plan_.kernel; ++x) {
        double sum[16] = {};
        // Tap k averages labels 2k, 2k + 1 and 2k + 2.
        for (int ky = std::max(0, (y - 1) / 2); ky <= std::min(y / 2, taps - 1); ++ky)
          for (int kx = std::max(0, (x - 1) / 2); kx <= std::min(x / 2, taps - 1); ++kx)
            for (int c = 0; c < 16; ++c)
              sum[c] += static_cast<double>(
                  from[static_cast<std::size_t>(ky * taps + kx) * width + static_cast<std::size_t>(block * 16 + c)]);
        const std::size_t tap = static_cast<std::size_t>((block * plan_.kernel + y) * plan_.kernel + x);
        float* const lanes = to + (tap * static_cast<std::size_t>(codes) + static_cast<std::size_t>(code)) * 16;
        for (int c = 0; c < 16; ++c) lanes[c] = static_cast<float>(sum[c] / 9);
      }
}

PIX2PIXHD_INLINE std::size_t ComposedTile::bytes(const ComposedPlan& plan, const MapPlan& map) {
  if (!plan.offered()) return 0;
  return (map.edges ? 2 : 1) * aligned_bytes(plan.codes()) +
         aligned_bytes(static_cast<std::size_t>(plan.stored) * sizeof(float)) +
         aligned_bytes(static_cast<std::size_t>(plan.tile_columns) * 16 * sizeof(float));
}

PIX2PIXHD_INLINE ComposedTile::ComposedTile(const ComposedPlan& plan, const MapPlan& map_plan, const SemanticMap& map,
                                            Scratch& scratch)
    : plan_(plan),
      map_plan_(map_plan),
      labels_(static_cast<const std::uint8_t*>(map.labels()->data())),
      edges_(map.has_edges() ? static_cast<const std::uint8_t*>(map.edges()->data()) : nullptr) {
  if (!plan.offered()) return;
  label_codes_ = scratch.take<std::uint8_t>(plan.codes());
  if (edges_) edge_codes_ = scratch.take<std::uint8_t>(plan.codes());
  bias_ = scratch.take<float>(static_cast<std::size_t>(plan.stored));
  sums_ = scratch.take<float>(static_cast<std::size_t>(plan.tile_columns) * 16);
}

PIX2PIXHD_INLINE void ComposedTile::build(const MapTilePlace& place, std::size_t entries, ComposedTables& tables) {
  const auto within = [](MapSpan span, int first, int count) {
    return MapSpan{std::clamp(span.begin - first, 0, count), std::clamp(span.end - first, 0, count)};
  };
  rows_ = columns_ = {};
  const ConvGeometry& g = map_plan_.geometry;
  const int pixels = ((place.rows - 1) * g.stride + g.kernel) * ((place.columns - 1) * g.stride + g.kernel);
  const std::size_t pooled = entries * static_cast<std::size_t>(g.kernel * g.kernel);
  if (!plan_.offered() || pooled <= static_cast<std::size_t>(pixels) * plan_.taps()) return;
  const MapSpan rows = within(plan_.rows, place.row, place.rows);
  const MapSpan columns = within(plan_.columns, place.column, place.columns);
  if (rows.empty() || columns.empty()) return;
  rows_ = rows;
  columns_ = columns;
  tables_ = &tables;

  const auto zero = static_cast<std::uint8_t>(map_plan_.zero_row());
  const int code_rows = (rows.end - rows.begin - 1) * plan_.stride + plan_.kernel;
  const int code_columns = (columns.end - columns.begin - 1) * plan_.stride + plan_.kernel;
  const int top = (place.row + rows.begin) * plan_.stride + plan_.first;
  const int left = (place.column + columns.begin) * plan_.stride + plan_.first;
  any_edge_ = false;
  all_edges_ = edges_ != nullptr;
  for (int y = 0; y < code_rows; ++y) {
    const std::size_t from = (static_cast<std::size_t>(place.picture) * static_cast<std::size_t>(map_plan_.plane.h) +
                              static_cast<std::size_t>(top + y)) *
                                 static_cast<std::size_t>(map_plan_.plane.w) +
                             static_cast<std::size_t>(left);
    const std::size_t to = static_cast<std::size_t>(y) * static_cast<std::size_t>(plan_.pitch());
    for (int x = 0; x < code_columns; ++x)
      label_codes_[to + static_cast<std::size_t>(x)] = std::min(labels_[from + static_cast<std::size_t>(x)], zero);
    if (!edges_) continue;
    std::uint8_t any = 0, all = 1;
    for (int x = 0; x < code_columns; ++x) {
      const std::uint8_t edge = edges_[from + static_cast<std::size_t>(x)] != 0 ? 1 : 0;
      edge_codes_[to + static_cast<std::size_t>(x)] = edge;
      any |= edge;
      all &= edge;
    }
    any_edge_ = any_edge_ || any != 0;
    all_edges_ = all_edges_ && all != 0;
  }
}

PIX2PIXHD_INLINE void ComposedTile::run(Isa isa, int row, MapOutputRow output) {
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>((row - rows_.begin) * plan_.stride) * plan_.pitch();
  if (all_edges_) {  // every window adds the same
    for (int c = 0; c < plan_.stored; ++c) bias_[c] = output.bias[c] + tables_->edge_window()[c];
    output.bias = bias_;
  }
  map_composed_kernels(isa).forward(
      {.labels = {label_codes_ + at, tables_->labels(), plan_.classes + 1},
       .edges = {any_edge_ && !all_edges_ ? edge_codes_ + at : nullptr, tables_->edges(), 2},
       .pitch = plan_.pitch(),
       .count = columns_.end - columns_.begin,
       .stride = plan_.stride,
       .kernel = plan_.kernel,
       .width = plan_.stored,
       .sums = sums_,
       .output = output});
}

}  // namespace pix2pixhd::inline v0::detail
