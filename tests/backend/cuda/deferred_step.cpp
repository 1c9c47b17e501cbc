// Training steps on the CUDA backend whose findings are read once, at their end.
#include "backend/cuda/control.hpp"
#include "training/training_run.hpp"

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>

#include <array>
#include <limits>
#include <string>
#include <vector>

using namespace tests;

namespace {

std::vector<float> values(Device& device, const Tensor& x) {
  std::vector<float> result(x.shape().count());
  download<float>(device, x, result);
  return result;
}

Tensor parameter(Device& device, int count, float value) {
  return upload<float>(device, {count, 1, 1, 1}, std::vector<float>(static_cast<std::size_t>(count), value),
                       Role::parameter);
}

/// A parameter with its moments and gradient.
struct Updated {
  Tensor gradient, value, m, v;
  Updated(Device& device, int count, float g)
      : gradient(parameter(device, count, g)),
        value(parameter(device, count, 1)),
        m(parameter(device, count, 0)),
        v(parameter(device, count, 0)) {}
  AdamCall call() const { return {.gradient = &gradient, .value = value, .m = m, .v = v}; }
  bool changed(Device& device) const {
    return values(device, value)[0] != 1 || values(device, m)[0] != 0 || values(device, v)[0] != 0;
  }
};

}  // namespace

TEST_CASE("a training step reads from the device once and waits for it once") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Vgg19 vgg;
  initialize(device, vgg, 3);
  const auto own_loss = [](Device& on, const Tensor& fake, const Tensor& real, double weight) {
    return absolute_difference(on, fake, real, weight);
  };
  for (const TrainOptions& options : {TrainOptions{}, TrainOptions{.gan = Gan::hinge, .perceptual = &vgg},
                                      TrainOptions{.pool = 2, .keep_gradients = true, .average = 0.9},
                                      TrainOptions{.recompute = true}, TrainOptions{.own_loss = own_loss}}) {
    Run run(device, options);
    const std::array<Batch, 2> batches{batch(device, 0), batch(device, 1)};
    run.trainer.step(batches);
    const int copies = control.calls("cuMemcpyDtoHAsync"), waits = control.waits();
    run.trainer.step(batches);
    const int more = options.own_loss ? 2 : 0;  // an own loss is known at once: one a batch
    CHECK(control.calls("cuMemcpyDtoHAsync") - copies == 1 + more);
    CHECK(control.waits() - waits <= 1 + more);
  }
}

TEST_CASE("sums are added up on the device, and are the same as those that are returned") {
  if (!cuda_availability().empty()) return;
  Device device = cuda();
  const Shape shape{1, 3, 260, 271};
  std::vector<float> numbers(shape.count());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 37) / 16 - 1;
  const Tensor x = upload<float>(device, shape, numbers);
  const LossCall squared{.kind = LossKind::squared, .x = &x, .target = 1, .weight = 0.75},
      hinge{.kind = LossKind::hinge, .x = &x, .target = -1};
  auto step = dynamic_cast<DeferringBackend&>(device.backend()).begin_step(3, 0);
  step->add_loss(squared, 1, 0);
  step->add_loss(hinge, 2, 2);
  step->add_loss(hinge, 2, 2);
  const DeferredStep::Findings found = step->read();
  CHECK(found.first_bad == 0);
  CHECK(found.sums == std::vector<double>{device.backend().loss(squared), 0, 4 * device.backend().loss(hinge)});
}

TEST_CASE("what is not finite keeps the device from the updates that follow, and from none before") {
  if (!cuda_availability().empty()) return;
  Device device = cuda();
  constexpr float infinite = std::numeric_limits<float>::infinity();
  const Updated first(device, 3, 1), cleared(device, 5, infinite), fine(device, 4097, 1), bad(device, 9, infinite),
      last(device, 2, 1);
  cleared.gradient.storage()->clear();
  auto step = dynamic_cast<DeferringBackend&>(device.backend()).begin_step(1, 5);
  const auto update = [&](const std::vector<const Updated*>& all) {
    std::vector<const Tensor*> gradients;
    std::vector<AdamCall> calls;
    for (const Updated* one : all) {
      gradients.push_back(&one->gradient);
      calls.push_back(one->call());
    }
    const std::size_t number = step->search(gradients);
    step->adam_of_all(calls);
    return number;
  };
  CHECK(update({&first, &cleared}) == 0);
  CHECK(update({&fine, &bad}) == 2);
  CHECK(update({&last}) == 4);
  CHECK(step->read().first_bad == 3);
  CHECK(first.changed(device));
  for (const Updated* one : {&fine, &bad, &last}) CHECK_FALSE(one->changed(device));

  SUBCASE("a sum, as a float, even if no gradient is searched") {
    const Tensor x = upload<float>(device, {1, 1, 1, 2}, std::vector<float>{1, 1});
    for (const double sum : {1e38, 1e39}) {
      const Updated one(device, 3, 1);
      step = dynamic_cast<DeferringBackend&>(device.backend()).begin_step(1, 2);
      step->add_loss({.kind = LossKind::linear, .x = &x}, -sum, 0);
      update({&cleared});
      step->adam_of_all(std::array{one.call()});
      const DeferredStep::Findings found = step->read();
      CHECK(found.sums[0] == sum);
      CHECK(found.first_bad == 1);
      CHECK(one.changed(device) == (sum == 1e38));
    }
  }
  SUBCASE("no more than it was begun for") {
    step = dynamic_cast<DeferringBackend&>(device.backend()).begin_step(0, 1);
    CHECK_THROWS_AS(update({&first, &fine}), Error);
  }
}
