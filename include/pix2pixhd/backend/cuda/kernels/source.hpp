#pragma once
/// The kernels as text.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <string>

namespace pix2pixhd::inline v0::backend_cuda::kernels {

/// CUDA C++ without includes: all kernels, for activations stored as `type`.
std::string source(DataType type);

}  // namespace pix2pixhd::inline v0::backend_cuda::kernels

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/kernels/source-inl.hpp>
#endif
