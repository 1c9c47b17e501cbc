#pragma once
/// How convolutions read a picture: tile by tile into a scratch, finished and padded.

#include <pix2pixhd/backend/cpu/kernels/activation.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// All channels of one picture in memory.
struct Picture {
  const void* values = nullptr;
  DataType type = DataType::f32;  ///< bf16 only where blocked
  bool blocked = true;            ///< [C / 16][H][W][16], otherwise [C][H][W]
  int channels = 0;
  std::ptrdiff_t row_stride = 0;     ///< pixels from one row to the next
  std::ptrdiff_t column_stride = 1;  ///< pixels from one column to the next
  std::size_t pixels = 0;            ///< of a channel
  /// What is applied to the values on the way: activation((x - mean) * scale + shift); null where they are finished.
  const float* mean = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;
  Activation activation = Activation::none;

  int blocks() const { return (channels + 15) / 16; }
};

/// A rectangle of a picture that is to be read. Rows and columns go through tables of indices, where -1 stands for
/// zeros: that covers every padding and enlargement.
struct Window {
  const int* rows = nullptr;
  const int* columns = nullptr;
  int height = 0;
  int width = 0;
  int first_block = 0;
  int blocks = 0;
};

/// Where it goes: [block][row][pixel][16], floats or bf16, lanes without a channel are zeros.
struct ScratchShape {
  int pitch = 0;          ///< pixels from one row to the next
  std::size_t plane = 0;  ///< values from one block to the next
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/source.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
