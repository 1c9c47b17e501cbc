#pragma once

#include <pix2pixhd/backend/cpu/kernels/winograd_fixed.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16_ONLY
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_fixed.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const WinogradFixedKernels& winograd_fixed_kernels([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  return avx512_bf16::winograd_fixed_table;
#else
  static const WinogradFixedKernels none{};  // no such machine gets here: there is nothing planned for it
  return none;
#endif
}

}  // namespace pix2pixhd::inline v0::detail
