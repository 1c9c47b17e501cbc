#pragma once
/// Weights that lie in a mapped file, while an operation reads them.

#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>

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
  WeightInUse(const Tensor& weight, std::size_t pixels)
      : storage_(*weight.storage()), releases_(storage_.lent() && pixels >= released_from_pixels) {
    storage_.check();
    if (releases_) storage_.expect();
  }
  WeightInUse(const WeightInUse&) = delete;
  WeightInUse& operator=(const WeightInUse&) = delete;
  ~WeightInUse() {
    if (releases_) storage_.release();
  }

 private:
  const Storage& storage_;
  const bool releases_;
};

}  // namespace pix2pixhd::inline v0::detail
