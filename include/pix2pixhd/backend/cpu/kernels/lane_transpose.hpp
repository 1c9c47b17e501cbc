#pragma once
/// Transposition of sixteen rows of sixteen lanes: pixels of sixteen channels become channels of sixteen pixels.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

namespace pix2pixhd::inline v0::detail {

/// The numbers of the lanes of a vector, as a type.
template <int... number>
struct LaneNumbers {};

}  // namespace pix2pixhd::inline v0::detail

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/lane_transpose.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
