#pragma once
/// What kernels number by int.

#include <pix2pixhd/backend/cuda/kernels/arguments.hpp>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/shape.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::backend_cuda {

/// `count` as kernels number threads, values and the pixels of all pictures. Throws Error where they could not.
inline int counted(std::size_t count, const char* what) {
  constexpr std::size_t most = (std::size_t{1} << 31) - kernels::threads_per_block;
  detail::require(count <= most, "an operation on cuda needs ", count, " ", what, ", at most ", most,
                  " are possible; use a smaller picture or a smaller batch.");
  return static_cast<int>(count);
}

/// Throws Error where kernels could not number the pixels of all pictures. They may be more than threads: many a thread
/// takes several.
inline void check_pixels(const Shape& shape) { counted(shape.with_channels(1).count(), "pixels"); }

}  // namespace pix2pixhd::inline v0::backend_cuda
