#pragma once
/// 3x3 convolutions of stride 1, and their gradients by the input, on Winograd's kernels with factors in bf16.

#include <pix2pixhd/backend/cpu/kernels/winograd_bf16.hpp>
#include <pix2pixhd/backend/cpu/tap_plan.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Everything that follows from the shapes.
///
/// Tiles are worked on in blocks. The inputs of some blocks (a band) are transformed first; then each thread takes one
/// group of 64 output channels of a block and transforms this group's weights on the way, so that transformed weights
/// are never kept. This is for many channels: with few, F(4x4, 3x3) in float takes as long and rounds less.
struct WinogradBf16Plan {
  Shape source{}, output{};
  bool flipped = false;     ///< the taps are taken from the last to the first
  std::vector<int> rows{};  ///< source row of every row that tiles read; -1: zeros
  std::vector<int> columns{};
  int block_rows = 1, block_columns = 1;  ///< sides of a block, in tiles
  int band = 1;                           ///< blocks whose inputs are held at once
  int slice = 1;                          ///< source blocks whose weights are held at once

  int source_blocks() const { return (source.c + 15) / 16; }
  int output_blocks() const { return (output.c + 15) / 16; }
  int groups() const { return (output_blocks() + bf16_tile_group - 1) / bf16_tile_group; }
  int group_blocks(int group) const { return std::min(bf16_tile_group, output_blocks() - group * bf16_tile_group); }
  int tile_rows() const { return (output.h + bf16_tile - 1) / bf16_tile; }
  int tile_columns() const { return (output.w + bf16_tile - 1) / bf16_tile; }
  int tiles_of_block() const { return block_rows * block_columns; }
  int blocks_across() const { return (tile_columns() + block_columns - 1) / block_columns; }
  /// Blocks of a picture; each is one chunk of the moments.
  int blocks() const { return blocks_across() * ((tile_rows() + block_rows - 1) / block_rows); }
  TileBlock block(int index) const;
  /// Pixels of each chunk of the moments.
  void moment_counts(int* counts) const;
};

/// The plan of a convolution of a tensor like `x`, or of a gradient by the input with zero padding, from a dy like `x`.
/// None where factors_of() is not bf16, the geometry is another, or there are few channels or pixels.
std::optional<WinogradBf16Plan> plan_winograd_bf16(const CpuBackend& backend, const Tensor& x, const Shape& output,
                                                   const ConvGeometry& geometry);
std::optional<WinogradBf16Plan> plan_winograd_bf16_gradient(const CpuBackend& backend, const Tensor& dy,
                                                            const Shape& output, int kernel, int stride, int padding);

/// One convolution of a dense tensor.
struct WinogradBf16Convolution {
  const WinogradBf16Plan* plan = nullptr;
  const Tensor* x = nullptr;  ///< may be pending
  WeightView weights{};
  const Tensor* bias = nullptr;  ///< null: none
  Elements output = {};          ///< of the first picture; blocked
  bool add = false;              ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< [picture][block][chunk]; null: not wanted
  std::byte* memory = nullptr;      ///< winograd_bf16_workspace() bytes, aligned to 64
};

/// Bytes that the threads of `backend` need to run `plan`.
std::size_t winograd_bf16_workspace(const CpuBackend& backend, const WinogradBf16Plan& plan);
void run_winograd_bf16(CpuBackend& backend, const WinogradBf16Convolution& call);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/winograd_bf16_convolution-inl.hpp>
#endif
