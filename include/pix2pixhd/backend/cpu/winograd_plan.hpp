#pragma once
/// How a convolution of stride 1 or 2, or its gradient by the input, is mapped onto Winograd's kernels: phases, tables
/// of indices, blocks of tiles, and what is held in memory at once.

#include <pix2pixhd/backend/cpu/kernels/fixed16.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd.hpp>
#include <pix2pixhd/core/geometry.hpp>
#include <pix2pixhd/core/shape.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// What phases see of the kernel, the same in both dimensions: for each phase the rows of the kernel at its r places;
/// -1: none.
using WinogradTaps = std::vector<std::vector<int>>;

/// What is multiplied at the points, from that which rounds least to that which rounds most.
enum class WinogradFactor { f32, fixed16, bf16 };
constexpr WinogradFactor winograd_factor(DataType type) {
  return type == DataType::bf16 ? WinogradFactor::bf16 : WinogradFactor::f32;
}
constexpr std::size_t size_of(WinogradFactor factor) { return factor == WinogradFactor::f32 ? 4 : 2; }

/// Everything that follows from the shapes.
///
/// Tiles are worked on in blocks. With few channels a thread takes a block through all three steps by itself, all in
/// its second cache, with weights that were transformed before. With many channels the inputs of some blocks (a band)
/// are transformed first; then each thread takes one group of 64 output channels of a block, and transforms this
/// group's weights on the way: transformed weights take about four times the memory of the others, and are never kept.
/// Pictures of a batch that are smaller than a block share them: a thread takes this group of several blocks at once.
///
/// Of the weights of a slice of the source's channels some rows of the points are made at once, and multiplied: one row
/// of a small slice where there are six points to a side, so that weights and products stay in the second cache; all
/// rows of a large one where there are four, because products, which are float, are then more than the weights.
struct WinogradPlan {
  Shape source{}, output{};
  int kernel = 3;
  WinogradFactor factors = WinogradFactor::f32;
  int source_phases = 1, output_phases = 1;  ///< in either dimension; at most one of them is more than 1
  WinogradTaps taps{};                       ///< of the phases of the source or of the output
  std::vector<int> rows{};  ///< [source phase][place]: source row of every row that tiles read; -1: zeros
  std::vector<int> columns{};
  int block_rows = 1, block_columns = 1;  ///< sides of a block, in tiles
  bool wide = false;                      ///< many channels
  int band = 1;                           ///< wide: blocks, of all pictures, whose inputs are held at once
  int sharing = 1;                        ///< wide: blocks that are multiplied by the same transformed weights
  int slice = 1;                          ///< source blocks whose weights are multiplied at once
  int ordered = 1;                        ///< of these, put in order at once; the slice where rows are made one by one
  int weight_rows = 1;                    ///< rows of the points whose weights are made at once

  int side() const { return static_cast<int>(taps.front().size()); }  ///< r
  int point_side() const { return factors == WinogradFactor::bf16 ? winograd_side<Bf16> : winograd_side<float>; }
  int points() const { return point_side() * point_side(); }
  int tile() const { return point_side() + 1 - side(); }              ///< m
  int source_kinds() const { return source_phases * source_phases; }  ///< phases in both dimensions
  int output_kinds() const { return output_phases * output_phases; }
  int source_blocks() const { return (source.c + 15) / 16; }
  int output_blocks() const { return (output.c + 15) / 16; }
  int group_blocks() const { return fixed16_blocks / source_kinds(); }  ///< source blocks with scales in common
  int source_groups() const { return (source_blocks() + group_blocks() - 1) / group_blocks(); }
  int groups() const { return (output_blocks() + winograd_group - 1) / winograd_group; }
  int tile_rows() const { return tiles(output.h); }
  int tile_columns() const { return tiles(output.w); }
  int tiles_of_block() const { return block_rows * block_columns; }
  int blocks_across() const { return (tile_columns() + block_columns - 1) / block_columns; }
  int blocks() const { return blocks_across() * ((tile_rows() + block_rows - 1) / block_rows); }  ///< of a picture
  WinogradBlock block(int index) const;
  /// Makes blocks of about `wanted` tiles: whole rows where they fit, otherwise equal parts of a row.
  void choose_block(int wanted);
  /// Chunks of the moments: a phase of a block each.
  int moment_chunks() const { return blocks() * output_kinds(); }
  /// Pixels of each.
  void moment_counts(int* counts) const;
  /// The tap of the kernel at each of the r x r places of a phase; -1: none.
  std::vector<int> taps_of(int phase) const;
  /// Whether the weights of a phase are zeros at a point whatever the kernel is.
  bool vanishes(int phase, int point) const;
  /// What of a job follows from the plan alone.
  WinogradJob job() const;

 private:
  int tiles(int outputs) const { return ((outputs + output_phases - 1) / output_phases + tile() - 1) / tile(); }
};

/// Values at points in memory. Strides that are odd numbers of cache lines spread what is read together over all sets
/// of a cache.
template <class Factor, class T>
struct PointLayout {
  std::size_t plane = 0, point = 0;

  PointLayout(int tiles, int blocks) {
    constexpr std::size_t line = 64 / sizeof(T);
    const auto odd_lines = [&](std::size_t values) { return ((values + line - 1) / line | 1) * line; };
    plane = odd_lines(static_cast<std::size_t>(tiles) * 16);
    point = odd_lines(plane * static_cast<std::size_t>(blocks));
  }
  std::size_t values() const { return point * winograd_points<Factor>; }
  PointValues<T> at(T* values) const { return {.values = values, .point = point, .plane = plane}; }
};

/// Phases and tables of a convolution, or of the adjoint of one with zero padding, without blocks, whether it pays or
/// not. None where the kernels have no such tiles.
std::optional<WinogradPlan> winograd_tiles(const Shape& source, const Shape& output, const ConvGeometry& geometry,
                                           WinogradFactor factors = WinogradFactor::f32);
std::optional<WinogradPlan> winograd_gathered_tiles(const Shape& source, const Shape& output, int kernel, int stride,
                                                    int padding, WinogradFactor factors = WinogradFactor::f32);

/// Completes such a plan: whether it has many channels, and what is worked on at once.
void choose_blocks(WinogradPlan& plan);

/// The plan of either (plan_strided and plan_gathered in tap_plan.hpp are the same for the tap kernel), with those
/// factors that are the least work for the instruction set, of those that round no more than the `coarsest`. None where
/// the kernels have no such tiles, or where the direct way, with the coarsest factors, in float rather than numbers, is
/// less work.
std::optional<WinogradPlan> plan_winograd_strided(const Shape& source, const Shape& output,
                                                  const ConvGeometry& geometry,
                                                  WinogradFactor coarsest = WinogradFactor::f32,
                                                  Isa isa = Isa::avx512_bf16);
std::optional<WinogradPlan> plan_winograd_gathered(const Shape& source, const Shape& output, int kernel, int stride,
                                                   int padding, WinogradFactor coarsest = WinogradFactor::f32,
                                                   Isa isa = Isa::avx512_bf16);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/winograd_plan-inl.hpp>
#endif
