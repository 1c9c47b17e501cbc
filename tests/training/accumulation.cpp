/// Batches, and gradients accumulated over several of them.

#include "../devices.hpp"
#include "training_run.hpp"

#include <array>

using namespace tests;

namespace {

/// The gradients that a step leaves, G's and D's.
std::vector<double> gradients(Run& run) {
  std::vector<double> all;
  const auto collect = [&](auto& network) {
    for_each_parameter(network, [&](const std::string&, Parameter& parameter) {
      std::vector<double> values(parameter.grad.shape().count());
      download<double>(run.device, parameter.grad, values);
      all.insert(all.end(), values.begin(), values.end());
    });
  };
  collect(run.generator);
  collect(run.discriminator);
  return all;
}

}  // namespace

TEST_CASE("gradients accumulated over batches are those of one large batch") {
  for (auto& on : all_devices())
    for (const Gan gan : {Gan::least_squares, Gan::vanilla, Gan::hinge}) {
      CAPTURE(on.name);
      CAPTURE(to_string(gan));
      Vgg19 vgg;
      const bool perceptual = on.exact ? false : gan == Gan::least_squares;
      if (perceptual) initialize(on.device, vgg, 3);
      const TrainOptions options{.gan = gan, .perceptual = perceptual ? &vgg : nullptr, .keep_gradients = true};
      Run large(on.device, options), small(on.device, options);
      const Losses expected = large.trainer.step(batch_of(on.device, {0, 1, 2}));
      // Unequal parts: their shares differ.
      const std::array<Batch, 2> parts{batch_of(on.device, {0, 1}), batch_of(on.device, {2})};
      const Losses got = small.trainer.step(parts);
      CHECK(got.gan == doctest::Approx(expected.gan).epsilon(1e-5));
      CHECK(got.matching == doctest::Approx(expected.matching).epsilon(1e-5));
      CHECK(got.perceptual == doctest::Approx(expected.perceptual).epsilon(1e-5));
      CHECK(got.real == doctest::Approx(expected.real).epsilon(1e-5));
      CHECK(got.fake == doctest::Approx(expected.fake).epsilon(1e-5));
      CHECK(small.trainer.steps() == 1);
      CHECK(largest_difference(gradients(small), gradients(large)) <= (on.exact ? 1e-12 : 1e-4));
    }
}

TEST_CASE("accumulated gradients may be released early") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Run keeping(on.device, {.keep_gradients = true}), releasing(on.device, {.keep_gradients = false});
    for (std::uint64_t k = 0; k < 2; ++k)
      for (Run* run : {&keeping, &releasing})
        run->trainer.step(std::array<Batch, 2>{batch(on.device, 2 * k), batch(on.device, 2 * k + 1)});
    CHECK(keeping.state() == releasing.state());
  }
}

TEST_CASE("a step of no batches is refused") {
  Run run(reference(), {});
  CHECK_THROWS_WITH_AS(run.trainer.step(std::span<const Batch>()), doctest::Contains("at least one batch"), Error);
}

TEST_CASE("recomputed residual blocks change no bit") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Run saving(on.device, {}), recomputing(on.device, {.recompute = true});
    for (std::uint64_t k = 0; k < 2; ++k)
      for (Run* run : {&saving, &recomputing}) run->trainer.step(batch(on.device, k));
    CHECK(saving.state() == recomputing.state());
  }
}
