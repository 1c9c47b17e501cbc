#pragma once

#include <pix2pixhd/backend/cpu/thread_pool.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0 {

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
  try {
    for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
  } catch (const std::system_error&) {
    // The machine gives no more threads; results do not depend on their number.
  }
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
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stop_ || (loop_ && generation_ != seen); });
    if (stop_) return;
    seen = generation_;
    Loop* const loop = loop_;
    ++inside_;
    lock.unlock();
    loop->take_part(worker);
    lock.lock();
    if (--inside_ == 0) done_.notify_one();
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
      ++generation_;
    }
    wake_.notify_all();
    loop.take_part(0);
    owner_id_.store(std::thread::id{}, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    loop_ = nullptr;  // a worker that wakes late finds no loop
    done_.wait(lock, [&] { return inside_ == 0; });
  }
  if (loop.error) std::rethrow_exception(loop.error);
}

}  // namespace pix2pixhd::inline v0
