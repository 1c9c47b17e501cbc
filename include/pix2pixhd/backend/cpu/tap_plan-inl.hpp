#pragma once

#include <pix2pixhd/backend/cpu/kernels/narrow.hpp>
#include <pix2pixhd/backend/cpu/kernels/planar.hpp>
#include <pix2pixhd/backend/cpu/tap_plan.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0::detail {

/// `count` pixels, filled up to whole vectors of sixteen.
inline int whole_lanes(int count) { return (count + 15) / 16 * 16; }

/// Sides of tiles, chosen from shapes only: about 256 pixels, few enough that the sources of a tile fit into a second
/// cache of 1 MB where they can, and rows that the micro-kernels cover well.
inline void choose_tiles(TapPlan& plan) {
  constexpr int longest = 64;
  const int unit = plan.grain.pixels;
  const int width = plan.columns.grid;
  if (width <= longest + 2) {
    plan.columns.tile = width;
  } else {
    const int parts = (width + longest - 1) / longest;
    plan.columns.tile = ((width + parts - 1) / parts + unit - 1) / unit * unit;
  }
  constexpr std::size_t most_bytes = 1u << 20;
  plan.rows.tile = std::min(plan.rows.grid, std::max(4, 256 / std::max(1, plan.columns.tile)));
  if (plan.source_blocks() <= 4) plan.rows.tile = std::min(plan.rows.grid, 2 * plan.rows.tile);
  while (plan.rows.tile > 4 && plan.scratch_bytes() > most_bytes) plan.rows.tile /= 2;
  while (plan.rows.tile > 2 && plan.scratch_bytes() > 2 * most_bytes) plan.rows.tile /= 2;
  // Small pictures: enough pieces for several threads, as long as one is worth waking a thread for.
  constexpr double worth_waking = 5e5;
  constexpr int enough_items = 8;
  const double work = static_cast<double>(plan.rows.grid) * plan.columns.grid * plan.all_taps * plan.source.c *
                      static_cast<double>(plan.output.c);
  const int groups = (plan.output_blocks() + plan.grain.widest - 1) / plan.grain.widest;
  const int items = std::min(enough_items, static_cast<int>(std::min(work / worth_waking, 1e6)));
  while (plan.rows.tile > 2 && plan.tiles() * groups < items) plan.rows.tile = (plan.rows.tile + 1) / 2;
}

/// What both kinds of plans share, once phases and tables stand.
inline void finish_plan(TapPlan& plan) {
  for (const PlannedPhase& phase : plan.phases) {
    plan.all_taps += static_cast<int>(phase.taps.size());
    for (const PlannedTap& tap : phase.taps) plan.reach = std::max({plan.reach, tap.row + 1, tap.column + 1});
  }
  std::size_t most_taps = 1;
  for (const PlannedPhase& phase : plan.phases) most_taps = std::max(most_taps, phase.taps.size());
  // A slice's weights, up to 64 channels wide, take about 150 KB of the second cache.
  plan.slice = std::clamp(static_cast<int>(36 / most_taps), 1, 16);
  choose_tiles(plan);
}

PIX2PIXHD_INLINE TapPlan plan_strided(const Shape& source, const Shape& output, const ConvGeometry& geometry,
                                      const TapGrain& grain) {
  TapPlan plan{.source = source, .output = output, .stride = geometry.stride, .grain = grain};
  PlannedPhase phase;
  for (int row = 0; row < geometry.kernel; ++row)
    for (int column = 0; column < geometry.kernel; ++column)
      phase.taps.push_back({.row = row, .column = column, .weight = row * geometry.kernel + column});
  plan.phases.push_back(phase);
  const auto axis = [&](int side, int grid) {
    TapAxis result{.grid = grid};
    for (int i = 0; i < (grid - 1) * geometry.stride + geometry.kernel; ++i) {
      const int at = i - geometry.padding, large = side * geometry.enlarge;
      const bool beyond = at >= large + geometry.padding;  // never by the convolution itself, but by a gradient
      const int index = beyond ? -1 : padded_index(at, large, geometry.pad);
      result.source.push_back(index < 0 ? -1 : index / geometry.enlarge);
    }
    return result;
  };
  plan.rows = axis(source.h, output.h);
  plan.columns = axis(source.w, output.w);
  finish_plan(plan);
  return plan;
}

