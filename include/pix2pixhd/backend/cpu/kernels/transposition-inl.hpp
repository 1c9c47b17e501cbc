#pragma once

#include <pix2pixhd/backend/cpu/kernels/lane_transpose.hpp>
#include <pix2pixhd/backend/cpu/kernels/transposition.hpp>
#include <pix2pixhd/backend/cpu/transpose.hpp>

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/transposition.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE TransposeKernel transpose_kernel(Isa isa) {
  return select_isa(isa, baseline::transpose_tiles, avx2::transpose_tiles, avx512::transpose_tiles);
}

}  // namespace pix2pixhd::inline v0::detail
