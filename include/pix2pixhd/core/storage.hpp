#pragma once
/// Memory that tensors refer to.

#include <pix2pixhd/core/lent_memory.hpp>
#include <pix2pixhd/version.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

class Backend;

/// A piece of one backend's memory, shared by the tensors that view it.
///
/// Beside the bytes it carries what is known about them: a version that every mutable access raises, values derived
/// from them (packed weights, look-up tables), and whether they stand for zeros that nobody has written yet. The bytes
/// may lie in memory that is lent; the first mutable access then takes a copy.
class Storage {
 public:
  /// `memory` frees itself by its deleter; it is null for a backend that only counts.
  Storage(std::shared_ptr<Backend> backend, std::shared_ptr<void> memory, std::size_t bytes)
      : backend_(std::move(backend)), memory_(std::move(memory)), bytes_(bytes) {}
  /// On memory that `lender` has, which is kept alive.
  Storage(std::shared_ptr<Backend> backend, std::shared_ptr<const LentMemory> lender, std::span<const std::byte> bytes)
      : backend_(std::move(backend)),
        memory_(lender, const_cast<std::byte*>(bytes.data())),
        lender_(std::move(lender)),
        bytes_(bytes.size()) {}
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  /// A number from 1 on that no other storage of this program has or had. An address may come back when its storage is
  /// gone, with the same version.
  std::uint64_t id() const { return id_; }
  const std::shared_ptr<Backend>& backend() const { return backend_; }
  std::size_t bytes() const { return bytes_; }

  const void* data() const { return memory_.get(); }
  void* mutable_data() {
    if (lender_) take_copy();
    version_.fetch_add(1, std::memory_order_acq_rel);
    return memory_.get();
  }
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

  /// Who lends the bytes; null: they are the storage's own.
  const LentMemory* lender() const { return lender_.get(); }
  /// Throws Error if the bytes are lent and no longer what they were. To be called before they are read.
  void check() const {
    if (lender_) lender_->check();
  }

  /// Marks the values as zeros without writing them: the next operation that would add to them overwrites them.
  void clear() { cleared_.store(true, std::memory_order_release); }
  bool cleared() const { return cleared_.load(std::memory_order_acquire); }
  /// Takes the mark away and says whether it was set.
  bool take_cleared() { return cleared_.exchange(false, std::memory_order_acq_rel); }

  /// The value of type T that `make` computes from the bytes, kept under `key` until the bytes change.
  /// Several threads may ask at once; one of them computes. `make` returns std::shared_ptr<const T>.
  template <class T, class Make>
  std::shared_ptr<const T> derived(std::uint64_t key, Make&& make) const {
    const std::lock_guard lock(derived_mutex_);
    Derived& entry = derived_[key];
    if (!entry.value || entry.version != version()) {
      entry.value.reset();  // first, so that old and new are never held at once
      entry.version = version();
      entry.value = make();
    }
    return std::static_pointer_cast<const T>(entry.value);
  }

  /// Whether derived() would find a current value under `key`.
  bool has_derived(std::uint64_t key) const {
    const std::lock_guard lock(derived_mutex_);
    const auto entry = derived_.find(key);
    return entry != derived_.end() && entry->second.value && entry->second.version == version();
  }

  /// Lets go of derived values that are out of date, which nobody asks for any more.
  void forget_outdated() const {
    std::vector<std::shared_ptr<const void>> forgotten;  // they die after the lock is gone
    const std::lock_guard lock(derived_mutex_);
    std::erase_if(derived_, [&](auto& entry) {
      const bool outdated = entry.second.version != version();
      if (outdated) forgotten.push_back(std::move(entry.second.value));
      return outdated;
    });
  }

  /// Lets go of all derived values; who uses one still has it. This raises the version: recorded work reads derived
  /// values where they lay, and is out of date.
  void forget_derived() const {
    std::map<std::uint64_t, Derived> forgotten;  // they die after the lock is gone
    const std::lock_guard lock(derived_mutex_);
    if (!derived_.empty()) version_.fetch_add(1, std::memory_order_acq_rel);
    forgotten.swap(derived_);
  }

 private:
  void take_copy();  // in backend.hpp

  struct Derived {
    std::shared_ptr<const void> value;
    std::uint64_t version = 0;
  };

  inline static std::atomic<std::uint64_t> made_{0};  ///< storages so far

  const std::uint64_t id_ = made_.fetch_add(1, std::memory_order_relaxed) + 1;
  std::shared_ptr<Backend> backend_;
  std::shared_ptr<void> memory_;
  std::shared_ptr<const LentMemory> lender_;  ///< null: the memory is the storage's own
  std::size_t bytes_ = 0;
  mutable std::atomic<std::uint64_t> version_{0};
  std::atomic<bool> cleared_{false};
  mutable std::mutex derived_mutex_;
  mutable std::map<std::uint64_t, Derived> derived_;
};

}  // namespace pix2pixhd::inline v0
