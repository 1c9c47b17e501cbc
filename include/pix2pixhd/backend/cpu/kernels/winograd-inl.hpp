#pragma once

#include <pix2pixhd/backend/cpu/kernels/multiply.hpp>
#include <pix2pixhd/backend/cpu/kernels/tap.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const WinogradKernels& winograd_kernels(Isa isa) {
  return select_isa(isa, baseline::winograd_table, avx2::winograd_table, avx512::winograd_table);
}

}  // namespace pix2pixhd::inline v0::detail
