#pragma once
/// The cache of device memory.

#include <pix2pixhd/backend/cuda/device_memory.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

/// Sizes are rounded up: small ones to 512 bytes, large ones to 64 KB, so that blocks fit again.
inline std::size_t rounded_block(std::size_t bytes) {
  const std::size_t unit = bytes < (std::size_t{1} << 20) ? 512 : std::size_t{64} << 10;
  return std::max(unit, (bytes + unit - 1) / unit * unit);
}

PIX2PIXHD_INLINE DeviceMemory::DeviceMemory(std::shared_ptr<CudaContext> context)
    : context_(std::move(context)), caches_(std::getenv("PIX2PIXHD_NO_MEMORY_CACHE") == nullptr) {}

PIX2PIXHD_INLINE DeviceMemory::~DeviceMemory() { release(); }

PIX2PIXHD_INLINE std::size_t DeviceMemory::held() const {
  const std::lock_guard lock(mutex_);
  return used_ + kept_bytes_;
}

PIX2PIXHD_INLINE void DeviceMemory::release() {
  const std::lock_guard lock(mutex_);
  release_until(0);
}

PIX2PIXHD_INLINE std::shared_ptr<void> DeviceMemory::allocate(std::size_t asked) {
  const driver::Functions& f = driver::functions();
  const std::size_t bytes = caches_ ? rounded_block(asked) : std::max(asked, std::size_t{1});
  const std::lock_guard lock(mutex_);
  driver::Address address = 0;
  std::size_t given = bytes;
  const auto fitting = kept_.lower_bound(bytes);
  if (fitting != kept_.end() && fitting->first - bytes <= bytes / 8) {
    given = fitting->first;
    address = fitting->second;
    kept_bytes_ -= given;
    kept_.erase(fitting);
  } else {
    const CudaContext::Use use(*context_);
    const std::size_t most = std::max(most_used_, used_ + bytes), allowed = most + most / 4 + (std::size_t{64} << 20);
    release_until(allowed - std::min(allowed, used_ + bytes));
    driver::Result result = f.allocate(&address, bytes);
    if (result == driver::out_of_memory && !kept_.empty()) {
      release_until(0);
      result = f.allocate(&address, bytes);
    }
    if (result == driver::out_of_memory) {
      std::size_t free = 0, total = 0;
      f.memory(&free, &total);
      throw OutOfMemory(detail::sentence(context_->name(), ": ", asked, " bytes were asked for; of the device's ",
                                         total, " bytes ", free, " are free and ", used_,
                                         " are in use here; use a smaller picture, bf16, or a Session with a budget."));
    }
    check_driver(result, context_->name(), "allocating memory");
  }
  used_ += given;
  most_used_ = std::max(most_used_, used_);
  return {std::bit_cast<void*>(static_cast<std::uintptr_t>(address)),
          [self = shared_from_this(), address, given](void*) { self->give_back(address, given); }};
}

PIX2PIXHD_INLINE void DeviceMemory::give_back(driver::Address address, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  used_ -= bytes;
  try {
    kept_.emplace(bytes, address);
    kept_bytes_ += bytes;
  } catch (...) {  // no memory for the list; a destructor must not throw
    driver::functions().free(address);
  }
  if (!caches_) release_until(0);
}

PIX2PIXHD_INLINE void DeviceMemory::release_until(std::size_t allowed) {
  if (kept_bytes_ <= allowed) return;
  try {
    const CudaContext::Use use(*context_);
    while (!kept_.empty() && kept_bytes_ > allowed) {
      const auto largest = std::prev(kept_.end());
      driver::functions().free(largest->second);  // waits until the device has finished with it
      kept_bytes_ -= largest->first;
      kept_.erase(largest);
    }
  } catch (const Error&) {  // a device that was lost has no memory to give back
  }
}

}  // namespace pix2pixhd::inline v0::backend_cuda
