#pragma once
/// Lanes for every instruction set, and the choice between their tables of kernels.

#include <pix2pixhd/backend/cpu/element.hpp>
#include <pix2pixhd/backend/cpu/isa.hpp>

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/lanes_part.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/lanes_bf16.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/lanes.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>

namespace pix2pixhd::inline v0::detail {

#if !defined(__x86_64__)
// Elsewhere the baseline, in vectors of 128 bits, is all there is.
namespace avx2 = baseline;
namespace avx512 = baseline;
namespace avx512_bf16 = baseline;
#endif

/// The table of one family of kernels for `isa`.
template <class Table>
constexpr const Table& select_isa(Isa isa, const Table& baseline, const Table& avx2, const Table& avx512) {
  return isa >= Isa::avx512 ? avx512 : isa == Isa::avx2 ? avx2 : baseline;
}

}  // namespace pix2pixhd::inline v0::detail
