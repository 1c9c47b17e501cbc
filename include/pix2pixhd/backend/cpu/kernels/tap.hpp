#pragma once
/// The generic convolution kernel: any kernel size, stride and padding, transposed or not.
///
/// A convolution is computed on a grid of pixels. Grid pixel (i, j) reads the source at (i * stride + row offset of the
/// tap, ...) and gives output pixel (i * step + row of the phase, ...). An ordinary convolution has step 1 and one
/// phase with all taps; a transposed one has stride 1 and step^2 phases, each with the taps that reach its pixels.

#include <pix2pixhd/backend/cpu/kernels/source.hpp>
#include <pix2pixhd/backend/cpu/moments.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// The taps of one phase.
struct TapPhase {
  int row = 0, column = 0;  ///< of the output, within a step
  int taps = 0;
  const int* offsets = nullptr;  ///< of each tap: values from a grid pixel's place in the scratch
  std::size_t first_tap = 0;     ///< taps of the phases before this one
};

/// What is the same for all tiles of a picture.
///
/// Weights are packed [group of output blocks][phase][slice of source blocks][tap][block][channel][blocks * 16], those
/// in bf16 with pairs of channels side by side: [...][channel / 2][blocks * 16][2].
struct TapJob {
  Picture source;
  const int* rows = nullptr;  ///< source row of every row that the grid reads, see Window
  const int* columns = nullptr;
  ScratchShape scratch;
  int stride = 1;
  int reach = 1;   ///< extent of the taps in both directions
  int depth = 16;  ///< channels of a source block that are multiplied (fewer if there is one block)
  int slice = 4;   ///< source blocks whose products are summed before the sums go back to memory

  const TapPhase* phases = nullptr;
  int phase_count = 1;
  int all_taps = 0;               ///< of all phases
  const void* weights = nullptr;  ///< floats, or bf16 as the scratch
  const float* bias = nullptr;    ///< null: none
  int widest = 1;                 ///< output blocks of a group

  Elements output = {};  ///< bf16 only where blocked
  bool output_blocked = true;
  int output_channels = 0;
  int output_height = 0, output_width = 0;
  int step = 1;
  bool add = false;  ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< [block][chunk] of this picture, chunk = tile * phases + phase; null: not wanted
  std::size_t moment_chunks = 0;

  int output_blocks() const { return (output_channels + 15) / 16; }
};

/// A rectangle of the grid, and the output blocks [first_block, last_block) that are computed for it.
struct TapTile {
  int index = 0;
  int row = 0, column = 0;
  int height = 0, width = 0;
  int first_block = 0, last_block = 0;  ///< the first one begins a group
  void* scratch = nullptr;
  float* sums = nullptr;  ///< height * width * widest * 16 floats
};

/// Width of the group that begins at output block `first`: the widest power of two that fits.
constexpr int tap_group(int first, int blocks, int widest) {
  int width = widest;
  while (width > blocks - first) width /= 2;
  return width;
}

/// What a micro-kernel computes at once.
struct TapGrain {
  int widest = 1;   ///< output blocks: 4, or 1 where there are few registers
  int pixels = 12;  ///< of a row: multiples of it are covered well
};

struct TapKernels {
  TapGrain grain;
  void (*run)(const TapJob& job, const TapTile& tile);
};

/// The kernels that multiply factors of a type, f32 or (from Isa::avx512_bf16 on) bf16.
const TapKernels& tap_kernels(Isa isa, DataType factors = DataType::f32);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/tap-inl.hpp>
#endif
