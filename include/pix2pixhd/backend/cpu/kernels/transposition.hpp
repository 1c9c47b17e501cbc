#pragma once
/// The transposition of large matrices of weights, in registers.

#include <pix2pixhd/backend/cpu/isa.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// As transpose() in transpose.hpp, in tiles of sixteen by sixteen.
using TransposeKernel = void (*)(const float* from, std::size_t from_stride, float* to, std::size_t to_stride,
                                 std::size_t rows, std::size_t columns);

TransposeKernel transpose_kernel(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/transposition-inl.hpp>
#endif