PIX2PIXHD_INLINE TapPlan plan_gathered(const Shape& source, const Shape& output, int kernel, int stride, int padding,
                                       const TapGrain& grain) {
  TapPlan plan{.source = source, .output = output, .step = stride, .grain = grain};
  // Output pixel o is touched by source pixel s through tap k = o + padding - s * stride.
  struct Reach {
    int offset, tap;
  };
  std::vector<std::vector<Reach>> reaches(static_cast<std::size_t>(stride));
  int lowest = 0;
  for (int phase = 0; phase < stride; ++phase)
    for (int tap = 0; tap < kernel; ++tap) {
      const int distance = phase + padding - tap;
      if (((distance % stride) + stride) % stride != 0) continue;
      reaches[static_cast<std::size_t>(phase)].push_back({.offset = distance / stride, .tap = tap});
      lowest = std::min(lowest, distance / stride);
    }
  for (int row = 0; row < stride; ++row)
    for (int column = 0; column < stride; ++column) {
      PlannedPhase phase{.row = row, .column = column};
      for (const Reach& y : reaches[static_cast<std::size_t>(row)])
        for (const Reach& x : reaches[static_cast<std::size_t>(column)])
          phase.taps.push_back(
              {.row = y.offset - lowest, .column = x.offset - lowest, .weight = y.tap * kernel + x.tap});
      plan.phases.push_back(phase);
    }
  int reach = 1;
  for (const auto& list : reaches)
    for (const Reach& r : list) reach = std::max(reach, r.offset - lowest + 1);
  const auto axis = [&](int side, int out) {
    TapAxis result{.grid = (out + stride - 1) / stride};
    for (int i = 0; i < result.grid - 1 + reach; ++i) {
      const int at = i + lowest;
      result.source.push_back(at >= 0 && at < side ? at : -1);
    }
    return result;
  };
  plan.rows = axis(source.h, output.h);
  plan.columns = axis(source.w, output.w);
  finish_plan(plan);
  return plan;
}

PIX2PIXHD_INLINE TapPlan plan_strip(const Shape& source, const Shape& output, int kernel, const Strip& strip,
                                    bool turned, const TapGrain& grain) {
  TapPlan plan{.source = source, .output = output, .grain = grain, .turned = turned};
  plan.output.h = turned ? strip.width : strip.height;
  plan.output.w = turned ? strip.height : strip.width;
  // Output pixel o is touched by source pixel o - tap; places are counted from the last tap.
  PlannedPhase phase;
  for (int row = 0; row < kernel; ++row)
    for (int column = 0; column < kernel; ++column) {
      const int down = kernel - 1 - row, right = kernel - 1 - column;
      phase.taps.push_back(
          {.row = turned ? right : down, .column = turned ? down : right, .weight = row * kernel + column});
    }
  plan.phases.push_back(phase);
  const auto axis = [&](int side, int first, int count) {
    TapAxis result{.grid = count};
    for (int i = 0; i < count - 1 + kernel; ++i) {
      const int at = first + i - (kernel - 1);
      result.source.push_back(at >= 0 && at < side ? at : -1);
    }
    return result;
  };
  plan.rows = turned ? axis(source.w, strip.column, strip.width) : axis(source.h, strip.row, strip.height);
  plan.columns = turned ? axis(source.h, strip.row, strip.height) : axis(source.w, strip.column, strip.width);
  finish_plan(plan);
  return plan;
}

