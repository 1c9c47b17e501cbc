#pragma once

#include <pix2pixhd/backend/cpu/kernels/multiply.hpp>
#include <pix2pixhd/backend/cpu/kernels/pairs.hpp>
#include <pix2pixhd/backend/cpu/kernels/tap.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_input.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_output.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

template <>
PIX2PIXHD_INLINE const WinogradKernels<float>& winograd_kernels<float>(Isa isa) {
  return select_isa(isa, baseline::winograd_table, avx2::winograd_table, avx512::winograd_table);
}

template <>
PIX2PIXHD_INLINE const WinogradKernels<Bf16>& winograd_kernels<Bf16>([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  return isa >= Isa::amx_bf16 ? avx512_bf16::winograd_matrix_table : avx512_bf16::winograd_table;
#else
  static const WinogradKernels<Bf16> none{};  // no such machine gets here: there is nothing planned for it
  return none;
#endif
}

}  // namespace pix2pixhd::inline v0::detail
