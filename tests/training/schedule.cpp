/// Learning rates and stages.

#include "../devices.hpp"
#include "training_run.hpp"

#include <pix2pixhd/training/schedule.hpp>

#include <doctest/doctest.h>

using namespace tests;

TEST_CASE("the learning rate is constant and then falls linearly") {
  const LearningRate schedule{.rate = 2e-4, .epochs = 3, .decay_epochs = 4};
  CHECK(schedule.total_epochs() == 7);
  for (int epoch = 0; epoch <= 3; ++epoch) CHECK(schedule.at(epoch) == 2e-4);
  CHECK(schedule.at(4) == doctest::Approx(1.5e-4));
  CHECK(schedule.at(6) == doctest::Approx(0.5e-4));  // the last one still learns
  CHECK(schedule.at(7) == 0);
  const LearningRate constant{.rate = 1e-3, .epochs = 2, .decay_epochs = 0};
  CHECK(constant.at(1) == 1e-3);
  CHECK(constant.at(2) == 0);
}

TEST_CASE("stages go from coarse to fine") {
  const auto stages = coarse_to_fine(2, {.frozen_epochs = 2, .rate = {.epochs = 3, .decay_epochs = 2}});
  REQUIRE(stages.size() == 3);
  for (int depth = 0; depth < 3; ++depth) CHECK(stages[static_cast<std::size_t>(depth)].depth == depth);
  CHECK(stages[0].frozen_epochs == 0);
  CHECK(stages[0].phase(4) == "G1");
  CHECK(stages[2].phase(1) == "enhancer 2");
  CHECK(stages[2].phase(2) == "joint 2");
}

TEST_CASE("an unsuitable stage is refused") {
  CHECK_THROWS_WITH_AS(check_stage({.rate = {.rate = 0}}), doctest::Contains("more than 0"), Error);
  CHECK_THROWS_WITH_AS(check_stage({.rate = {.epochs = 0, .decay_epochs = 0}}), doctest::Contains("one at least"),
                       Error);
  CHECK_THROWS_WITH_AS(check_stage({.depth = 1, .frozen_epochs = 9, .rate = {.epochs = 4, .decay_epochs = 4}}),
                       doctest::Contains("0 to as many"), Error);
  Device device = reference();
  Generator<0, GeneratorShape{.in = 5, .width = 8, .downsamples = 1, .blocks = 1}> flat;
  D discriminator;
  Trainer trainer(device, flat, discriminator);
  CHECK_THROWS_WITH_AS(begin_epoch({.depth = 1, .frozen_epochs = 1}, 0, flat, trainer), doctest::Contains("no member trunk.inner"),
                       Error);
}

TEST_CASE("the inner network is freed whatever epoch training is resumed in") {
  Run run(reference(), {});
  const Stage stage{.depth = 1, .frozen_epochs = 2, .rate = {.epochs = 4, .decay_epochs = 4}};
  const auto inner_learns = [&](int epoch) {
    begin_epoch(stage, epoch, run.generator, run.trainer);
    return has_trainable(run.generator.trunk.inner);
  };
  CHECK_FALSE(inner_learns(0));
  CHECK(has_trainable(run.generator.trunk.front));
  CHECK(inner_learns(5));  // resumed after the epoch in which it would have been freed
  CHECK(run.trainer.learning_rate() == doctest::Approx(2e-4 * 0.75));  // and at the rate of that epoch
  CHECK_FALSE(inner_learns(1));
}

TEST_CASE("at depth 2 everything but the frozen inner network learns, and all of it afterwards") {
  constexpr GeneratorShape shape{.in = 5, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1};
  Device device = reference();
  Generator<2, shape> generator;
  D discriminator;
  Trainer trainer(device, generator, discriminator);
  const Stage stage{.depth = 2, .frozen_epochs = 1, .rate = {.epochs = 2, .decay_epochs = 0}};
  begin_epoch(stage, 0, generator, trainer);
  CHECK_FALSE(has_trainable(generator.trunk.inner));
  CHECK(has_trainable(generator.trunk.front));
  CHECK(has_trainable(generator.trunk.back));
  begin_epoch(stage, 1, generator, trainer);
  for_each_parameter(generator, [](const std::string& name, Parameter& parameter) {
    CAPTURE(name);
    CHECK(parameter.trainable);
  });
}
