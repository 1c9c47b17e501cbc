#pragma once
/// Where the weights of a convolution lie, whichever way it is gone through.

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Where weight (k, n, tap) lies: values[k * source_stride + n * output_stride + tap].
struct WeightView {
  const float* values = nullptr;
  std::size_t source_stride = 0;
  std::size_t output_stride = 0;
};

}  // namespace pix2pixhd::inline v0::detail
