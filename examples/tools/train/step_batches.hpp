#pragma once
/// The batches of one step after the other.

#include <pix2pixhd/images/loader.hpp>
#include <pix2pixhd/training/step.hpp>

#include "data.hpp"
#include "run.hpp"

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tools::train {

/// What a step learns from.
struct StepBatches {
  std::vector<pix2pixhd::Batch> batches = {};
  bool ends_epoch = false;
  std::string sampler = {};  ///< the loader's state after them
};

/// How the run's batches tell instances apart for the encoder; null without one.
inline const InstanceChoice* encoded_instances(const Run& run) {
  return run.options.features > 0 ? &run.options.instances_of : nullptr;
}

/// Takes samples from a loader to the device.
class BatchSource {
 public:
  BatchSource(Run& run, pix2pixhd::Loader& loader) : run_(run), loader_(loader) {}

  /// Error where a sample cannot be had.
  StepBatches next() {
    if (failure_) std::rethrow_exception(failure_);
    if (ready_) return *std::exchange(ready_, {});
    StepBatches step;
    while (!step.ends_epoch && step.batches.size() < static_cast<std::size_t>(run_.options.accumulate)) {
      pix2pixhd::LoadedBatch loaded = loader_.next();
      step.batches.push_back(
          to_batch(run_.device, std::move(loaded.samples), run_.data.training->classes(), encoded_instances(run_)));
      step.ends_epoch = loaded.ends_epoch;
      step.sampler = std::move(loaded.state);
    }
    return step;
  }

  /// Makes what `next` will give, while a GPU is busy. Beside a CPU nothing is won by it, and under a budget there is
  /// no memory for it. What fails is thrown by `next`: the step at hand is not concerned.
  void get_ahead() {
    if (!is_gpu(run_.device) || run_.options.device.budget > 0) return;
    try {
      ready_ = next();
    } catch (...) {
      failure_ = std::current_exception();
    }
  }

 private:
  Run& run_;
  pix2pixhd::Loader& loader_;
  std::optional<StepBatches> ready_;
  std::exception_ptr failure_;
};

}  // namespace tools::train
