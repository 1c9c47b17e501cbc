#pragma once

#include <pix2pixhd/backend/cpu/map_composed_table.hpp>

#include <pix2pixhd/backend/cpu/kernels/map_words.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>

namespace pix2pixhd::inline v0::detail {

/// Outputs, of `outputs`, all of whose `kernel` labels from output * stride + first on lie within `side` labels.
inline MapSpan composed_span(int outputs, int side, int kernel, int stride, int first) {
  const int begin = (-first + stride - 1) / stride;  // first is not positive
  const int last = side - kernel - first;
  return {begin, last < 0 ? begin : std::min(outputs, last / stride + 1)};
}

PIX2PIXHD_INLINE ComposedPlan::ComposedPlan(const MapPlan& plan, bool in_words)
    : words(in_words),
      pooled(plan.level == 1),
      taps(plan.kernel()),
      kernel(pooled ? 2 * taps + 1 : taps),
      stride(pooled ? 2 * plan.geometry.stride : plan.geometry.stride),
      first(pooled ? -2 * plan.geometry.padding - 1 : -plan.geometry.padding),
      classes(plan.classes),
      edges(plan.edges),
      stored(plan.stored),
      tile_columns(plan.tile_columns),
      sum_rows(std::clamp(composed_pixels / plan.tile_columns, 1, plan.tile_rows)) {
  if (plan.level > 1 || plan.geometry.enlarge != 1) return;
  rows = composed_span(plan.output.h, plan.plane.h, kernel, stride, first);
  columns = composed_span(plan.output.w, plan.plane.w, kernel, stride, first);
}

PIX2PIXHD_INLINE std::size_t ComposedTable::bytes(const ComposedPlan& plan) {
  if (!plan.offered()) return 0;
  return aligned_bytes(plan.table_bytes()) + aligned_bytes(static_cast<std::size_t>(plan.stored) * sizeof(float));
}

PIX2PIXHD_INLINE ComposedTable::ComposedTable(const ComposedPlan& plan, const SemanticMap& map,
                                              const MapTable<const float>& table, Scratch& scratch)
    : plan_(plan), map_(map), table_(table) {
  if (!plan.offered()) return;
  entries_ = scratch.take<std::byte>(plan.table_bytes());
  units_ = scratch.take<float>(static_cast<std::size_t>(plan.stored));
}

PIX2PIXHD_INLINE const std::byte* ComposedTable::filled() {
  std::call_once(once_, [&] {
    find_codes();
    std::fill_n(units_, plan_.stored, 1.0f);
    if (plan_.words) {
      choose_units();
      std::fill_n(entries_, plan_.table_bytes(), std::byte{0});  // the last entry may have lanes of no channel
    }
    for_each_code([&](int label, bool edge) { fill(label, edge); });
  });
  return entries_;
}

PIX2PIXHD_INLINE void ComposedTable::find_codes() {
  const auto* const labels = static_cast<const std::uint8_t*>(map_.labels()->data());
  const auto* const edges = plan_.edges ? static_cast<const std::uint8_t*>(map_.edges()->data()) : nullptr;
  const std::size_t pixels = map_.plane().count();
  for (std::size_t i = 0; i < pixels; ++i)
    seen_[static_cast<std::size_t>(plan_.code(labels[i], edges != nullptr && edges[i] != 0))] = true;
}

template <class Visit>
void ComposedTable::for_each_code(Visit&& visit) const {
  for (const bool edge : {false, true})
    for (int label = 0; label <= plan_.classes; ++label)
      if (seen_[static_cast<std::size_t>(plan_.code(label, edge))]) visit(label, edge);
}

PIX2PIXHD_INLINE MapSpan ComposedTable::taps_of(int index) const {
  // Tap k of a pooled map averages labels 2k, 2k + 1 and 2k + 2.
  return plan_.pooled ? MapSpan{std::max(0, (index - 1) / 2), std::min(index / 2, plan_.taps - 1) + 1}
                      : MapSpan{index, index + 1};
}

PIX2PIXHD_INLINE void ComposedTable::add(int label, bool edge, int first, int y, int x, double (&sums)[16]) const {
  const auto width = static_cast<std::size_t>(table_.width);
  const double labels = plan_.pooled ? 9 : 1;  // that a pixel of the map averages
  const MapSpan down = taps_of(y), across = taps_of(x);
  for (double& sum : sums) sum = 0;
  for (int ky = down.begin; ky < down.end; ++ky)
    for (int kx = across.begin; kx < across.end; ++kx) {
      const auto taps = [&](int row) {
        return table_.taps + static_cast<std::size_t>((row * plan_.taps + ky) * plan_.taps + kx) * width + first;
      };
      for (int c = 0; c < 16; ++c) sums[c] += static_cast<double>(taps(label)[c]);
      if (edge)
        for (int c = 0; c < 16; ++c) sums[c] += static_cast<double>(taps(table_.boundaries)[c]);
    }
  for (double& sum : sums) sum /= labels;
}

/// The larger of two magnitudes; what is no number stays.
inline double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

PIX2PIXHD_INLINE void ComposedTable::choose_units() {
  for (int first = 0; first < plan_.stored; first += 16) {
    double bounds[16] = {};  // of the sums over a row of the kernel
    for (int y = 0; y < plan_.kernel; ++y) {
      double row[16] = {};
      for (int x = 0; x < plan_.kernel; ++x) {
        double most[16] = {}, sums[16];
        for_each_code([&](int label, bool edge) {
          add(label, edge, first, y, x, sums);
          for (int c = 0; c < 16; ++c) most[c] = larger(most[c], std::abs(sums[c]));
        });
        for (int c = 0; c < 16; ++c) row[c] += most[c];
      }
      for (int c = 0; c < 16; ++c) bounds[c] = larger(bounds[c], row[c]);
    }
    // Each entry is rounded by half a unit at most.
    for (int c = 0; c < 16; ++c) units_[first + c] = static_cast<float>(bounds[c] / (map_word_limit - plan_.kernel));
  }
}

PIX2PIXHD_INLINE void ComposedTable::fill(int label, bool edge) {
  constexpr double smallest = std::numeric_limits<float>::min();  // below it a unit is rounded too far
  for (int first = 0; first < plan_.stored; first += 16)
    for (int y = 0; y < plan_.kernel; ++y)
      for (int x = 0; x < plan_.kernel; ++x) {
        double sums[16];
        add(label, edge, first, y, x, sums);
        const auto sweep = static_cast<std::size_t>(first / plan_.lanes() * plan_.sweeps() +
                                                    y * map_sweeps(plan_.kernel) + x / map_sweep_taps);
        std::byte* const entry = entries_ + sweep * map_sweep_bytes(plan_.codes()) +
                                 static_cast<std::size_t>(map_place(plan_.code(label, edge))) * map_place_bytes +
                                 static_cast<std::size_t>(x % map_sweep_taps) * 64;
        if (!plan_.words) {
          for (int c = 0; c < 16; ++c) reinterpret_cast<float*>(entry)[c] = static_cast<float>(sums[c]);
          continue;
        }
        auto* const words = reinterpret_cast<std::int16_t*>(entry) + first % 32;
        for (int c = 0; c < 16; ++c) {
          const auto unit = static_cast<double>(units_[first + c]);
          // Else the sums are next to zero, or what is no number comes of the unit.
          const bool divides = unit >= smallest && std::isfinite(unit);
          words[c] = static_cast<std::int16_t>(divides ? std::lrint(sums[c] / unit) : 0);
        }
      }
}

}  // namespace pix2pixhd::inline v0::detail
