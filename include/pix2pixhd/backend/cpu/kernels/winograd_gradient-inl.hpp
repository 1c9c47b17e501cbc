#pragma once

#include <pix2pixhd/backend/cpu/kernels/gradient_multiply.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_gradient.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_gradient.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const WinogradGradientKernels& winograd_gradient_kernels(Isa isa) {
  return select_isa(isa, baseline::winograd_gradient_table, avx2::winograd_gradient_table,
                    avx512::winograd_gradient_table);
}

}  // namespace pix2pixhd::inline v0::detail
