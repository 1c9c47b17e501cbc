#pragma once

#include <pix2pixhd/backend/cpu/kernels/multiply.hpp>
#include <pix2pixhd/backend/cpu/kernels/tap.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/tap.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const TapKernels& tap_kernels(Isa isa, [[maybe_unused]] DataType factors) {
#if defined(__x86_64__)
  if (factors == DataType::bf16) return isa >= Isa::amx_bf16 ? avx512_bf16::tap_matrix_table : avx512_bf16::tap_table;
#endif
  return select_isa(isa, baseline::tap_table, avx2::tap_table, avx512::tap_table);
}

}  // namespace pix2pixhd::inline v0::detail
