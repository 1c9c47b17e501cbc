#pragma once

#include <pix2pixhd/backend/cpu/kernels/gradient_multiply.hpp>
#include <pix2pixhd/backend/cpu/kernels/weight_gradient.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/weight_gradient.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const WeightGradientKernels& weight_gradient_kernels(Isa isa) {
  return select_isa(isa, baseline::weight_gradient_table, avx2::weight_gradient_table, avx512::weight_gradient_table);
}

}  // namespace pix2pixhd::inline v0::detail
