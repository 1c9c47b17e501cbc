#pragma once
/// How a micro-kernel, whose registers are arrays of a constant size, is chosen for a size that is known at run time.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/counts.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
