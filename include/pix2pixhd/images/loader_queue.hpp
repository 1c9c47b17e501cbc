#pragma once
/// A queue from one thread to another.

#include <pix2pixhd/version.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <stop_token>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// Holds up to `capacity` items. One thread puts, another takes; the end is an exception.
template <class Item>
class LoaderQueue {
 public:
  explicit LoaderQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Waits for room. False where `stop` came first; the item is then dropped.
  bool put(Item item, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!room_.wait(lock, stop, [this] { return items_.size() < capacity_; })) return false;
    items_.push_back(std::move(item));
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// What take() throws once it has given all items.
  void fail(std::exception_ptr failure) {
    {
      const std::lock_guard lock(mutex_);
      failure_ = std::move(failure);
    }
    filled_.notify_all();
  }

  /// Waits for an item or the failure.
  Item take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !items_.empty() || failure_; });
    if (items_.empty()) std::rethrow_exception(failure_);
    Item item = std::move(items_.front());
    items_.pop_front();
    lock.unlock();
    room_.notify_one();
    return item;
  }

 private:
  std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable_any room_;  // the one that can wait for a stop token too
  std::condition_variable filled_;
  std::deque<Item> items_;
  std::exception_ptr failure_;
};

}  // namespace pix2pixhd::inline v0::detail
