#pragma once

#include <pix2pixhd/backend/cpu/map_tile.hpp>

#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pix2pixhd::inline v0::detail {

/// Eight bytes as one word, from any address. Comparing bytes by words needs no particular instruction set.
inline std::uint64_t load_word(const std::uint8_t* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}
inline void store_word(std::uint8_t* to, std::uint64_t word) { std::memcpy(to, &word, sizeof(word)); }

PIX2PIXHD_INLINE std::size_t map_axis_bytes(const MapPlan& plan, int side_at_level) {
  if (plan.level == 0) return 0;
  const auto side = static_cast<std::size_t>(side_at_level);
  return 2 * aligned_bytes(side * sizeof(int)) +
         aligned_bytes(side * static_cast<std::size_t>(plan.window()) * sizeof(double));
}

PIX2PIXHD_INLINE MapAxis make_map_axis(const MapPlan& plan, int side, int side_at_level, Scratch& scratch) {
  if (plan.level == 0) return {};
  const auto count = static_cast<std::size_t>(side_at_level), stride = static_cast<std::size_t>(plan.window());
  MapAxis axis{scratch.take<int>(count), scratch.take<int>(count), scratch.take<double>(count * stride)};
  for (int i = 0; i < side_at_level; ++i) {
    const PoolingWindow window(side, plan.level, i);
    axis.first[i] = window.first;
    axis.count[i] = static_cast<int>(window.weights.size());
    std::copy(window.weights.begin(), window.weights.end(), axis.weights + static_cast<std::size_t>(i) * stride);
  }
  return axis;
}

PIX2PIXHD_INLINE std::size_t map_tile_bytes(const MapPlan& plan) {
  const auto columns = static_cast<std::size_t>(plan.input_columns()), pitch = static_cast<std::size_t>(plan.pitch());
  const std::size_t pixels = static_cast<std::size_t>(plan.input_rows()) * pitch;
  const std::size_t entries = plan.level == 0 ? 1 : pixels * static_cast<std::size_t>(plan.entries());
  return aligned_bytes(columns * sizeof(int)) + 5 * aligned_bytes(pixels) + aligned_bytes(pitch) +
         aligned_bytes(static_cast<std::size_t>(plan.label_columns())) + aligned_bytes(pixels * sizeof(MapList)) +
         aligned_bytes(entries * sizeof(MapEntry));
}

PIX2PIXHD_INLINE MapTile::MapTile(const MapPlan& plan, const SemanticMap& map, const MapAxis& rows,
                                  const MapAxis& columns, Scratch& scratch)
    : plan_(plan),
      rows_(rows),
      columns_(columns),
      labels_(static_cast<const std::uint8_t*>(map.labels()->data())),
      edges_(map.has_edges() ? static_cast<const std::uint8_t*>(map.edges()->data()) : nullptr),
      place_(plan, 0),
      pitch_(plan.pitch()) {
  const auto pixels = static_cast<std::size_t>(plan.input_rows()) * static_cast<std::size_t>(pitch_);
  column_source_ = scratch.take<int>(static_cast<std::size_t>(plan.input_columns()));
  classes_ = scratch.take<std::uint8_t>(pixels);
  listed_ = scratch.take<std::uint8_t>(pixels);
  mixed_row_ = scratch.take<std::uint8_t>(pixels);
  listed_row_ = scratch.take<std::uint8_t>(pixels);
  edge_row_ = scratch.take<std::uint8_t>(pixels);
  other_ = scratch.take<std::uint8_t>(static_cast<std::size_t>(pitch_));
  differs_ = scratch.take<std::uint8_t>(static_cast<std::size_t>(plan.label_columns()));
  lists_ = scratch.take<MapList>(pixels);
  entries_ = scratch.take<MapEntry>(plan.level == 0 ? 1 : pixels * static_cast<std::size_t>(plan.entries()));
  // The bytes that fill up a row are compared too, although nobody asks for the result but look_ups(): fill_up_row().
  for (std::uint8_t* plane : {classes_, listed_, mixed_row_, listed_row_, edge_row_})
    std::fill_n(plane, pixels, std::uint8_t{0});
}

