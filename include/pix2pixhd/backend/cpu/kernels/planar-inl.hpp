#pragma once

#include <pix2pixhd/backend/cpu/kernels/counts.hpp>
#include <pix2pixhd/backend/cpu/kernels/lane_transpose.hpp>
#include <pix2pixhd/backend/cpu/kernels/pairs.hpp>
#include <pix2pixhd/backend/cpu/kernels/plain_row.hpp>
#include <pix2pixhd/backend/cpu/kernels/planar.hpp>
#include <pix2pixhd/core/linkage.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/planar.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE const PlanarKernels& planar_kernels(Isa isa, DataType factors) {
  if (factors == DataType::bf16) return avx512_bf16::planar_table;
  return select_isa(isa, baseline::planar_table, avx2::planar_table, avx512::planar_table);
}

}  // namespace pix2pixhd::inline v0::detail