PIX2PIXHD_INLINE ScratchShape TapPlan::scratch() const {
  const int height = (rows.tile - 1) * stride + reach, width = (columns.tile - 1) * stride + reach;
  if (planar) {
    const int pitch = (whole_lanes(columns.tile) + reach + 14) / 16 * 16;
    return {.pitch = pitch, .plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(pitch)};
  }
  return {.pitch = width, .plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * 16};
}

PIX2PIXHD_INLINE std::size_t TapPlan::scratch_bytes() const {
  return scratch().plane * static_cast<std::size_t>(planar ? 16 : source_blocks()) * size_of(factors);
}

PIX2PIXHD_INLINE std::size_t TapPlan::sums_floats() const {
  if (planar)
    return static_cast<std::size_t>(rows.tile) * static_cast<std::size_t>(whole_lanes(columns.tile)) *
           static_cast<std::size_t>(output.c);
  return static_cast<std::size_t>(rows.tile) * static_cast<std::size_t>(columns.tile) *
         static_cast<std::size_t>(grain.widest) * 16;
}

PIX2PIXHD_INLINE std::size_t TapPlan::packed_values() const {
  return static_cast<std::size_t>(all_taps) * static_cast<std::size_t>(source_blocks() * depth()) *
         static_cast<std::size_t>(narrow > 0 ? output.c : output_blocks() * 16);
}

PIX2PIXHD_INLINE TapTile TapPlan::tile(int index) const {
  TapTile result;
  result.index = index;
  result.row = index / columns.tiles() * rows.tile;
  result.column = index % columns.tiles() * columns.tile;
  result.height = std::min(rows.tile, rows.grid - result.row);
  result.width = std::min(columns.tile, columns.grid - result.column);
  return result;
}

PIX2PIXHD_INLINE void TapPlan::moment_counts(int* counts) const {
  const auto pixels = [&](int first, int count, int phase, int side) {
    const int fitting = (side - phase + step - 1) / step - first;  // grid pixels whose output pixel exists
    return std::clamp(fitting, 0, count);
  };
  for (int i = 0; i < tiles(); ++i) {
    const TapTile t = tile(i);
    for (const PlannedPhase& phase : phases)
      *counts++ = pixels(t.row, t.height, phase.row, output.h) * pixels(t.column, t.width, phase.column, output.w);
  }
}

/// Sides of the planar kernel's tiles: a block of channels stays in a second cache, and little is read twice.
inline void choose_planar_tiles(TapPlan& plan) {
  constexpr int longest = 128, highest = 32, enough_tiles = 8;
  const int width = plan.columns.grid, parts = (width + longest - 1) / longest;
  plan.columns.tile = parts == 1 ? width : whole_lanes((width + parts - 1) / parts);
  plan.rows.tile = std::min(plan.rows.grid, highest);
  while (plan.rows.tile > 4 && plan.tiles() < enough_tiles) plan.rows.tile = (plan.rows.tile + 1) / 2;
}

PIX2PIXHD_INLINE void make_narrow(TapPlan& plan, Isa isa) {
  constexpr int most_outputs = 7, least_inputs = 16;
  if (plan.output.c > most_outputs || plan.source.c < least_inputs) return;
  plan.narrow = narrow_kernels(isa).widest;
  // Transposing a source pixel has to pay: so many products of it, at least.
  constexpr int least_products = 32;
  const int products = plan.all_taps * plan.output.c;
  if (plan.stride > 1 || plan.output.c < 2 || products < least_products) return;
  plan.planar = true;
  plan.narrow = planar_kernels(isa).widest;
  choose_planar_tiles(plan);
}

PIX2PIXHD_INLINE std::size_t TapPlan::weight_taps() const {
  std::size_t taps = 1;
  for (const PlannedPhase& phase : phases)
    for (const PlannedTap& tap : phase.taps) taps = std::max(taps, static_cast<std::size_t>(tap.weight) + 1);
  return taps;
}

}  // namespace pix2pixhd::inline v0::detail
