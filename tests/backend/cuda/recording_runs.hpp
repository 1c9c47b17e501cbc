#pragma once
/// Runs of training that may repeat recorded steps beside such that must not.

#include "backend/cuda/control.hpp"
#include "training/training_run.hpp"

#include <pix2pixhd/backend/cuda/cuda_device.hpp>

#include <cstdint>
#include <functional>

namespace tests {

/// Two runs from the same start: one may repeat recorded steps, the other puts each together.
struct Pair {
  Run recording, plain;
  std::uint64_t made = 0;

  Pair(const Device& device, TrainOptions options) : recording(device, options), plain(device, unrecorded(options)) {}

  static TrainOptions unrecorded(TrainOptions options) {
    options.record = false;
    return options;
  }
  /// A step of both on the same batch, with the same losses.
  void step(const Batch& batch) {
    CAPTURE(made);
    ++made;
    const Losses got = recording.trainer.step(batch), expected = plain.trainer.step(batch);
    CHECK(got.gan == expected.gan);
    CHECK(got.matching == expected.matching);
    CHECK(got.perceptual == expected.perceptual);
    CHECK(got.real == expected.real);
    CHECK(got.fake == expected.fake);
  }
  void steps(std::uint64_t count) {
    for (std::uint64_t k = 0; k < count; ++k) step(batch(recording.device, made));
  }
  void both(const std::function<void(Run&)>& f) {
    f(recording);
    f(plain);
  }
  bool equal() const { return recording.checkpoint() == plain.checkpoint(); }
};

inline bool absent() {
  if (cuda_availability().empty()) return false;
  MESSAGE("left out: ", cuda_availability());
  return true;
}

/// Calls of the stand-in that make steps, since `begin`.
struct Calls {
  const Control& control;
  int kernels = 0, graphs = 0;

  explicit Calls(const Control& of) : control(of) { begin(); }
  void begin() {
    kernels = control.calls("cuLaunchKernel") + control.calls("cudnnBackendExecute");
    graphs = control.calls("cuGraphLaunch");
  }
  int launched() const { return control.calls("cuLaunchKernel") + control.calls("cudnnBackendExecute") - kernels; }
  int repeated() const { return control.calls("cuGraphLaunch") - graphs; }
};

/// Uses the run's discriminator, as somebody may between two steps.
inline void use_discriminator(Run& run) {
  D::Context<Mode::infer> context;
  const Batch one = batch(run.device, 0);
  run.discriminator.forward(run.device, join(one.map, one.image), context);
}

}  // namespace tests
