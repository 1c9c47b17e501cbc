/// Training in bf16 on the CPU: losses stay close to those of f32, and the number of threads changes no bit.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/training/trainer.hpp>

#include <cmath>
#include <string>
#include <vector>

#if __has_include(<pix2pixhd/backend/cpu/cpu_backend-inl.hpp>)

namespace {

using namespace tests;

// Wide enough for convolutions of 64 channels, the widest that a CPU kernel makes at once.
using WideG = Generator<0, GeneratorShape{.in = 5, .width = 16, .downsamples = 2, .blocks = 2}>;
using WideD = MultiscaleDiscriminator<2, DiscriminatorShape{.in = 8, .width = 16, .layers = 2}>;

/// The losses of some steps, four a step.
std::vector<float> losses(Device device, int steps) {
  WideG generator;
  WideD discriminator;
  initialize(device, generator, 1);
  initialize(device, discriminator, 2);
  Trainer trainer(device, generator, discriminator, TrainOptions{});
  std::vector<float> result;
  for (int k = 0; k < steps; ++k) {
    const Losses step = trainer.step(batch(device, static_cast<std::uint64_t>(k)));
    result.insert(result.end(), {step.gan, step.matching, step.real, step.fake});
  }
  return result;
}

}  // namespace

TEST_CASE("losses of training in bf16 stay close to those of f32") {
  constexpr int steps = 6;
  const std::vector<float> expected = losses(cpu({.threads = 2}), steps);
  for (const Isa isa : available_isas(Precision::bf16)) {
    CAPTURE(std::string(to_string(isa)));
    const std::vector<float> got = losses(cpu({.threads = 2, .precision = Precision::bf16}, isa), steps);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CAPTURE(i);
      CHECK(std::abs(got[i] - expected[i]) <= 0.03 * (std::abs(expected[i]) + 0.01));
    }
    CHECK(got == losses(cpu({.threads = 1, .precision = Precision::bf16}, isa), steps));
  }
}

#endif
