#pragma once
/// The micro-kernel of the convolutions: a few pixels times the weights of a few output blocks, summed in registers.

#include <pix2pixhd/backend/cpu/kernels/counts.hpp>
#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>
#include <pix2pixhd/backend/cpu/kernels/matrix_tiles.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// sums[output block][pixel] += over taps, source blocks and channels: source value times a row of weights.
/// Factor is float or Bf16. Bf16 is multiplied in pairs: the weights of channels k and k + 1 (k even) lie side by side.
template <class Factor>
struct MultiplyStepOf {
  const Factor* source = nullptr;
  int pixel_stride = 16;         ///< values between the sources of neighbouring pixels
  const int* offsets = nullptr;  ///< of each tap, values from a pixel's source
  int taps = 1;
  int blocks = 1;         ///< of the source
  std::size_t plane = 0;  ///< values from one of them to the next
  int depth = 16;         ///< channels of a block that are multiplied; an even number of Bf16
  /// [tap][block][channel][output blocks * 16], or [tap][block][channel / 2][output blocks * 16][2]
  const Factor* weights = nullptr;
  float* sums = nullptr;  ///< [output block][pixel][16]
  std::size_t sums_plane = 0;
  bool go_on = false;        ///< add to the sums that are there
  std::ptrdiff_t ahead = 0;  ///< values from the source to that of the next call, which is fetched; 0: none is
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/multiply.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
