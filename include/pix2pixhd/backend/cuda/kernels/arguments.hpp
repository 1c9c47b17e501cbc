#pragma once
/// The kernels as the host sees them: their names, what they are given, and the sizes and codes of both sides.

#include <pix2pixhd/version.hpp>

namespace pix2pixhd::inline v0::backend_cuda::kernels {

#define PIX2PIXHD_KERNEL_TEXT(...) __VA_ARGS__
#include <pix2pixhd/backend/cuda/kernels/arguments.inc.hpp>
#undef PIX2PIXHD_KERNEL_TEXT

/// Number of a kernel.
enum class Name : int {
#define PIX2PIXHD_KERNEL(name) name,
#include <pix2pixhd/backend/cuda/kernels/list.inc.hpp>
#undef PIX2PIXHD_KERNEL
};

inline constexpr const char* names[] = {
#define PIX2PIXHD_KERNEL(name) #name,
#include <pix2pixhd/backend/cuda/kernels/list.inc.hpp>
#undef PIX2PIXHD_KERNEL
};
inline constexpr int count = static_cast<int>(sizeof(names) / sizeof(names[0]));

}  // namespace pix2pixhd::inline v0::backend_cuda::kernels
