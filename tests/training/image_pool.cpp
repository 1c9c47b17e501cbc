/// The discriminator's memory of earlier pictures, in steps that fail.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

using namespace tests;

TEST_CASE("a step that fails leaves the pool as it was, and the steps after it what they would be") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    const TrainOptions options{.pool = 2, .seed = 3};
    Run good(on.device, options), troubled(on.device, options);
    Batch bad = batch(on.device, 99);
    auto image = download(on.device, bad.image);
    image(0, 1, 2, 3) = std::numeric_limits<float>::quiet_NaN();
    bad.image = upload(on.device, image);
    for (std::uint64_t k = 0; k < 6; ++k) {  // it fails while the pool fills and when it is full
      CHECK_THROWS_WITH_AS(troubled.trainer.step(bad), doctest::Contains("the photograph holds such a value"), Error);
      for (Run* run : {&good, &troubled}) run->trainer.step(batch(on.device, k));
    }
    CHECK(troubled.checkpoint() == good.checkpoint());
  }
}

TEST_CASE("a picture that is not finite is shown to nobody later") {
  using Translator = Generator<0, GeneratorShape{.in = 3, .width = 4, .downsamples = 1, .blocks = 1}>;
  using Judge = MultiscaleDiscriminator<1, DiscriminatorShape{.in = 6, .width = 4, .layers = 1}>;
  Device device = cpu({.threads = 1});
  Translator generator;
  Judge discriminator;
  initialize(device, generator, 1);
  initialize(device, discriminator, 2);
  Trainer trainer(device, generator, discriminator, {.pool = 2, .seed = 3});
  const auto translate = [&](std::uint64_t key, float first) {
    const Tensor image = batch(device, key).image;
    auto input = download(device, image);
    input(0, 0, 0, 0) = first;
    return Batch{.map = plain_map(device, upload(device, input)), .image = image};
  };
  trainer.step(translate(0, 0.5f));
  const Batch bad = translate(1, std::numeric_limits<float>::quiet_NaN());
  CHECK_THROWS_WITH_AS(trainer.step(bad), doctest::Contains("the input picture holds such a value"), Error);
  for (std::uint64_t k = 2; k < 12; ++k) CHECK_NOTHROW(trainer.step(translate(k, 0.5f)));
}
