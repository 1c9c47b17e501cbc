/// Whole optimisation steps against PyTorch.

#include "golden_case.hpp"

#include <pix2pixhd/training/trainer.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>

using namespace tests;

namespace {

/// Losses of every step, gradients of the first, and the picture after the last.
template <class G, class D, class E = NoEncoder>
void check_training(const std::string& name, int classes, int steps, TrainOptions options) {
  const GoldenCase golden(name);
  const std::vector<double> expected = golden.read("output/losses").values;
  for (NamedDevice& on : all_devices())
    for (const bool keep_gradients : {true, false}) {
      CAPTURE(on.name);
      CAPTURE(keep_gradients);
      G generator;
      D discriminator;
      E encoder;
      set_weights(on.device, generator, golden, "weights/G/");
      set_weights(on.device, discriminator, golden, "weights/D/");
      const Batch batch{golden.map(on.device, classes), golden.upload(on.device, "input/real"),
                        golden.instances(on.device)};
      options.keep_gradients = keep_gradients;
      const auto run = [&](auto& trainer) {
        for (std::size_t step = 0; step < static_cast<std::size_t>(steps); ++step) {
          CAPTURE(step);
          const Losses got = trainer.step(batch);
          const std::array<float, 4> values{got.gan, got.matching, got.real, got.fake};
          for (std::size_t i = 0; i < 4; ++i) CHECK(values[i] == doctest::Approx(expected[4 * step + i]).epsilon(1e-3));
          if (step == 0 && keep_gradients) {
            check_gradients(on.device, generator, golden, "grad/G/", 1e-3);
            check_gradients(on.device, discriminator, golden, "grad/D/", 1e-3);
          }
        }
      };
      Tensor after;
      if constexpr (std::is_same_v<E, NoEncoder>) {
        Trainer trainer(on.device, generator, discriminator, options);
        run(trainer);
        after = infer(on.device, generator, batch.map);
      } else {
        set_weights(on.device, encoder, golden, "weights/E/");
        Trainer trainer(on.device, generator, discriminator, encoder, options);
        run(trainer);
        const Tensor features = infer(on.device, encoder, EncoderInput{batch.image, batch.instances});
        after = infer(on.device, generator, join(batch.map, features));
      }
      // Adam's first steps are little more than the sign of the gradient: where that is next to nothing, f32 may take
      // the other sign and move a weight the other way.
      CHECK(relative_error(host(on.device, after), golden.read("output/fake_after").values) <=
            (on.exact ? 1e-5 : 1e-2));
    }
}

}  // namespace

TEST_CASE("least squares") {
  check_training<Generator<1, GeneratorShape{.in = 6, .width = 8, .downsamples = 2, .blocks = 1, .local_blocks = 1}>,
                 MultiscaleDiscriminator<2, DiscriminatorShape{.in = 9, .width = 8}>>("training", 5, 4, {});
}

TEST_CASE("cross entropy") {
  check_training<Generator<1, GeneratorShape{.in = 6, .width = 6, .downsamples = 2, .blocks = 1, .local_blocks = 1}>,
                 MultiscaleDiscriminator<2, DiscriminatorShape{.in = 9, .width = 4, .layers = 2}>>(
      "training_vanilla", 5, 3, {.gan = Gan::vanilla});
}

TEST_CASE("with an encoder of instance features") {
  check_training<Generator<1, GeneratorShape{.in = 9, .width = 6, .downsamples = 2, .blocks = 1, .local_blocks = 1}>,
                 MultiscaleDiscriminator<2, DiscriminatorShape{.in = 9, .width = 4}>,
                 FeatureEncoder<EncoderShape{.width = 3, .downsamples = 2}>>("training_features", 5, 4, {});
}
