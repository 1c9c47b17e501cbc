#pragma once
/// Threads that a backend shares its loops out to.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace pix2pixhd::inline v0 {

namespace detail {

/// A callable f(int chunk, int worker), by reference: nothing is copied or allocated.
class ChunkFunction {
 public:
  template <class F>
  explicit ChunkFunction(F& f)
      : object_(&f), call_([](void* object, int chunk, int worker) { (*static_cast<F*>(object))(chunk, worker); }) {}
  void operator()(int chunk, int worker) const { call_(object_, chunk, worker); }

 private:
  void* object_;
  void (*call_)(void*, int, int);
};

}  // namespace detail

/// Persistent threads that share out the chunks of one loop at a time.
///
/// What a chunk computes must not depend on which thread runs it, or when; sums over chunks are made afterwards, in
/// the order of the chunks. Then any number of threads gives the same bits.
///
/// A process that is forked has the pool but not its threads: it must not destroy what its parent made here (it ends by
/// exec or _exit).
class ThreadPool {
 public:
  /// `threads` counts the calling thread: with 1, no thread is made.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls f(chunk, worker) for every chunk in [0, chunks), with worker in [0, threads()) and no two calls at once with
  /// the same worker. Returns when all are done. If f throws, chunks not yet begun are left out and one of the
  /// exceptions is thrown here. A call made while the pool is busy (from another thread, or from within a chunk) runs
  /// in the caller alone, as worker 0.
  template <class F>
  void parallel_for(int chunks, F&& f) {
    run(chunks, detail::ChunkFunction(f));
  }

 private:
  struct Loop;
  void run(int chunks, const detail::ChunkFunction& f);
  void work(int worker);

  std::vector<std::thread> workers_;
  std::mutex owner_;  ///< held by the thread whose loop the pool runs
  std::atomic<std::thread::id> owner_id_{};
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable wake_, done_;
  Loop* loop_ = nullptr;
  std::atomic<std::uint64_t> generation_{0};  ///< of the loop; changed under the mutex, looked at without it too
  std::atomic<int> inside_{0};                ///< workers that still look at the loop; likewise
  bool stop_ = false;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/core/thread_pool-inl.hpp>
#endif
