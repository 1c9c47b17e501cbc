#pragma once

#include <pix2pixhd/backend/cpu/kernels/multiply.hpp>
#include <pix2pixhd/backend/cpu/kernels/pairs.hpp>
#include <pix2pixhd/backend/cpu/kernels/tap.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_bf16.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16_ONLY
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_bf16.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const WinogradBf16Kernels& winograd_bf16_kernels() {
#if defined(__x86_64__)
  return avx512_bf16::winograd_bf16_table;
#else
  static const WinogradBf16Kernels none{};  // no such machine gets here: plan_winograd_bf16 plans nothing for it
  return none;
#endif
}

}  // namespace pix2pixhd::inline v0::detail
