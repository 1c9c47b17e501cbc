#pragma once
/// Work that threads do ahead of the one that needs it.

#include <pix2pixhd/core/start_threads.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Items that several threads make at the same time, given out in the order in which they were begun.
template <class Item>
class InOrder {
 public:
  /// Makes an item; may return anything once a stop is requested. What it throws is thrown where the item is taken.
  using Job = std::function<Item(const std::stop_token&)>;
  /// The next job; an empty one: there are no more. Called by one thread at a time. An exception is the last item.
  using Draw = std::function<Job()>;

  /// `threads` of them, or as many as the system grants, make items until `ahead` are ready and each has one more in
  /// its hands. Without threads each item is made when it is taken.
  InOrder(Draw draw, int threads, std::size_t ahead)
      : draw_(std::move(draw)), most_(ahead + static_cast<std::size_t>(std::max(threads, 0))) {
    start_threads(threads_, threads, [this](int) { run(); });
  }
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;
  /// Ends as soon as the jobs at hand have noticed; what was not taken is dropped.
  ~InOrder() { stop_.request_stop(); }

  /// The next item; waits for it. Empty: there are no more.
  std::optional<Item> next() {
    std::unique_lock lock(mutex_);
    if (threads_.empty()) {
      if (const auto begun = begin()) finish(*begun, lock);
    } else {
      changed_.wait(lock, [this] { return ended_ || !begun_.empty(); });
      changed_.wait(lock, [this] { return begun_.empty() || begun_.front()->done; });
    }
    if (begun_.empty()) {
      if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
      return {};
    }
    const std::shared_ptr<Begun> first = std::move(begun_.front());
    begun_.pop_front();
    lock.unlock();
    changed_.notify_all();
    if (first->failure) std::rethrow_exception(first->failure);
    return std::move(first->item);
  }

 private:
  struct Begun {
    Job job;
    bool done = false;
    std::optional<Item> item = {};
    std::exception_ptr failure = nullptr;
  };

  void run() {
    std::unique_lock lock(mutex_);
    const auto room = [this] { return ended_ || begun_.size() < most_; };
    while (changed_.wait(lock, stop_.get_token(), room) && !ended_ && !stop_.stop_requested())
      if (const auto begun = begin()) finish(*begun, lock);
  }

  /// Draws the next job, with the lock held.
  std::shared_ptr<Begun> begin() {
    if (ended_) return nullptr;
    try {
      const auto begun = std::make_shared<Begun>(Begun{.job = draw_()});
      if (begun->job) {
        begun_.push_back(begun);
        return begun;
      }
    } catch (...) {
      failure_ = std::current_exception();
    }
    ended_ = true;
    changed_.notify_all();
    return nullptr;
  }

  /// Does a job, meanwhile without the lock.
  void finish(Begun& begun, std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    try {
      begun.item = begun.job(stop_.get_token());
    } catch (...) {
      begun.failure = std::current_exception();
    }
    begun.job = nullptr;
    lock.lock();
    begun.done = true;
    changed_.notify_all();
  }

  Draw draw_;
  std::size_t most_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;  // the one that can wait for a stop token too
  std::deque<std::shared_ptr<Begun>> begun_;
  bool ended_ = false;                 ///< no job will be drawn any more
  std::exception_ptr failure_;         ///< what drawing threw
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace pix2pixhd::inline v0::detail
