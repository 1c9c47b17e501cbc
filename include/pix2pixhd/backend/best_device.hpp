#pragma once
/// The best device that there is.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>

#include <iostream>
#include <string>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Says once in a program why the CPU is used, on the error stream.
inline void say_why_cpu(const std::string& reason) {
  [[maybe_unused]] static const bool said = [&] {
    std::cerr << "pix2pixhd: running on the CPU: " << reason << '\n';
    return true;
  }();
}

}  // namespace detail

/// The first GPU that can be opened, else the CPU; in that case the reason is written to the error stream once.
/// `device.description()` tells which it is. Throws Error where that is the CPU and options.precision is not for it.
inline Device best_device(DeviceOptions options = {}) {
  std::string reason;
  for (const int index : usable_cuda_devices()) try {
      return cuda(index, options);
    } catch (const Error& error) {  // it is in exclusive use or full, for example
      if (reason.empty()) reason = error.what();
    }
  detail::say_why_cpu(reason.empty() ? cuda_availability() : reason);
  return cpu(options);
}

}  // namespace pix2pixhd::inline v0
