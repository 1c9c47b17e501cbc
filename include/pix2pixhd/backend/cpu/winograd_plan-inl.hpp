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
    for (int point = 0; point < plan.points(); ++point) count += plan.vanishes(phase, point) ? 0 : 1;
  return count;
}

/// The work of one multiplication, counted in multiplications of floats: pairs take as long as one. Tile registers
/// multiply sixteen channels of sixteen pixels and outputs in sixteen cycles, vectors two times sixteen floats in one.
inline double multiplication(WinogradFactor factors, Isa isa) {
  if (factors == WinogradFactor::f32) return 1.0;
  return factors == WinogradFactor::bf16 && isa >= Isa::amx_bf16 ? 0.125 : 0.5;
}

/// The work of the tiles of a picture, or of its pixels one by one, counted in multiplications of a pair of channels.
/// It does not depend on the batch, in which each picture shall have the bits that it has alone.
inline double winograd_work(const WinogradPlan& plan, Isa isa) {
  // A point's share of a tile's transforms is so many additions a channel; that of the weights is taken once a block,
  // or once in all. Numbers take a second pass over both.
  const bool numbers = plan.factors == WinogradFactor::fixed16;
  const double transform = numbers ? 12 : 8.3, weights = numbers ? 10 : 6;
  const int kinds = plan.source_kinds() * plan.output_kinds(), points = plan.points();
  const double tiles = static_cast<double>(plan.tile_rows()) * plan.tile_columns();
  const double transforms = static_cast<double>(plan.source_kinds()) / plan.output.c +
                            static_cast<double>(plan.output_kinds()) / plan.source.c;
  return tiles * (winograd_products(plan) * multiplication(plan.factors, isa) + transform * points * transforms) +
         weights * points * kinds * (plan.wide ? plan.blocks() : 1);
}
inline double direct_work(const WinogradPlan& plan, WinogradFactor coarsest, Isa isa) {
  const double pixels = static_cast<double>(plan.output.pixels()) / plan.output_kinds();
  const WinogradFactor factors = coarsest == WinogradFactor::bf16 ? coarsest : WinogradFactor::f32;
  return multiplication(factors, isa) * plan.kernel * plan.kernel * pixels;
}

/// Many channels.
inline void choose_wide_blocks(WinogradPlan& plan) {
  const bool pairs = plan.factors == WinogradFactor::bf16;
  // A quarter more than this where that makes one block of what would be two.
  const int wanted = pairs ? 512 : 128, most = wanted + wanted / 4;
  constexpr std::size_t most_bytes = std::size_t{24} << 20;  // of a band: they stay in a third cache
  plan.choose_block(plan.tile_rows() * plan.tile_columns() <= most ? most : wanted);
  const auto sources = static_cast<std::size_t>(plan.source_blocks() * plan.source_kinds() * 16);
  const std::size_t bytes =
      sources * static_cast<std::size_t>(plan.points() * plan.tiles_of_block()) * size_of(plan.factors);
  const int blocks = plan.blocks() * plan.output.n;
  plan.band = static_cast<int>(std::clamp<std::size_t>(most_bytes / bytes, 1, static_cast<std::size_t>(blocks)));
  constexpr int enough_items = 8;  // for several threads
  plan.sharing = std::clamp(wanted / plan.tiles_of_block(), 1, plan.band);
  while (plan.sharing > 1 && plan.band / plan.sharing * plan.groups() * plan.output_kinds() < enough_items)
    plan.sharing = (plan.sharing + 1) / 2;
  static_assert(fixed16_blocks == 8);  // a slice of numbers is then a group with scales in common
  plan.slice = std::min(plan.source_blocks(), (pairs ? 64 : 8) / plan.source_kinds());
  plan.ordered = pairs ? std::min(plan.slice, 4) : plan.slice;
  plan.weight_rows = pairs ? plan.point_side() : 1;
}

/// Few channels.
inline void choose_narrow_blocks(WinogradPlan& plan) {
  constexpr std::size_t most_bytes = std::size_t{768} << 10;  // of inputs and products of a block
  const auto sources = static_cast<std::size_t>(plan.source_blocks() * plan.source_kinds() * 16);
  const auto outputs = static_cast<std::size_t>(std::min(plan.output_blocks(), winograd_group) * 16);
  const std::size_t bytes = sources * size_of(plan.factors) + outputs * sizeof(float);
  const std::size_t tiles = most_bytes / (bytes * static_cast<std::size_t>(plan.points()));
  plan.choose_block(static_cast<int>(std::max<std::size_t>(6, tiles)));
  constexpr int enough_blocks = 8;  // for several threads
  while (plan.block_rows > 1 && plan.blocks() < enough_blocks) plan.block_rows = (plan.block_rows + 1) / 2;
  while (plan.block_columns > 6 && plan.blocks() < enough_blocks) plan.block_columns = (plan.block_columns + 1) / 2;
  plan.slice = plan.source_blocks();
  plan.ordered = plan.factors == WinogradFactor::fixed16 ? std::min(plan.slice, plan.group_blocks()) : plan.slice;
  plan.weight_rows = plan.point_side();
}

