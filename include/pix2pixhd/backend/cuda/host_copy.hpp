#pragma once
/// Copies within the host's memory.

#include <pix2pixhd/core/thread_pool.hpp>
#include <pix2pixhd/version.hpp>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

namespace pix2pixhd::inline v0::backend_cuda {

/// A large copy is shared out to a few threads, because one moves a fraction of what the memory can: on a server some
/// 14 GB/s, four of them 40. Any number of threads may copy at once; the pool helps one of them.
class HostCopy {
 public:
  void operator()(void* to, const void* from, std::size_t bytes) {
    if (bytes < 2 * chunk) {
      std::memcpy(to, from, bytes);
      return;
    }
    pool().parallel_for(static_cast<int>((bytes + chunk - 1) / chunk), [&](int index, int) {
      const std::size_t at = static_cast<std::size_t>(index) * chunk;
      std::memcpy(static_cast<std::byte*>(to) + at, static_cast<const std::byte*>(from) + at,
                  std::min(chunk, bytes - at));
    });
  }

 private:
  static constexpr std::size_t chunk = std::size_t{256} << 10;
  static constexpr unsigned most_threads = 4;

  /// Made when it is first needed: most programs that open a device copy little.
  ThreadPool& pool() {
    std::call_once(made_, [&] {
      pool_ = std::make_unique<ThreadPool>(
          static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, most_threads)));
    });
    return *pool_;
  }

  std::once_flag made_;
  std::unique_ptr<ThreadPool> pool_;
};

}  // namespace pix2pixhd::inline v0::backend_cuda
