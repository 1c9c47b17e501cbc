#pragma once
/// Weights that lie in a mapped file, while an operation reads them.

#include <pix2pixhd/core/tensor.hpp>
#include <pix2pixhd/core/thread_pool.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pix2pixhd::inline v0::detail {

/// From this many pixels on a block computes for far longer than it takes to map its weights again from the pages that
/// the system keeps.
inline constexpr std::size_t released_from_pixels = 1024;

/// Lasts as long as an operation reads a weight of which it computes `pixels`. A weight in lent memory is checked
/// first, and given out of the process's memory at the end, so that not all weights of a network are held at once. The
/// weights of small pictures stay.
class WeightInUse {
 public:
  /// Throws Error if the weight is lent and has been changed.
  WeightInUse(ThreadPool& pool, const Tensor& weight, std::size_t pixels)
      : pool_(pool),
        lender_(pixels >= released_from_pixels ? weight.storage()->lender() : nullptr),
        bytes_(static_cast<const std::byte*>(weight.storage()->data()), weight.storage()->bytes()) {
    weight.storage()->check();
    if (lender_) for_each_piece([&](std::span<const std::byte> piece) { lender_->expect(piece); });
  }
  WeightInUse(const WeightInUse&) = delete;
  WeightInUse& operator=(const WeightInUse&) = delete;
  ~WeightInUse() {
    if (lender_) for_each_piece([&](std::span<const std::byte> piece) { lender_->release(piece); });
  }

 private:
  /// Calls f for parts of the weight, side by side: the system's work for each page adds up.
  template <class F>
  void for_each_piece(F&& f) const {
    constexpr std::uintptr_t piece = std::uintptr_t{2} << 20;  // at multiples of it: no page lies on two of them
    const auto begin = reinterpret_cast<std::uintptr_t>(bytes_.data()), end = begin + bytes_.size();
    const std::uintptr_t first = begin / piece * piece;
    pool_.parallel_for(static_cast<int>((end - first + piece - 1) / piece), [&](int i, int) {
      const std::uintptr_t at = first + static_cast<std::uintptr_t>(i) * piece;
      const std::uintptr_t from = std::max(begin, at), to = std::min(end, at + piece);
      f(bytes_.subspan(from - begin, to - from));
    });
  }

  ThreadPool& pool_;
  const LentMemory* lender_;
  std::span<const std::byte> bytes_;
};

}  // namespace pix2pixhd::inline v0::detail
