/// The memory of a training step, planned and held.

#include "../devices.hpp"
#include "training_run.hpp"

#include <pix2pixhd/training/step_plan.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>

using namespace tests;

namespace {

constexpr BatchShape batch_shape{.image = {1, 3, 16, 24}, .classes = 4, .instances = true};

/// Bytes held at most in some steps of a new run.
std::size_t measured(Device& device, const TrainOptions& options, int batches, bool frozen) {
  device.memory().reset_peak();
  const std::size_t before = device.memory().current();
  {
    Run run(device, options);
    if (frozen) set_trainable(run.generator.trunk.inner, false);
    for (int step = 0; step < 3 + 2 * options.pool; ++step) {
      std::vector<Batch> all;
      for (int i = 0; i < batches; ++i) all.push_back(batch(device, 0));
      run.trainer.step(all);
    }
  }
  return device.memory().peak() - before;
}

}  // namespace

TEST_CASE("the planned peak of a training step is the measured one") {
  for (auto& on : all_devices())
    for (const bool frozen : {false, true})
      for (const auto& [name, options, batches] :
           {std::tuple{"plain", TrainOptions{}, 1},
            std::tuple{"gradients kept", TrainOptions{.keep_gradients = true}, 1},
            std::tuple{"recomputing", TrainOptions{.recompute = true}, 1},
            std::tuple{"averages, accumulation", TrainOptions{.average = 0.9}, 3}}) {
        CAPTURE(on.name);
        CAPTURE(frozen);
        const std::string what = name;  // clang 14 does not let a lambda, as in CAPTURE, see a binding
        CAPTURE(what);
        G generator;
        D discriminator;
        if (frozen) set_trainable(generator.trunk.inner, false);
        BatchShape shape = batch_shape;
        shape.batches = batches;
        const StepPlan plan = plan_step(on.device, generator, discriminator, options, shape);
        CHECK(plan.peak_bytes == measured(on.device, options, batches, frozen));
        CHECK(plan.moment_bytes <= 2 * plan.parameter_bytes);
        CHECK(plan.multiply_adds > 0);
      }
}

TEST_CASE("a plan has room for a pool that is full") {
  for (auto& on : all_devices())
    for (const int pool : {0, 1, 6}) {
      CAPTURE(on.name);
      CAPTURE(pool);
      const G generator;
      const D discriminator;
      const TrainOptions options{.pool = pool};
      BatchShape shape = batch_shape;
      CHECK(plan_step(on.device, generator, discriminator, options, shape).peak_bytes ==
            measured(on.device, options, shape.batches, false));
      shape.batches = 3;
      CHECK(plan_step(on.device, generator, discriminator, options, shape).peak_bytes >=
            measured(on.device, options, shape.batches, false));
    }
}

TEST_CASE("the work of a perceptual loss is two passes forward, one backward, and relu1_1 of both pictures again") {
  Device device = cpu({.threads = 1});
  const G generator;
  const D discriminator;
  const Vgg19 vgg;
  const StepPlan without = plan_step(device, generator, discriminator, {}, batch_shape);
  const StepPlan with = plan_step(device, generator, discriminator, {.perceptual = &vgg}, batch_shape);

  Device planned(std::make_shared<MetaBackend>(device.shared_backend()));
  Vgg19 once;
  allocate_parameters(planned, once);
  const Tensor picture = planned.empty(batch_shape.image);
  const double forward = plan(planned, once, picture).multiply_adds;
  const double first = plan(planned, std::get<0>(once.layers), picture).multiply_adds;
  CHECK(with.multiply_adds - without.multiply_adds == doctest::Approx(3 * forward + 2 * first));
}

TEST_CASE("a loss of one's own is not called by a plan") {
  Device device = cpu({.threads = 1});
  const G generator;
  const D discriminator;
  const PictureLoss own = [](Device& on, const Tensor& synthesised, const Tensor&, double) -> LossResult {
    return {.value = download(on, synthesised)(0, 0, 0, 0), .gradient = synthesised};  // a plan has no values
  };
  const StepPlan with = plan_step(device, generator, discriminator, {.own_loss = own}, batch_shape);
  CHECK(with.peak_bytes >= plan_step(device, generator, discriminator, {}, batch_shape).peak_bytes);
}

TEST_CASE("a budget takes recomputation, or is refused with advice") {
  using Deep = Generator<0, GeneratorShape{.in = 5, .width = 8, .downsamples = 1, .blocks = 6}>;
  Device device = cpu({.threads = 1});
  const Deep generator;
  const D discriminator;
  const BatchShape shape{.image = {1, 3, 64, 96}, .classes = 4, .instances = true};
  const auto within = [&](std::size_t budget) {
    return plan_step_within(budget, device, generator, discriminator, {}, shape);
  };
  const StepPlan free = within(0);
  CHECK_FALSE(free.recompute);
  CHECK_FALSE(within(free.peak_bytes).recompute);
  const StepPlan tight = within(free.peak_bytes - 1);
  CHECK(tight.recompute);
  CHECK(tight.peak_bytes < free.peak_bytes);
  CHECK(tight.multiply_adds > free.multiply_adds);
  CHECK_THROWS_WITH_AS(within(tight.peak_bytes - 1), doctest::Contains("smaller pictures"), OutOfMemory);
}
