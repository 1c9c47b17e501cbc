#pragma once
/// Updates of many parameters at once.

#include <pix2pixhd/core/calls.hpp>

#include <cstddef>
#include <span>

namespace pix2pixhd::inline v0 {

/// What a backend is besides, if a call for many parameters costs less than many calls.
class BatchedUpdates {
 public:
  virtual ~BatchedUpdates() = default;
  /// Bytes of finished gradients that an optimiser should wait for before it takes them; 0: each goes at once.
  virtual std::size_t gradient_batch() const = 0;
  /// Backend::adam for each of several parameters.
  virtual void adam_of_all(std::span<const AdamCall> calls) = 0;
  /// Which of several tensors is the first that holds a value that is not finite; their number: none.
  virtual std::size_t first_non_finite(std::span<const Tensor* const> tensors) = 0;
};

}  // namespace pix2pixhd::inline v0
