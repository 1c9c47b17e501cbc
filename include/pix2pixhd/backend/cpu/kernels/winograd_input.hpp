#pragma once
/// Inputs of Winograd's convolutions: B^T d B of every tile.

#include <pix2pixhd/backend/cpu/kernels/winograd_job.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_points.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_input.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
