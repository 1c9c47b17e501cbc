#pragma once
/// A device's primary context, and calls of the driver.

#include <pix2pixhd/backend/cuda/driver.hpp>
#include <pix2pixhd/core/error.hpp>

#include <cstdint>
#include <string>

namespace pix2pixhd::inline v0::backend_cuda {

/// Whether CUDA documents of an error that every later call of the process fails too: a kernel went wrong on the
/// device.
constexpr bool lasts(driver::Result result) {
  return result == 226 || result == 700 || result == 702 || (result >= 714 && result <= 719) || result == 721;
}

/// Throws Error saying what failed on which device; OutOfMemory where memory did.
inline void check_driver(driver::Result result, const std::string& device, const char* what) {
  if (result == driver::success) return;
  if (result == driver::out_of_memory)
    throw OutOfMemory(detail::sentence(device, ": ", what,
                                       " failed for want of memory; use a smaller picture, bf16, or ",
                                       "end other programs that use the device."));
  throw Error(detail::sentence(device, ": ", what, " failed: ", driver::describe(result),
                               lasts(result) ? "; this program cannot use the device any more, restart it or use the "
                                               "cpu device"
                                             : ""));
}

/// The address of memory as the driver names it.
inline driver::Address address_of(const void* memory) {
  return static_cast<driver::Address>(reinterpret_cast<std::uintptr_t>(memory));
}

/// What is known about a device before it is opened.
struct DeviceFacts {
  int index = 0;
  std::string name = {};   ///< "cuda:0"
  std::string model = {};  ///< as its maker calls it
  int multiprocessors = 0;
  int capability = 0;  ///< 90 is 9.0
  driver::DeviceIndex device = 0;

  /// What kernels are compiled for: "sm_80", "sm_90a".
  std::string architecture() const;
};

/// The oldest compute capability that is used: 8.0.
inline constexpr int oldest_capability = 80;

/// Asks the driver. Throws Error if there is no such device or it is too old.
DeviceFacts device_facts(int index);

/// A device that is in use: its primary context, which it shares with whatever else the program does there.
class CudaContext {
 public:
  explicit CudaContext(int index);
  CudaContext(const CudaContext&) = delete;
  CudaContext& operator=(const CudaContext&) = delete;
  ~CudaContext();

  const DeviceFacts& facts() const { return facts_; }
  const std::string& name() const { return facts_.name; }

  /// Makes the context current in this thread for as long as the object lives.
  class Use {
   public:
    explicit Use(const CudaContext& context);
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use();
  };

 private:
  DeviceFacts facts_;
  driver::Context context_ = nullptr;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/context-inl.hpp>
#endif
