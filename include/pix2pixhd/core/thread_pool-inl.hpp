#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/start_threads.hpp>
#include <pix2pixhd/core/thread_pool.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0 {

namespace detail {

/// Looks for up to a tenth of a millisecond whether `ready()`: the loops of a small network follow each other faster
/// than a sleeping thread wakes up.
template <class Ready>
void look_for(const Ready& ready) {
  for (int round = 0; round < 64 && !ready(); ++round)
    for (int i = 0; i < 32 && !ready(); ++i) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
}

}  // namespace detail

/// One call of parallel_for.
struct ThreadPool::Loop {
  const detail::ChunkFunction& f;
  int chunks;
  std::atomic<int> next{0};
  std::mutex mutex{};
  std::exception_ptr error{};

  void take_part(int worker) {
    for (int chunk = next.fetch_add(1, std::memory_order_relaxed); chunk < chunks;
         chunk = next.fetch_add(1, std::memory_order_relaxed)) {
      try {
        f(chunk, worker);
      } catch (...) {
        next.store(chunks, std::memory_order_relaxed);
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
      }
    }
  }
};

PIX2PIXHD_INLINE ThreadPool::ThreadPool(int threads) {
  detail::start_threads(workers_, threads - 1, [this](int i) { work(i + 1); });
}

PIX2PIXHD_INLINE ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

PIX2PIXHD_INLINE void ThreadPool::work(int worker) {
  std::uint64_t seen = 0;
  const auto called = [&] { return generation_.load(std::memory_order_acquire) != seen; };
  while (true) {
    detail::look_for(called);
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return stop_ || called(); });
    if (stop_) return;
    seen = generation_.load(std::memory_order_relaxed);
    Loop* const loop = loop_;
    if (!loop) continue;  // too late: it is over
    inside_.fetch_add(1, std::memory_order_relaxed);
    lock.unlock();
    loop->take_part(worker);
    lock.lock();
    if (inside_.fetch_sub(1, std::memory_order_release) == 1) done_.notify_one();
  }
}

PIX2PIXHD_INLINE void ThreadPool::run(int chunks, const detail::ChunkFunction& f) {
  Loop loop{.f = f, .chunks = chunks};
  const std::thread::id self = std::this_thread::get_id();
  // The owner must not ask for its own mutex again: that is a chunk which calls parallel_for.
  const bool own = owner_id_.load(std::memory_order_relaxed) == self;
  std::unique_lock<std::mutex> owner(owner_, std::defer_lock);
  if (workers_.empty() || chunks < 2 || own || !owner.try_lock()) {
    loop.take_part(0);
  } else {
    owner_id_.store(self, std::memory_order_relaxed);
    {
      const std::lock_guard lock(mutex_);
      loop_ = &loop;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    loop.take_part(0);
    owner_id_.store(std::thread::id{}, std::memory_order_relaxed);
    {
      const std::lock_guard lock(mutex_);
      loop_ = nullptr;  // a worker that wakes late finds no loop
    }
    const auto left = [&] { return inside_.load(std::memory_order_acquire) == 0; };
    detail::look_for(left);
    std::unique_lock lock(mutex_);
    done_.wait(lock, left);
  }
  if (loop.error) std::rethrow_exception(loop.error);
}

}  // namespace pix2pixhd::inline v0
