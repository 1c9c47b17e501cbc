#pragma once
/// The device that the stand-in imitates: its memory and its stream.

#include "shim.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// Streams and graphs as the driver names them.
struct CUstream_st {
  std::vector<std::function<void()>> waiting;
  std::size_t put = 0;                                     ///< pieces of work so far, done ones included
  std::vector<std::function<void()>>* captured = nullptr;  ///< set while a graph is recorded
};

namespace stand_in {

struct Device {
  std::recursive_mutex mutex;
  std::map<std::uintptr_t, std::size_t> allocations;
  std::size_t allocated = 0, memory = std::size_t{4} << 30;
  int pinned = 0;       ///< pieces of host memory
  int old_devices = 0;  ///< of a capability that is too low, numbered before the one that works
  std::map<std::string, int> calls;
  std::string failing;
  int fails_after = 0, failure = 0, waits = 0;
  std::string awaited;  ///< of what the next wait for a moment waits besides; empty: nothing
  bool came = false;    ///< it did
  std::condition_variable_any called;
  std::vector<CUstream_st*> streams;
  double milliseconds = 0;  ///< of work that is done; only convolutions take time
  int engines = 1;          ///< that cuDNN proposes for a convolution, the slowest first
  int last_engine = -1;     ///< that was executed

  /// Whether [address, address + bytes) lies in one allocation.
  bool holds(std::uintptr_t address, std::size_t bytes) const;
  /// Whether a graph is being recorded.
  bool recording() const;
  /// Does what waits in all streams.
  void finish();
  /// The same for a caller who waits, which is counted if there is something to wait for.
  void wait();
  void put(CUstream_st* stream, std::function<void()> work);
};

/// A moment in a stream: after so many pieces of work, and what the device's clock showed then.
struct Event {
  CUstream_st* stream = nullptr;
  std::size_t after = 0;
  bool captured = false;  ///< last recorded into a graph: nobody can wait for it
  std::shared_ptr<double> milliseconds = std::make_shared<double>(0);
  bool reached() const { return !stream || after + stream->waiting.size() <= stream->put; }
};

Device& device();

/// How often this thread has made the context current. It lies with the thread's own memory from the start, because
/// LeakSanitizer misreads what is added when a library is loaded, and ends the program at times.
extern thread_local int contexts_in_use [[gnu::tls_model("initial-exec")]];

/// What lies behind every allocation: bytes of 0xff that nobody may write.
inline constexpr std::size_t guard_bytes = 512;
/// Ends the program with a message if the memory behind an allocation was written.
void check_guard(std::uintptr_t address, std::size_t bytes);

/// Counts a call and takes the lock; `failure` is what it must return at once, or 0.
struct Call {
  std::unique_lock<std::recursive_mutex> lock;
  int failure = 0;
  explicit Call(const char* name, bool needs_context = true);
};

namespace kernels_f32 {
const HostKernel* find_kernel(const char* name);
}
namespace kernels_bf16 {
const HostKernel* find_kernel(const char* name);
}
namespace kernels_f16 {
const HostKernel* find_kernel(const char* name);
}

}  // namespace stand_in
