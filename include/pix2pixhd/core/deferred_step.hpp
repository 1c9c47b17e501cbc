#pragma once
/// Training steps whose host does not wait for what the device finds out.

#include <pix2pixhd/core/calls.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The losses and updates of one step, in the order of the backend's other calls. Their values and whether all was
/// finite stay on the device until `read`, so that the host may run ahead of it.
class DeferredStep {
 public:
  virtual ~DeferredStep() = default;

  /// Backend::loss, whose value, times `factor`, is added to sum number `sum`; the sums begin as 0.
  virtual void add_loss(const LossCall& call, double factor, std::size_t sum) = 0;
  /// Searches the sums and these tensors, which may be cleared, for values that are not finite (a sum: not finite as a
  /// float). Tensors are numbered from 0 on over all calls; returns the number of the first of these.
  virtual std::size_t search(std::span<const Tensor* const> tensors) = 0;
  struct Update {
    std::size_t number = 0;    ///< from 0 on
    std::size_t searched = 0;  ///< tensors that were searched by then
  };
  /// Backend::adam for each of several parameters, or nothing where a search has found something by then.
  virtual Update adam_of_all(std::span<const AdamCall> calls) = 0;
  /// Before a step that was recorded (RecordingBackend) is repeated: the calls of update `number` with the rates and
  /// counts of the next repetition, all else as it was. Their values count as changed from here on.
  virtual void renew(std::size_t number, std::span<const AdamCall> calls) = 0;

  /// What a step found out.
  struct Findings {
    std::vector<double> sums;
    std::size_t first_bad = 0;  ///< the first tensor that is not finite; how many were searched: there is none
  };
  /// Waits for the device. To be called once, last; of a step that was recorded, once after each repetition.
  virtual Findings read() = 0;
};

/// What a backend is besides, if waiting for each value costs it time.
class DeferringBackend {
 public:
  virtual ~DeferringBackend() = default;
  /// Begins a step of so many sums, which searches at most so many tensors. The backend must outlive it. Null: this
  /// backend does not defer, for it hands its calls on to one that does not.
  virtual std::unique_ptr<DeferredStep> begin_step(std::size_t sums, std::size_t tensors) = 0;
};

}  // namespace pix2pixhd::inline v0
