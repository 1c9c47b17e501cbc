#pragma once
/// Work that is done while the program goes on.

#include <pix2pixhd/core/start_threads.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace tools {

/// Jobs that threads of its own do in any order.
class Background {
 public:
  /// As many threads as the system grants. Without threads each job is done by whoever adds it.
  explicit Background(int threads) {
    pix2pixhd::detail::start_threads(threads_, threads, [this](int) { run(); });
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  ~Background() { finish(); }

  /// Returns when all jobs are done. No more may be added.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (std::jthread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  /// Waits while there is a job more than threads waiting. With threads a job must not throw.
  void add(std::function<void()> job) {
    if (threads_.empty()) return job();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return jobs_.size() <= threads_.size(); });
    jobs_.push_back(std::move(job));
    lock.unlock();
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return ended_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      changed_.notify_all();
      job();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  bool ended_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace tools
