#pragma once
/// The cache of device memory.

#include <pix2pixhd/backend/cuda/device_memory.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
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
  return used_ + kept_.bytes();
}

PIX2PIXHD_INLINE std::size_t DeviceMemory::available() const {
  const CudaContext::Use use(*context_);
  std::size_t free = 0, total = 0;
  check_driver(driver::functions().memory(&free, &total), context_->name(), "asking for its free memory");
  const std::lock_guard lock(mutex_);
  return free + kept_.bytes();
}

PIX2PIXHD_INLINE void DeviceMemory::release() {
  const std::lock_guard lock(mutex_);
  release_until(0);
}

PIX2PIXHD_INLINE std::size_t DeviceMemory::rounded(std::size_t bytes) const {
  return caches_ ? rounded_block(bytes) : std::max(bytes, std::size_t{1});
}

PIX2PIXHD_INLINE DeviceMemory::Block DeviceMemory::allocate_block(std::size_t asked) {
  const driver::Functions& f = driver::functions();
  std::unique_lock lock(mutex_);
  FreeBlocks<driver::Address>::Block given{.bytes = rounded(asked)};
  if (auto fitting = kept_.take(given.bytes)) {
    given = *fitting;
  } else {
    const CudaContext::Use use(*context_);
    const std::size_t used = used_ + given.bytes, most = std::max(most_used_, used),
                      allowed = most + most / 4 + (std::size_t{64} << 20);
    release_until(allowed - std::min(allowed, used));
    driver::Result result = f.allocate(&given.handle, given.bytes);
    if (result == driver::out_of_memory && release_all(lock)) result = f.allocate(&given.handle, given.bytes);
    if (result == driver::out_of_memory) {
      std::size_t free = 0, total = 0;
      f.memory(&free, &total);
      throw OutOfMemory(detail::sentence(context_->name(), ": ", asked, " bytes were asked for; of the device's ",
                                         total, " bytes ", free, " are free and ", used_,
                                         " are in use here; use a smaller picture, bf16, or a Session with a budget."));
    }
    check_driver(result, context_->name(), "allocating memory");
  }
  used_ += given.bytes;
  most_used_ = std::max(most_used_, used_);
  lock.unlock();  // without memory for its counts a shared_ptr gives the block back
  return {.memory = {std::bit_cast<void*>(static_cast<std::uintptr_t>(given.handle)),
                     [self = shared_from_this(), given](void*) { self->give_back(given.handle, given.bytes); }},
          .bytes = given.bytes};
}

PIX2PIXHD_INLINE void DeviceMemory::hold(int more) {
  const std::lock_guard lock(mutex_);
  holds_ += more;
  holder_ = std::this_thread::get_id();
  if (!caches_) release_until(0);
  if (holds_ == 0) let_go_.notify_all();
}

PIX2PIXHD_INLINE bool DeviceMemory::release_all(std::unique_lock<std::mutex>& lock) {
  const bool held = holds_ > 0;
  if (held && holder_ == std::this_thread::get_id()) return false;
  let_go_.wait(lock, [&] { return holds_ == 0; });
  const bool kept = !kept_.empty();
  release_until(0);
  return held || kept;
}

PIX2PIXHD_INLINE void DeviceMemory::give_back(driver::Address address, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  used_ -= bytes;
  try {
    kept_.put({bytes, address});
  } catch (...) {  // no memory for the list; a destructor must not throw
    driver::functions().free(address);
  }
  if (!caches_) release_until(0);
}

PIX2PIXHD_INLINE void DeviceMemory::release_until(std::size_t allowed) {
  if (holds_ > 0 || kept_.bytes() <= allowed) return;
  try {
    const CudaContext::Use use(*context_);
    while (!kept_.empty() && kept_.bytes() > allowed)
      driver::functions().free(kept_.take_largest().handle);  // waits until the device has finished with it
  } catch (const Error&) {                                    // a device that was lost has no memory to give back
  }
}

}  // namespace pix2pixhd::inline v0::backend_cuda
