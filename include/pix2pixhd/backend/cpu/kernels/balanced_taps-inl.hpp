#pragma once

#include <pix2pixhd/backend/cpu/kernels/balanced_taps.hpp>
#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#include <cstddef>

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/balanced_taps.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE BalanceKernel balance_kernel(Isa isa) {
  return select_isa(isa, baseline::balance_taps, avx2::balance_taps, avx512::balance_taps);
}

}  // namespace pix2pixhd::inline v0::detail
