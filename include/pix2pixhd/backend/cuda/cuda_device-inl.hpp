#pragma once
/// Looking for a GPU and opening it.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

/// What is wrong with the libraries that a device needs; empty if nothing is.
inline std::string library_problem() {
  for (const std::string* problem :
       {&driver::functions().problem, &nvrtc::functions().problem, &cudnn::functions().problem})
    if (!problem->empty()) return *problem;
  return {};
}

/// Why a device cannot be used; empty if it can.
inline std::string device_problem(int index) try {
  device_facts(index);
  return {};
} catch (const Error& error) {
  return error.what();
}

}  // namespace backend_cuda

PIX2PIXHD_INLINE std::string cuda_availability() {
  std::string missing = backend_cuda::library_problem();
  if (!missing.empty()) return missing;
  return first_cuda_device() ? std::string() : backend_cuda::device_problem(0);
}

PIX2PIXHD_INLINE std::vector<int> usable_cuda_devices() {
  const backend_cuda::driver::Functions& f = backend_cuda::driver::functions();
  int count = 0;
  if (!backend_cuda::library_problem().empty() || f.init(0) != backend_cuda::driver::success ||
      f.device_count(&count) != backend_cuda::driver::success)
    return {};
  std::vector<int> usable;
  for (int index = 0; index < count; ++index)
    if (backend_cuda::device_problem(index).empty()) usable.push_back(index);
  return usable;
}

PIX2PIXHD_INLINE std::optional<int> first_cuda_device() {
  const std::vector<int> usable = usable_cuda_devices();
  if (usable.empty()) return {};
  return usable.front();
}

PIX2PIXHD_INLINE Device cuda(int index, DeviceOptions options) {
  const std::string reason = backend_cuda::library_problem();
  if (!reason.empty()) throw Error(detail::sentence("cuda:", index, " cannot be opened: ", reason));
  return Device(std::make_shared<CudaBackend>(index, options));
}

}  // namespace pix2pixhd::inline v0
