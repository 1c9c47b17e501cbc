#pragma once

#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// Points of all phases at which weights do not vanish.
inline int winograd_products(const WinogradPlan& plan) {
  int count = 0;
  for (int phase = 0; phase < plan.source_kinds() * plan.output_kinds(); ++phase)
    for (int point = 0; point < winograd_points; ++point) count += plan.vanishes(phase, point) ? 0 : 1;
  return count;
}

/// Whether the tiles take less work than the pixels one by one, counted in multiplications of a pair of channels.
inline bool winograd_pays(const WinogradPlan& plan, double direct) {
  constexpr int least_channels = 16;
  if (plan.source.c < least_channels || plan.output.c < least_channels) return false;
  // A tile's transforms are so many additions a channel; the weights are transformed once a block, or once in all.
  constexpr double transform = 300, weights = 6 * winograd_points;
  const int kinds = plan.source_kinds() * plan.output_kinds();
  const double tiles = static_cast<double>(plan.tile_rows()) * plan.tile_columns();
  const double work = tiles * (winograd_products(plan) + transform * plan.source_kinds() / plan.output.c +
                               transform * plan.output_kinds() / plan.source.c) +
                      weights * kinds * (plan.wide ? plan.blocks() : 1);
  const double pixels = static_cast<double>(plan.output.pixels()) / plan.output_kinds();
  return work < direct * plan.kernel * plan.kernel * pixels;
}

inline void choose_blocks(WinogradPlan& plan) {
  // Transformed weights of few channels stay in a second cache beside the rest.
  constexpr std::size_t most_weights = 8192;
  const auto sources = static_cast<std::size_t>(plan.source_blocks() * plan.source_kinds() * 16);
  const auto outputs = static_cast<std::size_t>(plan.output_blocks() * 16);
  plan.wide = sources * outputs * static_cast<std::size_t>(plan.output_kinds()) > most_weights;
  if (plan.wide) {
    // A quarter more than this where that makes one block of what would be two.
    constexpr int wanted = 128, most = 160;
    constexpr std::size_t most_values = std::size_t{6} << 20;  // floats of a band: they stay in a third cache
    plan.choose_block(plan.tile_rows() * plan.tile_columns() <= most ? most : wanted);
    const std::size_t values = sources * winograd_points * static_cast<std::size_t>(plan.tiles_of_block());
    plan.band =
        static_cast<int>(std::clamp<std::size_t>(most_values / values, 1, static_cast<std::size_t>(plan.blocks())));
    plan.slice = std::min(plan.source_blocks(), 8 / plan.source_kinds());
    return;
  }
  constexpr std::size_t most_values = std::size_t{192} << 10;  // floats of inputs and products of a block
  const std::size_t channels = sources + std::min<std::size_t>(outputs, winograd_group * 16);
  plan.choose_block(static_cast<int>(std::max<std::size_t>(6, most_values / (channels * winograd_points))));
  constexpr int enough_blocks = 8;  // for several threads
  while (plan.block_rows > 1 && plan.blocks() < enough_blocks) plan.block_rows = (plan.block_rows + 1) / 2;
  while (plan.block_columns > 6 && plan.blocks() < enough_blocks) plan.block_columns = (plan.block_columns + 1) / 2;
  plan.slice = plan.source_blocks();
}

/// Appends the tables of one phase of the source: `index(i)` is the source pixel at place i.
template <class Index>
void append_places(const WinogradPlan& plan, int tiles, const Index& index, std::vector<int>& table) {
  for (int i = 0; i < tiles * plan.tile() + plan.side() - 1; ++i) table.push_back(index(i));
}

inline bool winograd_has_tiles(const WinogradPlan& plan) {
  return plan.side() >= winograd_fewest_taps && plan.side() <= winograd_most_taps &&
         plan.source_kinds() * plan.output_kinds() <= winograd_most_phases;
}

PIX2PIXHD_INLINE std::optional<WinogradPlan> winograd_tiles(const Shape& source, const Shape& output,
                                                            const ConvGeometry& geometry) {
  WinogradPlan plan{.source = source, .output = output, .kernel = geometry.kernel, .source_phases = geometry.stride};
  // Tap k belongs to phase k % stride; the phase's place i is place i * stride + phase of the padded picture.
  const int places = (geometry.kernel + geometry.stride - 1) / geometry.stride;
  for (int phase = 0; phase < geometry.stride; ++phase) {
    std::vector<int>& taps = plan.taps.emplace_back();
    for (int i = 0; i < places; ++i) {
      const int tap = i * geometry.stride + phase;
      taps.push_back(tap < geometry.kernel ? tap : -1);
    }
  }
  if (!winograd_has_tiles(plan)) return {};
  const auto axis = [&](int side, int tiles, std::vector<int>& table) {
    for (int phase = 0; phase < geometry.stride; ++phase)
      append_places(
          plan, tiles,
          [&](int i) {
            const int at = i * geometry.stride + phase - geometry.padding, large = side * geometry.enlarge;
            const int index = at >= large + geometry.padding ? -1 : padded_index(at, large, geometry.pad);
            return index < 0 ? -1 : index / geometry.enlarge;
          },
          table);
  };
  axis(source.h, plan.tile_rows(), plan.rows);
  axis(source.w, plan.tile_columns(), plan.columns);
  return plan;
}

