#pragma once
/// One piece of memory for all temporaries of a pass, laid out beforehand.

#include <pix2pixhd/core/device.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// An allocation of a pass: how many bytes, and from which to which moment it was alive (a clock that ticks at every
/// allocation and release).
struct AllocationRecord {
  std::size_t bytes = 0;
  std::size_t born = 0;
  std::size_t died = ~std::size_t{0};  ///< the largest value: it outlived the pass
};

/// Passes allocations on to the backend and writes down when each came and went.
class RecordingAllocator final : public Allocator {
 public:
  std::shared_ptr<Storage> allocate(Backend& backend, std::size_t bytes) override {
    auto storage = backend.allocate(bytes);
    const std::size_t index = log_->records.size();
    log_->records.push_back({.bytes = bytes, .born = log_->clock++});
    Storage* raw = storage.get();
    return {raw, [log = log_, index, kept = std::move(storage)](Storage*) mutable {
              log->records[index].died = log->clock++;
              kept.reset();
            }};
  }
  const std::vector<AllocationRecord>& records() const { return log_->records; }

 private:
  struct Log {
    std::vector<AllocationRecord> records;
    std::size_t clock = 0;
  };
  std::shared_ptr<Log> log_ = std::make_shared<Log>();
};

/// Where each allocation of a pass lies in an arena. What outlives the pass gets no place.
struct ArenaPlan {
  static constexpr std::size_t outside = ~std::size_t{0};

  struct Place {
    std::size_t bytes = 0;
    std::size_t offset = outside;
    std::vector<std::size_t> predecessors;  ///< earlier allocations on the same bytes, which must be free by then
  };
  std::vector<Place> places;
  std::size_t bytes = 0;  ///< of the whole arena

  ArenaPlan() = default;
  /// Largest first, each at the lowest offset that is free during its whole life (greedy by size: Pisarchyk and Lee,
  /// Efficient Memory Management for Deep Neural Net Inference, 2020).
  explicit ArenaPlan(const std::vector<AllocationRecord>& records) : places(records.size()) {
    std::vector<std::size_t> order(records.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return records[a].bytes > records[b].bytes; });
    const auto lived_together = [&](std::size_t a, std::size_t b) {
      return records[a].born < records[b].died && records[b].born < records[a].died;
    };
    std::vector<std::size_t> placed;  // by offset
    for (const std::size_t i : order) {
      places[i].bytes = records[i].bytes;
      if (records[i].died == outside) continue;
      std::size_t offset = 0;
      for (const std::size_t other : placed)
        if (lived_together(i, other) && places[other].offset < offset + aligned(records[i].bytes))
          offset = std::max(offset, places[other].offset + aligned(places[other].bytes));
      places[i].offset = offset;
      bytes = std::max(bytes, offset + aligned(records[i].bytes));
      placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                     [&](std::size_t a, std::size_t b) { return places[a].offset < places[b].offset; }),
                    i);
    }
    for (const std::size_t i : placed)
      for (const std::size_t other : placed)
        if (records[other].born < records[i].born && overlap(places[i], places[other]))
          places[i].predecessors.push_back(other);
  }

  static constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

 private:
  static bool overlap(const Place& a, const Place& b) {
    return a.offset < b.offset + aligned(b.bytes) && b.offset < a.offset + aligned(a.bytes);
  }
};

/// Hands out the places of a plan in the order of the pass. An allocation that differs from the plan, or whose place is
/// still held, comes from the backend's heap, so that a surprise costs memory and never correctness.
class ArenaAllocator final : public Allocator {
 public:
  /// `arena`: at least plan.bytes bytes, or null if that is 0.
  ArenaAllocator(std::shared_ptr<const ArenaPlan> plan, std::shared_ptr<Storage> arena)
      : plan_(std::move(plan)),
        arena_(std::move(arena)),
        free_(std::make_shared<std::vector<char>>(plan_->places.size(), 0)) {}

  std::shared_ptr<Storage> allocate(Backend& backend, std::size_t bytes) override {
    const std::size_t index = next_++;
    if (index >= plan_->places.size()) return backend.allocate(bytes);
    const ArenaPlan::Place& place = plan_->places[index];
    bool fits = place.bytes == bytes && place.offset != ArenaPlan::outside;
    for (const std::size_t other : place.predecessors) fits = fits && (*free_)[other];
    if (!fits) return backend.allocate(bytes);
    auto* base = static_cast<std::byte*>(arena_->mutable_data());  // null on a backend that only counts
    auto* storage =
        new Storage(arena_->backend(), std::shared_ptr<void>(arena_, base ? base + place.offset : nullptr), bytes);
    return {storage, [freed = free_, index](Storage* dead) {
              delete dead;
              (*freed)[index] = 1;
            }};
  }

 private:
  std::shared_ptr<const ArenaPlan> plan_;
  std::shared_ptr<Storage> arena_;
  std::shared_ptr<std::vector<char>> free_;
  std::size_t next_ = 0;
};

}  // namespace pix2pixhd::inline v0
