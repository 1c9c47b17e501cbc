#pragma once
/// How much memory is held.

#include <pix2pixhd/version.hpp>

#include <atomic>
#include <cstddef>

namespace pix2pixhd::inline v0 {

/// Bytes that a backend holds now and held at most.
class MemoryMeter {
 public:
  std::size_t current() const { return current_.load(std::memory_order_relaxed); }
  std::size_t peak() const { return peak_.load(std::memory_order_relaxed); }
  void reset_peak() { peak_.store(current(), std::memory_order_relaxed); }
  void add(std::size_t bytes) { raise_peak(current_.fetch_add(bytes, std::memory_order_relaxed) + bytes); }
  /// Adds unless more than `most` bytes would be held then.
  bool add_within(std::size_t bytes, std::size_t most) {
    std::size_t held = current_.load(std::memory_order_relaxed);
    do {
      if (bytes > most || held > most - bytes) return false;
    } while (!current_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
    raise_peak(held + bytes);
    return true;
  }
  void subtract(std::size_t bytes) { current_.fetch_sub(bytes, std::memory_order_relaxed); }

 private:
  void raise_peak(std::size_t now) {
    std::size_t peak = peak_.load(std::memory_order_relaxed);
    while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
    }
  }

  std::atomic<std::size_t> current_{0}, peak_{0};
};

}  // namespace pix2pixhd::inline v0
