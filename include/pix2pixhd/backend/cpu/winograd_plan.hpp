#pragma once
/// How a 3x3 convolution of stride 1, or its gradient by the input, is mapped onto Winograd's kernels: tables of
/// indices, blocks of tiles, and what is held in memory at once.

#include <pix2pixhd/backend/cpu/kernels/winograd.hpp>
#include <pix2pixhd/core/geometry.hpp>
#include <pix2pixhd/core/shape.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Everything that follows from the shapes.
///
/// Tiles are worked on in blocks. With few channels a thread takes a block through all three steps by itself, all in
/// its second cache, with weights that were transformed before. With many channels the inputs of some blocks (a band)
/// are transformed first; then each thread takes one group of 64 output channels of a block, and transforms this
/// group's weights on the way: transformed weights take four times the memory of the others, and are never kept.
struct WinogradPlan {
  Shape source{}, output{};
  bool flipped = false;     ///< the taps are taken from the last to the first
  std::vector<int> rows{};  ///< source row of every row that tiles read; -1: zeros
  std::vector<int> columns{};
  int block_rows = 1, block_columns = 1;  ///< sides of a block, in tiles
  bool wide = false;                      ///< many channels
  int band = 1;                           ///< wide: blocks whose inputs are held at once
  int slice = 1;                          ///< source blocks whose weights are transformed at once

  int source_blocks() const { return (source.c + 15) / 16; }
  int output_blocks() const { return (output.c + 15) / 16; }
  int groups() const { return (output_blocks() + winograd_group - 1) / winograd_group; }
  int tile_rows() const { return (output.h + winograd_output - 1) / winograd_output; }
  int tile_columns() const { return (output.w + winograd_output - 1) / winograd_output; }
  int tiles_of_block() const { return block_rows * block_columns; }
  int blocks_across() const { return (tile_columns() + block_columns - 1) / block_columns; }
  /// Blocks of a picture; each is one chunk of the moments.
  int blocks() const { return blocks_across() * ((tile_rows() + block_rows - 1) / block_rows); }
  WinogradBlock block(int index) const;
  /// Pixels of each chunk of the moments.
  void moment_counts(int* counts) const;
};

/// The plan of a convolution, or of its gradient by its input: of `source` = dy's shape and `output` = dx's, with zero
/// padding. None where the geometry is another, or where the direct way is less work.
std::optional<WinogradPlan> plan_winograd(const Shape& source, const Shape& output, const ConvGeometry& geometry);
std::optional<WinogradPlan> plan_winograd_gradient(const Shape& source, const Shape& output, int kernel, int stride,
                                                   int padding);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/winograd_plan-inl.hpp>
#endif
