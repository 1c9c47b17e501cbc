#pragma once
/// Outputs of Winograd's convolutions: A^T M A of every tile, and their moments.

#include <pix2pixhd/backend/cpu/kernels/winograd_job.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_points.hpp>

#define PIX2PIXHD_KERNEL_FOR_BF16
#define PIX2PIXHD_KERNEL_HEADER <pix2pixhd/backend/cpu/kernels/winograd_output.inc.hpp>
#include <pix2pixhd/backend/cpu/kernels/for_each_isa.inc.hpp>
