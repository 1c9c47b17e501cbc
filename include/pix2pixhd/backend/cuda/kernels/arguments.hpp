#pragma once
/// The kernels as the host sees them: their names and what they are given.

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

inline constexpr int threads_per_block = 256;
/// Values that a block of a kernel over several arrays takes.
inline constexpr int values_per_block = 4096;
/// Poolings of a map that ExpandMap can undo.
inline constexpr int most_levels = 4;

}  // namespace pix2pixhd::inline v0::backend_cuda::kernels
