#pragma once
/// Weights whose sum over the taps survives that they are rounded to bf16.
///
/// Over an object of a label map the channels of a generator's front end are nearly constant, and of a constant the
/// convolution sees the sum of the taps only. Rounded each by itself, nine taps leave that sum three times the error of
/// one; it is the same all over the object, and the next normalisation magnifies it. So the errors of the others are
/// added to the tap that is rounded last, before that: the sum then has the error of one rounding. This is for the
/// strided convolutions of front ends whose factors are bf16 (not the first ones, see planned_part-inl.hpp); later
/// inputs vary too much from pixel to pixel to gain from it. (Where the tap kernel computes them,
/// weight_packing-inl.hpp does the same from tap to tap.)

#include <pix2pixhd/backend/cpu/isa.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0::detail {

/// For a convolution of 3x3 taps and stride 2 by Winograd's kernels on four points: weights [channel][tap][lanes], of
/// which the middle taps are changed. At three of the four points in each dimension the transformed input of a constant
/// c vanishes; what is left of it is 4 c at the point (1, 1) of each phase, whose weights are there
///
///   (w00 + w02 + w20 + w22) / 4,   (w01 + w21) / 4,   (w10 + w12) / 4   and   w11 / 4,
///
/// so w11 becomes w11 - 4 (error of the first + of the second + of the third). `lanes` is a multiple of 16.
using BalanceKernel = void (*)(float* weights, int channels, int lanes);

BalanceKernel balance_kernel(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/balanced_taps-inl.hpp>
#endif
