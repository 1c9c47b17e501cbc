#pragma once

#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// Whether the tiles take less work than the pixels one by one, counted in multiplications of a pair of channels.
inline bool winograd_pays(const WinogradPlan& plan) {
  constexpr int least_channels = 16;
  if (plan.source.c < least_channels || plan.output.c < least_channels) return false;
  // A tile's transforms are so many additions a channel; the weights are transformed once a block, or once in all.
  constexpr double transform = 300, weights = 6 * winograd_points;
  const double tiles = static_cast<double>(plan.tile_rows()) * plan.tile_columns();
  const double work = tiles * (winograd_points + transform / plan.source.c + transform / plan.output.c) +
                      weights * (plan.wide ? plan.blocks() : 1);
  return work < 9.0 * static_cast<double>(plan.output.pixels());
}

/// Sides of a block of about `wanted` tiles: whole rows where they fit, otherwise equal parts of a row.
inline void choose_block(WinogradPlan& plan, int wanted) {
  const int rows = plan.tile_rows(), columns = plan.tile_columns();
  const int across = (columns + wanted - 1) / wanted;
  plan.block_columns = (columns + across - 1) / across;
  const int high = std::clamp(wanted / plan.block_columns, 1, rows), down = (rows + high - 1) / high;
  plan.block_rows = (rows + down - 1) / down;
}

inline void choose_blocks(WinogradPlan& plan) {
  // Transformed weights of few channels stay in a second cache beside the rest.
  constexpr std::size_t most_weights = 8192;
  const auto sources = static_cast<std::size_t>(plan.source_blocks() * 16);
  const auto outputs = static_cast<std::size_t>(plan.output_blocks() * 16);
  plan.wide = sources * outputs > most_weights;
  if (plan.wide) {
    // A quarter more than this where that makes one block of what would be two.
    constexpr int wanted = 128, most = 160;
    constexpr std::size_t most_values = std::size_t{6} << 20;  // floats of a band: they stay in a third cache
    choose_block(plan, plan.tile_rows() * plan.tile_columns() <= most ? most : wanted);
    const std::size_t values = sources * winograd_points * static_cast<std::size_t>(plan.tiles_of_block());
    plan.band =
        static_cast<int>(std::clamp<std::size_t>(most_values / values, 1, static_cast<std::size_t>(plan.blocks())));
    plan.slice = std::min(plan.source_blocks(), 8);
    return;
  }
  constexpr std::size_t most_values = std::size_t{192} << 10;  // floats of inputs and products of a block
  const std::size_t channels = sources + std::min<std::size_t>(outputs, winograd_group * 16);
  choose_block(plan, static_cast<int>(std::max<std::size_t>(6, most_values / (channels * winograd_points))));
  constexpr int enough_blocks = 8;  // for several threads
  while (plan.block_rows > 1 && plan.blocks() < enough_blocks) plan.block_rows = (plan.block_rows + 1) / 2;
  while (plan.block_columns > 6 && plan.blocks() < enough_blocks) plan.block_columns = (plan.block_columns + 1) / 2;
  plan.slice = plan.source_blocks();
}

/// The table of one side: `index(i)` is the source pixel at place i of the padded picture.
template <class Index>
std::vector<int> winograd_axis(int tiles, const Index& index) {
  std::vector<int> result;
  for (int i = 0; i < tiles * winograd_output + 2; ++i) result.push_back(index(i));
  return result;
}

PIX2PIXHD_INLINE std::optional<WinogradPlan> plan_winograd(const Shape& source, const Shape& output,
                                                           const ConvGeometry& geometry) {
  if (geometry.kernel != 3 || geometry.stride != 1 || geometry.transposed) return {};
  WinogradPlan plan{.source = source, .output = output};
  choose_blocks(plan);
  if (!winograd_pays(plan)) return {};
  const auto axis = [&](int side, int tiles) {
    return winograd_axis(tiles, [&](int i) {
      const int at = i - geometry.padding, large = side * geometry.enlarge;
      const int index = at >= large + geometry.padding ? -1 : padded_index(at, large, geometry.pad);
      return index < 0 ? -1 : index / geometry.enlarge;
    });
  };
  plan.rows = axis(source.h, plan.tile_rows());
  plan.columns = axis(source.w, plan.tile_columns());
  return plan;
}

PIX2PIXHD_INLINE std::optional<WinogradPlan> plan_winograd_gradient(const Shape& source, const Shape& output,
                                                                    int kernel, int stride, int padding) {
  if (kernel != 3 || stride != 1) return {};
  WinogradPlan plan{.source = source, .output = output, .flipped = true};
  choose_blocks(plan);
  if (!winograd_pays(plan)) return {};
  // Output pixel o is touched by the source pixels o + padding - 2 to o + padding.
  const auto axis = [&](int side, int tiles) {
    return winograd_axis(tiles, [&](int i) {
      const int at = i + padding - 2;
      return at >= 0 && at < side ? at : -1;
    });
  };
  plan.rows = axis(source.h, plan.tile_rows());
  plan.columns = axis(source.w, plan.tile_columns());
  return plan;
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
  const auto pixels = [](int first, int count, int side) {
    return std::min(count * winograd_output, side - first * winograd_output);
  };
  for (int i = 0; i < blocks(); ++i) {
    const WinogradBlock at = block(i);
    counts[i] = pixels(at.row, at.height, output.h) * pixels(at.column, at.width, output.w);
  }
}

}  // namespace pix2pixhd::inline v0::detail
