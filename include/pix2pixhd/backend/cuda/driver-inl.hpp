#pragma once
/// Loading the CUDA driver.

#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/core/error.hpp>

namespace pix2pixhd::inline v0::backend_cuda::driver {

inline Functions load_functions() {
  Functions f;
  DynamicLibrary library({.what = "the CUDA driver",
                          .variable = "PIX2PIXHD_CUDA_DRIVER",
                          .names = {"libcuda.so.1"},
                          .remedy = "install NVIDIA's driver"});
  library.resolve(f.init, "cuInit");
  library.resolve(f.driver_version, "cuDriverGetVersion");
  library.resolve(f.error_name, "cuGetErrorName");
  library.resolve(f.error_string, "cuGetErrorString");
  library.resolve(f.device_count, "cuDeviceGetCount");
  library.resolve(f.device, "cuDeviceGet");
  library.resolve(f.device_name, "cuDeviceGetName");
  library.resolve(f.device_attribute, "cuDeviceGetAttribute");
  library.resolve(f.retain_context, "cuDevicePrimaryCtxRetain");
  library.resolve(f.release_context, "cuDevicePrimaryCtxRelease_v2");
  library.resolve(f.push_context, "cuCtxPushCurrent_v2");
  library.resolve(f.pop_context, "cuCtxPopCurrent_v2");
  library.resolve(f.allocate, "cuMemAlloc_v2");
  library.resolve(f.free, "cuMemFree_v2");
  library.resolve(f.memory, "cuMemGetInfo_v2");
  library.resolve(f.allocate_host, "cuMemAllocHost_v2");
  library.resolve(f.free_host, "cuMemFreeHost");
  library.resolve(f.copy_to_device, "cuMemcpyHtoDAsync_v2");
  library.resolve(f.copy_to_host, "cuMemcpyDtoHAsync_v2");
  library.resolve(f.copy_on_device, "cuMemcpyDtoDAsync_v2");
  library.resolve(f.fill_bytes, "cuMemsetD8Async");
  library.resolve(f.create_stream, "cuStreamCreate");
  library.resolve(f.destroy_stream, "cuStreamDestroy_v2");
  library.resolve(f.synchronise, "cuStreamSynchronize");
  library.resolve(f.create_event, "cuEventCreate");
  library.resolve(f.destroy_event, "cuEventDestroy_v2");
  library.resolve(f.record_event, "cuEventRecord");
  library.resolve(f.wait_event, "cuEventSynchronize");
  library.resolve(f.query_event, "cuEventQuery");
  library.resolve(f.elapsed, "cuEventElapsedTime");
  library.resolve(f.load_module, "cuModuleLoadData");
  library.resolve(f.unload_module, "cuModuleUnload");
  library.resolve(f.find_function, "cuModuleGetFunction");
  library.resolve(f.launch, "cuLaunchKernel");
  library.resolve(f.begin_capture, "cuStreamBeginCapture_v2");
  library.resolve(f.end_capture, "cuStreamEndCapture");
  library.resolve(f.instantiate, "cuGraphInstantiateWithFlags");
  library.resolve(f.launch_graph, "cuGraphLaunch");
  library.resolve(f.destroy_graph, "cuGraphDestroy");
  library.resolve(f.destroy_exec, "cuGraphExecDestroy");
  if (library.loaded()) {
    f.driver_version(&f.version);
    if (f.version < 12000)
      library.refuse(detail::sentence("the CUDA driver is made for CUDA ", f.version / 1000, ".", f.version % 1000 / 10,
                                      ", 12.0 or later is needed; install a newer one"));
  }
  f.problem = library.problem();
  return f;
}

PIX2PIXHD_INLINE const Functions& functions() {
  static const Functions loaded = load_functions();
  return loaded;
}

PIX2PIXHD_INLINE std::string describe(Result result) {
  const char *name = nullptr, *text = nullptr;
  const Functions& f = functions();
  if (f.error_name) f.error_name(result, &name);
  if (f.error_string) f.error_string(result, &text);
  return detail::sentence(name ? name : "CUDA error ", name ? "" : std::to_string(result), text ? " (" : "",
                          text ? text : "", text ? ")" : "");
}

}  // namespace pix2pixhd::inline v0::backend_cuda::driver