PIX2PIXHD_INLINE bool MapTile::build(const MapTilePlace& place, double most) {
  place_ = place;
  const ConvGeometry& g = plan_.geometry;
  const auto source = [&](int i, int side) {
    const int inside = padded_index(i - g.padding, side * g.enlarge, g.pad);
    return inside < 0 ? -1 : inside / g.enlarge;
  };
  input_columns_ = (place.columns - 1) * g.stride + g.kernel;
  for (int i = 0; i < input_columns_; ++i) column_source_[i] = source(place.column * g.stride + i, plan_.width);
  entry_count_ = mixed_count_ = 0;
  if (plan_.level == 0) entries_[0] = {1.0f, plan_.edge_row()};
  const int input_rows = (place.rows - 1) * g.stride + g.kernel;
  for (int i = 0; i < input_rows; ++i) {
    build_row(i, source(place.row * g.stride + i, plan_.height));
    rows_read_ = i + 1;
    fill_up_row(i);
    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(i) * pitch_;
    const std::ptrdiff_t end = row + input_columns_ - g.kernel + 1;
    for (std::ptrdiff_t x = row; x < end; x += 8) {
      const std::uint64_t first = load_word(classes_ + x);
      std::uint64_t mixed = 0, listed = load_word(listed_ + x), edge = plan_.level == 0 ? listed : 0;
      for (int k = 1; k < g.kernel; ++k) {
        mixed |= first ^ load_word(classes_ + x + k);
        listed |= load_word(listed_ + x + k);
        edge &= load_word(listed_ + x + k);
      }
      store_word(mixed_row_ + x, mixed);
      store_word(listed_row_ + x, listed);
      store_word(edge_row_ + x, edge);
      if (mixed != 0) mixed_count_ += static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(8, end - x));
    }
    if (i == input_rows / 8 && look_ups() > most) return false;
  }
  return true;
}

PIX2PIXHD_INLINE void MapTile::fill_up_row(int tile_row) {
  std::uint8_t* const row = classes_ + static_cast<std::ptrdiff_t>(tile_row) * pitch_;
  std::fill(row + input_columns_, row + pitch_, row[input_columns_ - 1]);
}

PIX2PIXHD_INLINE MapWindow MapTile::window(int row) {
  const ConvGeometry& g = plan_.geometry;
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(row * g.stride) * pitch_;
  for (std::ptrdiff_t x = 0; x < input_columns_ - g.kernel + 1; x += 8) {
    const std::uint64_t first = load_word(classes_ + at + x);
    std::uint64_t other = 0;
    for (std::ptrdiff_t k = 0, below = at + x; k < g.kernel; ++k, below += pitch_)
      other |= (first ^ load_word(classes_ + below)) | load_word(mixed_row_ + below) | load_word(listed_row_ + below);
    store_word(other_ + x, other);
  }
  return {.classes = classes_ + at,
          .listed = listed_ + at,
          .mixed_row = mixed_row_ + at,
          .listed_row = listed_row_ + at,
          .edge_row = edge_row_ + at,
          .lists = lists_ + at,
          .pitch = pitch_,
          .entries = entries_,
          .other = other_,
          .count = place_.columns,
          .stride = g.stride,
          .kernel = g.kernel};
}

PIX2PIXHD_INLINE void MapTile::build_row(int tile_row, int source) {
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(tile_row) * pitch_;
  const auto zero = static_cast<std::uint8_t>(plan_.zero_row());
  if (source < 0) {
    std::fill_n(classes_ + at, input_columns_, zero);
    std::fill_n(listed_ + at, input_columns_, std::uint8_t{0});
    return;
  }
  if (plan_.level > 0) return build_pooled_row(tile_row, source);
  const std::size_t row = (static_cast<std::size_t>(place_.picture) * static_cast<std::size_t>(plan_.plane.h) +
                           static_cast<std::size_t>(source)) *
                          static_cast<std::size_t>(plan_.plane.w);
  for (int i = 0; i < input_columns_; ++i) {
    const int column = column_source_[i];
    classes_[at + i] = column < 0 ? zero : std::min(labels_[row + static_cast<std::size_t>(column)], zero);
  }
  if (!edges_) return;
  for (int i = 0; i < input_columns_; ++i) {
    const int column = column_source_[i];
    const bool edge = column >= 0 && edges_[row + static_cast<std::size_t>(column)] != 0;
    listed_[at + i] = edge ? 1 : 0;
    if (edge) lists_[at + i] = {0, 1};
  }
}

