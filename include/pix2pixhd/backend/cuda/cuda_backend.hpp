#pragma once
/// The CUDA backend's place. This version has none: asking for it says so.

#include <pix2pixhd/core/device.hpp>

#include <string>

namespace pix2pixhd::inline v0 {

/// Why there is no CUDA device, in a sentence; empty if there is one.
inline std::string cuda_availability() { return "this version of pix2pixhd has no CUDA backend; use the cpu device"; }

/// Opens a GPU. Throws Error with the reason where there is none.
inline Device cuda(int index = 0, DeviceOptions = {}) {
  throw Error(detail::sentence("cuda:", index, " cannot be opened: ", cuda_availability()));
}

}  // namespace pix2pixhd::inline v0
