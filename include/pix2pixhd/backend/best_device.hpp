#pragma once
/// The best device that there is.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_backend.hpp>

namespace pix2pixhd::inline v0 {

/// A GPU if one can be opened, else the CPU. `device.description()` tells which it is; cuda_availability() why it is
/// not a GPU.
inline Device best_device(DeviceOptions options = {}) {
  return cuda_availability().empty() ? cuda(0, options) : cpu(options);
}

}  // namespace pix2pixhd::inline v0
