#pragma once
/// A memory of synthesised pictures for the discriminator.

#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Up to `capacity` earlier pairs of map and synthesised picture (Shrivastava et al. 2017). While it fills, a picture
/// is passed on as it is; later, with probability one half, it takes the place of an earlier one, which is passed on
/// instead. Capacity 0 passes everything on.
template <class Map>
class ImagePool {
 public:
  struct Entry {
    Map map;
    Tensor image;
  };

  ImagePool(std::size_t capacity, std::uint64_t seed) : capacity_(capacity), random_(seed, "image pool") {}

  std::size_t capacity() const { return capacity_; }

  Entry query(Entry fresh) {
    if (capacity_ == 0) return fresh;
    if (entries_.size() < capacity_) {
      entries_.push_back(fresh);
      return fresh;
    }
    const double coin = random_.uniform(drawn_++), place = random_.uniform(drawn_++);
    if (coin < 0.5) return fresh;
    return std::exchange(entries_[static_cast<std::size_t>(place * static_cast<double>(capacity_))], std::move(fresh));
  }

  /// What a checkpoint needs to go on with the same pictures.
  const std::vector<Entry>& entries() const { return entries_; }
  std::uint64_t drawn() const { return drawn_; }
  void restore(std::vector<Entry> entries, std::uint64_t drawn) {
    entries_ = std::move(entries);
    drawn_ = drawn;
  }

 private:
  std::size_t capacity_;
  RandomStream random_;
  std::uint64_t drawn_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace pix2pixhd::inline v0
