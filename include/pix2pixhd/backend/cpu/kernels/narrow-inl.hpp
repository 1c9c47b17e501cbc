#pragma once

#include <pix2pixhd/backend/cpu/kernels/counts.hpp>
#include <pix2pixhd/backend/cpu/kernels/narrow.hpp>
#include <pix2pixhd/backend/cpu/kernels/plain_row.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/narrow.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const NarrowKernels& narrow_kernels(Isa isa) {
  return select_isa(isa, baseline::narrow_table, avx2::narrow_table, avx512::narrow_table);
}

}  // namespace pix2pixhd::inline v0::detail
