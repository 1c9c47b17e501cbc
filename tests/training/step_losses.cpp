/// What a step tells of its losses, and what it leaves alone when something in it is not finite: on every backend the
/// same, whether values are known at once or at the step's end.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

using namespace tests;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// An own loss whose value and gradient can be spoilt.
struct OwnLoss {
  bool value = false, gradient = false;  ///< whether that is not finite

  PictureLoss function() {
    return [this](Device& device, const Tensor& fake, const Tensor& real, double weight) {
      LossResult result = absolute_difference(device, fake, real, weight);
      if (value) result.value = not_a_number;
      if (gradient)
        result.gradient = upload<float>(device, fake.shape(), std::vector<float>(fake.shape().count(), not_a_number));
      return result;
    };
  }
};

}  // namespace

TEST_CASE("the losses of a step are those of its objectives, to the bit") {
  for (auto& on : all_devices())
    for (const Gan gan : {Gan::least_squares, Gan::vanilla, Gan::hinge}) {
      CAPTURE(on.name);
      CAPTURE(to_string(gan));
      OwnLoss own;
      Run run(on.device, {.gan = gan, .own_loss = own.function()});
      const Batch one = batch(on.device, 0);
      G::Context<Mode::infer> in_generator;
      D::Context<Mode::infer> on_real, on_fake;
      const Tensor fake = resolve(on.device, run.generator.forward(on.device, one.map, in_generator));
      const auto real = run.discriminator.forward(on.device, join(one.map, one.image), on_real);
      const auto synthesised = run.discriminator.forward(on.device, join(one.map, fake), on_fake);
      const Losses losses = run.trainer.step(one);
      CHECK(losses.gan == static_cast<float>(generator_loss(on.device, gan, synthesised).value));
      CHECK(losses.matching == static_cast<float>(feature_matching(on.device, synthesised, real).value));
      CHECK(losses.real == static_cast<float>(discriminator_loss(on.device, gan, real, true).value));
      CHECK(losses.fake == static_cast<float>(discriminator_loss(on.device, gan, synthesised, false).value));
      CHECK(losses.own == static_cast<float>(absolute_difference(on.device, fake, one.image, 1).value));
    }
}

TEST_CASE("a gradient that is not finite leaves parameters, moments and their counts alone") {
  for (auto& on : all_devices())
    for (const bool keep : {true, false}) {
      CAPTURE(on.name);
      CAPTURE(keep);
      OwnLoss own;
      Run run(on.device, {.keep_gradients = keep, .own_loss = own.function()});
      for (std::uint64_t steps = 0; steps < 2; ++steps) {  // before there are any moments, and with some
        const std::string before = run.checkpoint();
        const auto generator = values_of(on.device, run.generator);
        own.gradient = true;
        CHECK_THROWS_WITH_AS(run.trainer.step(batch(on.device, 7)), doctest::Contains("the gradient of G/"), Error);
        own.gradient = false;
        CHECK(run.trainer.steps() == static_cast<std::int64_t>(steps));
        CHECK(values_of(on.device, run.generator) == generator);
        if (!keep) break;  // D's gradients were finished before
        CHECK(run.checkpoint() == before);
        run.trainer.step(batch(on.device, steps));
      }
    }
}

TEST_CASE("a loss that is not finite leaves everything alone, whichever batch of the step has it") {
  for (auto& on : all_devices())
    for (const bool keep : {true, false})
      for (const std::size_t bad : {std::size_t{0}, std::size_t{1}}) {
        CAPTURE(on.name);
        CAPTURE(keep);
        CAPTURE(bad);
        OwnLoss own;
        Run run(on.device, {.keep_gradients = keep, .own_loss = own.function()});
        run.trainer.step(batch(on.device, 0));
        const std::string before = run.checkpoint();
        std::array<Batch, 2> batches{batch(on.device, 1), batch(on.device, 2)};
        auto image = download(on.device, batches[bad].image);
        image(0, 1, 2, 3) = not_a_number;
        batches[bad].image = upload(on.device, image);
        CHECK_THROWS_WITH_AS(
            run.trainer.step(batches),
            doctest::Contains("the feature matching loss is not finite: the photograph holds such a value; no weight"),
            Error);
        CHECK(run.checkpoint() == before);
        own.value = true;
        CHECK_THROWS_WITH_AS(run.trainer.step(batch(on.device, 3)), doctest::Contains("the caller's own loss"), Error);
        own.value = false;
        CHECK(run.checkpoint() == before);
        CHECK_NOTHROW(run.trainer.step(batch(on.device, 4)));
      }
}