PIX2PIXHD_INLINE void choose_blocks(WinogradPlan& plan) {
  // Of transformed weights; they stay in a second cache, beside all else.
  constexpr std::size_t most_bytes = std::size_t{1152} << 10;
  const int pairs = plan.source_blocks() * plan.source_kinds() * plan.output_blocks() * plan.output_kinds() * 256;
  plan.wide =
      static_cast<std::size_t>(pairs) * static_cast<std::size_t>(plan.points()) * size_of(plan.factors) > most_bytes;
  plan.wide ? choose_wide_blocks(plan) : choose_narrow_blocks(plan);
}

/// The least work of the plans with factors up to the coarsest; none where the direct way is less, or `tiles`, which
/// makes such a plan but for its blocks, has none.
template <class Tiles>
std::optional<WinogradPlan> least_work(WinogradFactor coarsest, Isa isa, const Tiles& tiles) {
  constexpr int least_channels = 16;
  std::optional<WinogradPlan> best;
  double least = 0;
  for (const WinogradFactor factors : {WinogradFactor::f32, WinogradFactor::fixed16, WinogradFactor::bf16}) {
    if (factors > coarsest) break;
    std::optional<WinogradPlan> plan = tiles(factors);
    if (!plan || plan->source.c < least_channels || plan->output.c < least_channels) continue;
    choose_blocks(*plan);
    const double work = winograd_work(*plan, isa);
    if (work >= direct_work(*plan, coarsest, isa) || (best && work >= least)) continue;
    least = work;
    best = std::move(plan);
  }
  return best;
}

/// Appends the tables of one phase of the source: `index(i)` is the source pixel at place i.
template <class Index>
void append_places(const WinogradPlan& plan, int tiles, const Index& index, std::vector<int>& table) {
  for (int i = 0; i < tiles * plan.tile() + plan.side() - 1; ++i) table.push_back(index(i));
}

inline bool winograd_has_tiles(const WinogradPlan& plan) {
  const int fewest_outputs = plan.point_side() / 2;  // fewer to a side save nothing
  return plan.side() >= winograd_fewest_taps && plan.tile() >= fewest_outputs &&
         plan.source_kinds() * plan.output_kinds() <= winograd_most_phases;
}

PIX2PIXHD_INLINE std::optional<WinogradPlan> winograd_tiles(const Shape& source, const Shape& output,
                                                            const ConvGeometry& geometry, WinogradFactor factors) {
  WinogradPlan plan{.source = source,
                    .output = output,
                    .kernel = geometry.kernel,
                    .factors = factors,
                    .source_phases = geometry.stride};
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
                                                                   const ConvGeometry& geometry,
                                                                   WinogradFactor coarsest, Isa isa) {
  return least_work(coarsest, isa, [&](WinogradFactor type) { return winograd_tiles(source, output, geometry, type); });
}

PIX2PIXHD_INLINE std::optional<WinogradPlan> winograd_gathered_tiles(const Shape& source, const Shape& output,
                                                                     int kernel, int stride, int padding,
                                                                     WinogradFactor factors) {
  WinogradPlan plan{.source = source, .output = output, .kernel = kernel, .factors = factors, .output_phases = stride};
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

PIX2PIXHD_INLINE std::optional<WinogradPlan> plan_winograd_gathered(const Shape& source, const Shape& output,
                                                                    int kernel, int stride, int padding,
                                                                    WinogradFactor coarsest, Isa isa) {
  return least_work(coarsest, isa, [&](WinogradFactor type) {
    return winograd_gathered_tiles(source, output, kernel, stride, padding, type);
  });
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
  result.computed = result.height * result.width;
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
    return (at == 0 && places.front() < 0) || (at == point_side() - 1 && places.back() < 0);
  };
  const auto phases = static_cast<int>(taps.size());
  return one(phase / phases, point / point_side()) || one(phase % phases, point % point_side());
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
