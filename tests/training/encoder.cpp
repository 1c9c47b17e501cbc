/// Training with an encoder: resumed, frozen, planned, carried from stage to stage, and left out at run time. Equality
/// with PyTorch is tests/golden/training.cpp.

#include "../devices.hpp"
#include "training_run.hpp"

#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/training/schedule.hpp>
#include <pix2pixhd/training/step_plan.hpp>

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace tests;

namespace {

constexpr GeneratorShape with_features{
    .in = 7, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1};  // 4 classes, boundaries, 2 features
constexpr EncoderShape two{.out = 2, .downsamples = 2};
using Styled = Generator<1, with_features>;

/// A run with an encoder.
struct StyledRun {
  Device device;
  Styled generator = {};
  D discriminator = {};
  AnyEncoder encoder{two};
  std::optional<Trainer<Styled, D, AnyEncoder>> trainer = {};

  StyledRun(Device on, const TrainOptions& options) : device(on) {
    initialize(device, generator, 1);
    initialize(device, discriminator, 2);
    initialize(device, encoder, 3);
    trainer.emplace(device, generator, discriminator, encoder, options);
  }
  std::vector<double> state() {
    auto all = values_of(device, generator);
    for (const auto& more : {values_of(device, discriminator), values_of(device, encoder)})
      all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

}  // namespace

TEST_CASE("a run with an encoder goes on bit for bit, its averages too") {
  const TemporaryFolder folder;
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    const TrainOptions options{.average = 0.9};
    StyledRun whole(on.device, options), first(on.device, options), second(on.device, options);
    const auto initial = values_of(on.device, whole.encoder);
    for (std::uint64_t k = 0; k < 5; ++k) whole.trainer->step(batch(on.device, k));
    CHECK(values_of(on.device, whole.encoder) != initial);
    for (std::uint64_t k = 0; k < 3; ++k) first.trainer->step(batch(on.device, k));
    first.trainer->save(folder.path() / "state");
    second.trainer->resume(folder.path() / "state");
    for (std::uint64_t k = 3; k < 5; ++k) second.trainer->step(batch(on.device, k));
    CHECK(whole.state() == second.state());
    const auto current = values_of(on.device, whole.encoder);
    const auto expected = whole.trainer->averaged_encoder(), got = second.trainer->averaged_encoder();
    CHECK(values_of(on.device, whole.encoder) != current);
    CHECK(values_of(on.device, whole.encoder) == values_of(on.device, second.encoder));
  }
}

TEST_CASE("an encoder rests with the inner network, and the generator learns on") {
  StyledRun run(reference(), {});
  const Stage stage{.depth = 1, .frozen_epochs = 1, .rate = {.epochs = 2, .decay_epochs = 0}};
  begin_epoch(stage, 0, run.generator, *run.trainer);
  CHECK_FALSE(has_trainable(run.encoder));
  const auto encoder = values_of(run.device, run.encoder), outer = values_of(run.device, run.generator.trunk.front);
  run.trainer->step(batch(run.device, 0));
  CHECK(values_of(run.device, run.encoder) == encoder);
  CHECK(values_of(run.device, run.generator.trunk.front) != outer);
  begin_epoch(stage, 1, run.generator, *run.trainer);
  run.trainer->step(batch(run.device, 1));
  CHECK(values_of(run.device, run.encoder) != encoder);
}

TEST_CASE("without an encoder at run time training is that without one") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Run expected(on.device, {});
    G generator;
    D discriminator;
    initialize(on.device, generator, 1);
    initialize(on.device, discriminator, 2);
    Trainer<G, D, AnyEncoder> trainer(on.device, generator, discriminator, nullptr, {});
    CHECK(trainer.encoder() == nullptr);
    for (std::uint64_t k = 0; k < 2; ++k) {
      expected.trainer.step(batch(on.device, k));
      trainer.step(batch(on.device, k));
    }
    CHECK(values_of(on.device, generator) == values_of(on.device, expected.generator));
    CHECK(values_of(on.device, discriminator) == values_of(on.device, expected.discriminator));
    CHECK_THROWS_WITH_AS(static_cast<void>(trainer.averaged_encoder()), doctest::Contains("no encoder"), Error);
  }
}