PIX2PIXHD_INLINE std::optional<WinogradPlan> plan_winograd_strided(const Shape& source, const Shape& output,
                                                                   const ConvGeometry& geometry, double direct) {
  std::optional<WinogradPlan> plan = winograd_tiles(source, output, geometry);
  if (!plan) return {};
  choose_blocks(*plan);
  if (!winograd_pays(*plan, direct)) return {};
  return plan;
}

PIX2PIXHD_INLINE std::optional<WinogradPlan> plan_winograd_gathered(const Shape& source, const Shape& output,
                                                                    int kernel, int stride, int padding,
                                                                    double direct) {
  WinogradPlan plan{.source = source, .output = output, .kernel = kernel, .output_phases = stride};
  // Output pixel i * stride + phase is touched by source pixel i + offset through tap phase + padding - offset *
  // stride.
  const auto down = [](int a, int b) { return a < 0 ? -((-a + b - 1) / b) : a / b; };
  const int lowest = down(padding - (kernel - 1) + stride - 1, stride), highest = down(stride - 1 + padding, stride);
  for (int phase = 0; phase < stride; ++phase) {
    std::vector<int>& taps = plan.taps.emplace_back();
    for (int offset = lowest; offset <= highest; ++offset) {
      const int tap = phase + padding - offset * stride;
      taps.push_back(tap >= 0 && tap < kernel ? tap : -1);
    }
  }
  if (!winograd_has_tiles(plan)) return {};
  choose_blocks(plan);
  if (!winograd_pays(plan, direct)) return {};
  const auto axis = [&](int side, int tiles, std::vector<int>& table) {
    append_places(
        plan, tiles,
        [&](int i) {
          const int at = i + lowest;
          return at >= 0 && at < side ? at : -1;
        },
        table);
  };
  axis(source.h, plan.tile_rows(), plan.rows);
  axis(source.w, plan.tile_columns(), plan.columns);
  return plan;
}

PIX2PIXHD_INLINE void WinogradPlan::choose_block(int wanted) {
  const int across = (tile_columns() + wanted - 1) / wanted;
  block_columns = (tile_columns() + across - 1) / across;
  const int high = std::clamp(wanted / block_columns, 1, tile_rows()), down = (tile_rows() + high - 1) / high;
  block_rows = (tile_rows() + down - 1) / down;
}

PIX2PIXHD_INLINE WinogradBlock WinogradPlan::block(int index) const {
  WinogradBlock result;
  result.index = index;
  result.row = index / blocks_across() * block_rows;
  result.column = index % blocks_across() * block_columns;
  result.height = std::min(block_rows, tile_rows() - result.row);
  result.width = std::min(block_columns, tile_columns() - result.column);
  return result;
}

PIX2PIXHD_INLINE void WinogradPlan::moment_counts(int* counts) const {
  const auto pixels = [&](int first, int count, int phase, int outputs) {
    const int all = (outputs - phase + output_phases - 1) / output_phases;
    return std::clamp(all - first * tile(), 0, count * tile());
  };
  for (int i = 0; i < blocks(); ++i) {
    const WinogradBlock at = block(i);
    for (int phase = 0; phase < output_kinds(); ++phase)
      *counts++ = pixels(at.row, at.height, phase / output_phases, output.h) *
                  pixels(at.column, at.width, phase % output_phases, output.w);
  }
}

PIX2PIXHD_INLINE std::vector<int> WinogradPlan::taps_of(int phase) const {
  const auto phases = static_cast<int>(taps.size());
  std::vector<int> result;
  for (const int row : taps[static_cast<std::size_t>(phase / phases)])
    for (const int column : taps[static_cast<std::size_t>(phase % phases)])
      result.push_back(row < 0 || column < 0 ? -1 : row * kernel + column);
  return result;
}

PIX2PIXHD_INLINE bool WinogradPlan::vanishes(int phase, int point) const {
  // The first point takes the first tap only, the last one, infinity, the last tap.
  const auto one = [&](int of, int at) {
    const std::vector<int>& places = taps[static_cast<std::size_t>(of)];
    return (at == 0 && places.front() < 0) || (at == winograd_side - 1 && places.back() < 0);
  };
  const auto phases = static_cast<int>(taps.size());
  return one(phase / phases, point / winograd_side) || one(phase % phases, point % winograd_side);
}

PIX2PIXHD_INLINE WinogradJob WinogradPlan::job() const {
  WinogradJob job{};
  job.tile = tile();
  job.source_phases = source_phases;
  job.rows = rows.data();
  job.columns = columns.data();
  job.row_places = static_cast<int>(rows.size()) / source_phases;
  job.column_places = static_cast<int>(columns.size()) / source_phases;
  job.output_channels = output.c;
  job.output_height = output.h;
  job.output_width = output.w;
  job.output_phases = output_phases;
  job.moment_chunks = static_cast<std::size_t>(moment_chunks());
  return job;
}

}  // namespace pix2pixhd::inline v0::detail
