#pragma once
/// Activations of sixteen lanes, for every instruction set.

#include <pix2pixhd/backend/cpu/kernels/lanes.hpp>
#include <pix2pixhd/core/geometry.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/activation.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