TEST_CASE("moments of the encoder survive the growth of the generator") {
  const TemporaryFolder folder;
  Device device = reference();
  Generator<0, with_features> small;
  D discriminator;
  AnyEncoder encoder(two);
  initialize(device, small, 1);
  initialize(device, discriminator, 2);
  initialize(device, encoder, 3);
  Trainer<Generator<0, with_features>, D, AnyEncoder> earlier(device, small, discriminator, &encoder, {});
  for (std::uint64_t k = 0; k < 2; ++k) earlier.step(batch(device, k));
  auto grown = grow(device, std::move(small), 9);
  Trainer<Styled, D, AnyEncoder> trainer(device, grown, discriminator, &encoder, {});
  trainer.carry_over(std::move(earlier));
  trainer.step(batch(device, 2));
  trainer.save(folder.path() / "state");
  const auto file = open_tensor_file(folder.path() / "state");
  std::vector<double> steps(1);
  file->read(*file->find("step/E/model.1.weight"), std::span(steps));
  CHECK(steps[0] == 3);
}

TEST_CASE("the plan of a step with an encoder is what it holds") {
  for (auto& on : all_devices())
    for (const bool frozen : {false, true}) {
      CAPTURE(on.name);
      CAPTURE(frozen);
      const TrainOptions options{.average = 0.9};
      Styled generator;
      D discriminator;
      AnyEncoder encoder(two);
      if (frozen) set_trainable(encoder, false);
      const BatchShape shape{.image = {1, 3, 16, 24}, .classes = 4, .instances = true};
      const StepPlan plan = plan_step(on.device, generator, discriminator, encoder, options, shape);
      on.device.memory().reset_peak();
      const std::size_t before = on.device.memory().current();
      {
        StyledRun run(on.device, options);
        if (frozen) set_trainable(run.encoder, false);
        for (int step = 0; step < 3; ++step) run.trainer->step(batch(on.device, 0));
      }
      CHECK(plan.peak_bytes == on.device.memory().peak() - before);
    }
}

TEST_CASE("a checkpoint of another encoder is refused, and one without") {
  const TemporaryFolder folder;
  Device device = reference();
  StyledRun run(device, {});
  run.trainer->step(batch(device, 0));
  run.trainer->save(folder.path() / "state");
  const auto before = run.state();
  AnyEncoder deeper(EncoderShape{.out = 2, .downsamples = 4});
  initialize(device, deeper, 3);
  Trainer<Styled, D, AnyEncoder> other(device, run.generator, run.discriminator, &deeper, {}),
      none(device, run.generator, run.discriminator, nullptr, {});
  CHECK_THROWS_WITH_AS(other.resume(folder.path() / "state"), doctest::Contains("another training run"), Error);
  CHECK_THROWS_WITH_AS(none.resume(folder.path() / "state"), doctest::Contains("encoder no"), Error);
  CHECK(run.state() == before);
}

TEST_CASE("features that are not finite are named") {
  Device device = reference();
  StyledRun run(device, {});
  xt::xtensor<float, 4> bad = xt::xtensor<float, 4>::from_shape({2, 1, 1, 1});
  bad.fill(std::numeric_limits<float>::quiet_NaN());
  for_each_parameter(run.encoder, [&](const std::string& name, Parameter& parameter) {
    if (name.ends_with("bias") && parameter.value.shape().n == 2) assign(device, parameter, bad);  // the head's
  });
  CHECK_THROWS_WITH_AS(run.trainer->step(batch(device, 0)), doctest::Contains("the encoder's features"), Error);
}
