#pragma once
/// Looking for a GPU and opening it.

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <memory>

namespace pix2pixhd::inline v0 {
namespace backend_cuda {

inline std::string find_no_cuda() try {
  for (const std::string* problem :
       {&driver::functions().problem, &nvrtc::functions().problem, &cudnn::functions().problem})
    if (!problem->empty()) return *problem;
  device_facts(0);
  return {};
} catch (const Error& error) {
  return error.what();
}

}  // namespace backend_cuda

PIX2PIXHD_INLINE std::string cuda_availability() {
  static const std::string reason = backend_cuda::find_no_cuda();
  return reason;
}

PIX2PIXHD_INLINE Device cuda(int index, DeviceOptions options) {
  const std::string reason = cuda_availability();
  if (!reason.empty()) throw Error(detail::sentence("cuda:", index, " cannot be opened: ", reason));
  return Device(std::make_shared<CudaBackend>(index, options));
}

}  // namespace pix2pixhd::inline v0
