#pragma once
/// Memory of a CUDA device, kept for the next tensor.

#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/backend/cuda/free_blocks.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>

namespace pix2pixhd::inline v0::backend_cuda {

/// Hands out memory of a device and keeps what comes back, because the driver's own calls take long and wait for the
/// device. What comes back may still be in use by work in the stream of the backend, and goes only to later work there.
///
/// In use and kept together it never holds more than 5/4 of what was in use at most, and 64 MB. With
/// PIX2PIXHD_NO_MEMORY_CACHE in the environment nothing is kept and no size rounded up, so that compute-sanitizer sees
/// where each piece ends.
class DeviceMemory : public std::enable_shared_from_this<DeviceMemory> {
 public:
  explicit DeviceMemory(std::shared_ptr<CudaContext> context);
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;
  ~DeviceMemory();

  /// At least `bytes`, aligned to 512. Throws OutOfMemory with the figures; everything stays usable.
  std::shared_ptr<void> allocate(std::size_t bytes) { return allocate_block(bytes).memory; }

  /// Memory and its true size.
  struct Block {
    std::shared_ptr<void> memory;
    std::size_t bytes = 0;
  };
  Block allocate_block(std::size_t bytes);

  /// While it lives nothing is given back to the driver, which would have to wait for the device: its thread records a
  /// pass. Other threads that lack memory wait for its end. So that none of them waits while that thread waits for it,
  /// the stream is held (CudaStream::hold) by whoever makes one.
  class Hold {
   public:
    explicit Hold(DeviceMemory& memory) : memory_(memory) { memory_.hold(1); }
    ~Hold() { memory_.hold(-1); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    DeviceMemory& memory_;
  };
  /// Whether memory is kept, and what a request is rounded up to.
  bool caches() const { return caches_; }
  std::size_t rounded(std::size_t bytes) const;
  /// Bytes taken from the driver: in use and kept.
  std::size_t held() const;
  /// Bytes that can still be had: the device's free ones and what is kept.
  std::size_t available() const;
  /// Gives back to the driver what is kept.
  void release();

 private:
  void hold(int more);
  void give_back(driver::Address address, std::size_t bytes);
  void release_until(std::size_t allowed);
  /// Gives back all that is kept, as soon as no other thread holds it. Returns whether that may have helped.
  bool release_all(std::unique_lock<std::mutex>& lock);

  std::shared_ptr<CudaContext> context_;
  bool caches_;
  mutable std::mutex mutex_;
  FreeBlocks<driver::Address> kept_;
  std::size_t used_ = 0, most_used_ = 0;
  int holds_ = 0;
  std::thread::id holder_;  ///< of all of them: the stream is one thread's
  std::condition_variable let_go_;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/device_memory-inl.hpp>
#endif
