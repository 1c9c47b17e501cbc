#pragma once
/// The micro-kernel of the gradients by weights: outer products of a few channels of two pictures, summed over pixels
/// in registers.

#include <pix2pixhd/backend/cpu/kernels/counts.hpp>
#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// sums[small block][channel] += over a rectangle of pixels: large[pixel][channel] * small[pixel][lane].
struct GradientStep {
  const float* large = nullptr;  ///< of the first pixel, at the first channel
  std::size_t large_row = 0;     ///< floats from one row to the next
  std::size_t large_pixel = 0;
  const float* small = nullptr;
  std::size_t small_row = 0;
  std::size_t small_plane = 0;  ///< floats from one block to the next
  int height = 0, width = 0;
  float* sums = nullptr;  ///< [small block][large channel][16]
  std::size_t sums_plane = 0;
  bool go_on = false;  ///< add to the sums that are there
};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/gradient_multiply.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
