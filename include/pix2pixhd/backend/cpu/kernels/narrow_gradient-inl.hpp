#pragma once

#include <pix2pixhd/backend/cpu/kernels/counts.hpp>
#include <pix2pixhd/backend/cpu/kernels/narrow_gradient.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/narrow_gradient.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const NarrowGradientKernels& narrow_gradient_kernels(Isa isa) {
  return select_isa(isa, baseline::narrow_gradient_table, avx2::narrow_gradient_table, avx512::narrow_gradient_table);
}

}  // namespace pix2pixhd::inline v0::detail
