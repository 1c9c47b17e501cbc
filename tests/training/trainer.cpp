/// Resuming, pools, encoders, freezing and errors of the trainer. Equality with PyTorch is tests/golden/training.cpp.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/networks/plan.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

using namespace tests;

TEST_CASE("a resumed run goes on bit for bit") {
  const TemporaryFolder folder;
  for (auto& on : tests::all_devices())
    for (const int pool : {0, 2}) {
      CAPTURE(on.name);
      CAPTURE(pool);
      const TrainOptions options{.pool = pool, .seed = 5};
      Run whole(on.device, options), first(on.device, options), second(on.device, options);
      std::vector<float> expected, got;
      for (std::uint64_t k = 0; k < 8; ++k) {
        if (k == 6) whole.trainer.set_learning_rate(1e-4f);
        expected.push_back(whole.trainer.step(batch(on.device, k)).gan);
      }
      for (std::uint64_t k = 0; k < 4; ++k) got.push_back(first.trainer.step(batch(on.device, k)).gan);
      first.trainer.save(folder.path() / "state", {{"sampler", "4 of 8"}});
      const CheckpointSections sections = second.trainer.resume(folder.path() / "state");
      CHECK(sections == CheckpointSections{{"sampler", "4 of 8"}});
      CHECK(second.trainer.steps() == 4);
      for (std::uint64_t k = 4; k < 8; ++k) {
        if (k == 6) second.trainer.set_learning_rate(1e-4f);
        got.push_back(second.trainer.step(batch(on.device, k)).gan);
      }
      CHECK(expected == got);
      CHECK(whole.state() == second.state());
    }
}

TEST_CASE("the learning rate is resumed, not started anew") {
  const TemporaryFolder folder;
  Run first(reference(), {}), second(reference(), {});
  first.trainer.step(batch(first.device, 0));
  first.trainer.set_learning_rate(1e-5f);
  first.trainer.save(folder.path() / "state");
  second.trainer.resume(folder.path() / "state");
  first.trainer.step(batch(first.device, 1));
  second.trainer.step(batch(second.device, 1));
  CHECK(first.state() == second.state());
}

TEST_CASE("releasing gradients early changes nothing") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Run keeping(on.device, {.keep_gradients = true}), releasing(on.device, {.keep_gradients = false});
    for (std::uint64_t k = 0; k < 3; ++k)
      for (Run* run : {&keeping, &releasing}) run->trainer.step(batch(on.device, k));
    CHECK(keeping.state() == releasing.state());
    for_each_parameter(releasing.generator, [](const std::string& name, Parameter& parameter) {
      CAPTURE(name);
      CHECK(parameter.grad.empty());
    });
  }
}

TEST_CASE("what is done meanwhile changes nothing, and what it throws comes after the step") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Run plain(on.device, {}), busy(on.device, {});
    Batch next = batch(on.device, 0);
    for (std::uint64_t k = 0; k < 4; ++k) {
      plain.trainer.step(batch(on.device, k));
      const Batch now = std::move(next);
      busy.trainer.step(now, [&] { next = batch(on.device, k + 1); });
    }
    plain.trainer.step(batch(on.device, 4));
    CHECK_THROWS_WITH_AS(busy.trainer.step(next, [] { throw Error("there is no next batch."); }),
                         "there is no next batch.", Error);
    CHECK(busy.trainer.steps() == 5);
    CHECK(busy.checkpoint() == plain.checkpoint());
  }
}

TEST_CASE("frozen parts stay, keep their moments, and go on when they are freed") {
  Device device = reference();
  Run run(device, {});
  run.trainer.step(batch(device, 0));
  set_trainable(run.generator.trunk.inner, false);
  const auto inner = values_of(device, run.generator.trunk.inner), outer = values_of(device, run.generator.trunk.front);
  run.trainer.step(batch(device, 1));
  CHECK(values_of(device, run.generator.trunk.inner) == inner);
  CHECK(values_of(device, run.generator.trunk.front) != outer);
  set_trainable(run.generator.trunk.inner, true);
  run.trainer.step(batch(device, 2));
  CHECK(values_of(device, run.generator.trunk.inner) != inner);
}