PIX2PIXHD_INLINE void MapTile::build_pooled_row(int tile_row, int source) {
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(tile_row) * pitch_;
  const auto zero = static_cast<std::uint8_t>(plan_.zero_row());
  const auto width = static_cast<std::size_t>(plan_.plane.w);
  const std::size_t first_row = (static_cast<std::size_t>(place_.picture) * static_cast<std::size_t>(plan_.plane.h) +
                                 static_cast<std::size_t>(rows_.first[source])) *
                                width;
  const int rows = rows_.count[source];
  // Columns of labels under the tile: from those of its leftmost to those of its rightmost column.
  int left = plan_.width, right = -1;
  for (int i = 0; i < input_columns_; ++i)
    if (column_source_[i] >= 0) {
      left = std::min(left, column_source_[i]);
      right = std::max(right, column_source_[i]);
    }
  const int begin = right < 0 ? 0 : columns_.first[left];
  const int end = right < 0 ? 0 : columns_.first[right] + columns_.count[right];
  const std::uint8_t* const labels = labels_ + first_row + begin;
  const std::uint8_t* const edges = edges_ ? edges_ + first_row + begin : nullptr;
  int x = 0;
  for (; x + 8 <= end - begin; x += 8) {
    const std::uint64_t top = load_word(labels + x);
    std::uint64_t differs = edges ? load_word(edges + x) : 0;
    for (int i = 1; i < rows; ++i) {
      const std::size_t below = static_cast<std::size_t>(i) * width + static_cast<std::size_t>(x);
      differs |= top ^ load_word(labels + below);
      if (edges) differs |= load_word(edges + below);
    }
    store_word(differs_ + x, differs);
  }
  for (; x < end - begin; ++x) {
    int differs = edges ? edges[x] : 0;
    for (int i = 1; i < rows; ++i) {
      const std::size_t below = static_cast<std::size_t>(i) * width + static_cast<std::size_t>(x);
      differs |= labels[x] ^ labels[below];
      if (edges) differs |= edges[below];
    }
    differs_[x] = static_cast<std::uint8_t>(differs);
  }
  for (int i = 0; i < input_columns_; ++i) {
    const int column = column_source_[i];
    listed_[at + i] = 0;
    classes_[at + i] = zero;
    if (column < 0) continue;
    const int first = columns_.first[column] - begin, count = columns_.count[column];
    int differs = 0;
    for (int j = first; j < first + count; ++j) differs |= differs_[j] | (labels[j] ^ labels[first]);
    if (differs == 0)
      classes_[at + i] = std::min(labels[first], zero);
    else
      add_pixel(static_cast<std::size_t>(at + i), source, column);
  }
}

PIX2PIXHD_INLINE std::uint32_t MapTile::add_entry(double weight, int row) {
  entries_[entry_count_] = {static_cast<float>(weight), row};
  return ++entry_count_;
}

/// Averages a pixel that is not of one class without a boundary: each class once, in the order in which it appears.
PIX2PIXHD_INLINE void MapTile::add_pixel(std::size_t at, int source_row, int source_column) {
  std::uint8_t seen[257];  // whether a label is new nobody can predict: it is always written behind the others
  int seen_count = 0;
  double edge = 0;
  const auto stride = static_cast<std::size_t>(plan_.window()), width = static_cast<std::size_t>(plan_.plane.w);
  const double* const row_weights = rows_.weights + static_cast<std::size_t>(source_row) * stride;
  const double* const column_weights = columns_.weights + static_cast<std::size_t>(source_column) * stride;
  std::size_t pixel = (static_cast<std::size_t>(place_.picture) * static_cast<std::size_t>(plan_.plane.h) +
                       static_cast<std::size_t>(rows_.first[source_row])) *
                          width +
                      static_cast<std::size_t>(columns_.first[source_column]);
  for (int i = 0; i < rows_.count[source_row]; ++i, pixel += width)
    for (int j = 0; j < columns_.count[source_column]; ++j) {
      const double weight = row_weights[i] * column_weights[j];
      const std::uint8_t label = labels_[pixel + static_cast<std::size_t>(j)];
      double& share = shares_[label];
      seen[seen_count] = label;
      seen_count += share == 0 ? 1 : 0;
      share += weight;
      if (edges_ && edges_[pixel + static_cast<std::size_t>(j)] != 0) edge += weight;
    }
  MapList list{entry_count_, entry_count_};
  if (seen_count == 1)  // of one class after all, but with a boundary
    classes_[at] = std::min(seen[0], static_cast<std::uint8_t>(plan_.zero_row()));
  else
    for (int i = 0; i < seen_count; ++i)
      if (seen[i] < plan_.classes) list.end = add_entry(shares_[seen[i]], seen[i]);
  if (edge > 0) list.end = add_entry(edge, plan_.edge_row());
  for (int i = 0; i < seen_count; ++i) shares_[seen[i]] = 0;
  lists_[at] = list;
  listed_[at] = list.end > list.begin ? 1 : 0;
}

}  // namespace pix2pixhd::inline v0::detail
