#pragma once
/// The end of a convolution whose result is stored plainly, channel by channel.

#include <pix2pixhd/backend/cpu/kernels/tap.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/plain_row.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
