#pragma once
/// Bf16 of two neighbouring channels side by side, as the processor multiplies them.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16_ONLY
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/pairs.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