TEST_CASE("a perceptual loss joins in, parity and corrected") {
  Device device = cpu({.threads = 2});
  Vgg19 vgg;
  initialize(device, vgg, 3);
  for (const VggInput input : {VggInput::parity, VggInput::corrected}) {
    Run run(device, {.perceptual = &vgg, .vgg_input = input});
    const Losses losses = run.trainer.step(batch(device, 0));
    CHECK(losses.perceptual > 0);
  }
  Run run(device, {});
  CHECK(run.trainer.step(batch(device, 0)).perceptual == 0);
}

TEST_CASE("what is allocated and resumed names its layers in messages") {
  const TemporaryFolder folder;
  Device device = cpu({.threads = 1});
  Run run(device, {});
  run.trainer.save(folder.path() / "state");
  G generator;
  D discriminator;
  const auto for_all = [&](auto&& f) {
    for_each_parameter(generator, f);
    for_each_parameter(discriminator, f);
  };
  const auto named = [](const std::string& name, const Parameter& parameter) { CHECK(parameter.name == name); };
  allocate_parameters(device, generator);
  allocate_parameters(device, discriminator);
  for_all(named);
  for_all([](const std::string&, Parameter& parameter) { parameter.name.clear(); });
  Trainer trainer(device, generator, discriminator);
  trainer.resume(folder.path() / "state");
  for_all(named);
}

TEST_CASE("resuming from what does not fit changes nothing") {
  const TemporaryFolder folder;
  Device device = reference();
  Run run(device, {});
  run.trainer.step(batch(device, 0));
  const auto before = run.state();
  run.trainer.save(folder.path() / "good");

  SUBCASE("another objective") {
    Run other(device, {.gan = Gan::hinge});
    CHECK_THROWS_WITH_AS(other.trainer.resume(folder.path() / "good"), doctest::Contains("another training run"),
                         Error);
  }
  SUBCASE("another seed of the pool") {
    Run pooling(device, {.pool = 1, .seed = 5}), other(device, {.pool = 1, .seed = 6}),
        same(device, {.pool = 1, .seed = 5});
    pooling.trainer.save(folder.path() / "pooling");
    CHECK_THROWS_WITH_AS(other.trainer.resume(folder.path() / "pooling"), doctest::Contains("seed 5"), Error);
    same.trainer.resume(folder.path() / "pooling");
    Run without(device, {.seed = 7});  // where there is no pool, the seed is in no use
    without.trainer.resume(folder.path() / "good");
  }
  SUBCASE("another input of VGG") {
    Vgg19 vgg;
    Run parity(device, {.perceptual = &vgg}), corrected(device, {.perceptual = &vgg, .vgg_input = VggInput::corrected});
    parity.trainer.save(folder.path() / "parity");
    CHECK_THROWS_WITH_AS(corrected.trainer.resume(folder.path() / "parity"), doctest::Contains("vgg input parity"),
                         Error);
    parity.trainer.resume(folder.path() / "parity");
  }
  SUBCASE("weights alone") {
    std::ofstream(folder.path() / "text") << "no checkpoint";
    CHECK_THROWS_AS(run.trainer.resume(folder.path() / "text"), Error);
  }
  SUBCASE("cut off anywhere") {
    const auto size = std::filesystem::file_size(folder.path() / "good");
    for (const std::uintmax_t part : {std::uintmax_t{0}, size / 100, size / 3, size - 1}) {
      std::filesystem::copy_file(folder.path() / "good", folder.path() / "cut",
                                 std::filesystem::copy_options::overwrite_existing);
      std::filesystem::resize_file(folder.path() / "cut", part);
      CHECK_THROWS_AS(run.trainer.resume(folder.path() / "cut"), Error);
    }
  }
  CHECK(run.state() == before);
}
