/// What an encoder's features carry: the colours of objects, which no label tells.

#include <pix2pixhd/features/instances.hpp>
#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/metrics_colour.hpp>
#include <pix2pixhd/training/metrics_hue.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

using namespace pix2pixhd;

namespace {

constexpr std::size_t height = 16, width = 32;
constexpr int features = 3;
constexpr std::uint8_t road = 0, car = 1;

using G = Generator<0, GeneratorShape{.in = 2 + 1 + features, .width = 8, .downsamples = 1, .blocks = 1}>;
using D = MultiscaleDiscriminator<1, DiscriminatorShape{.in = 2 + 1 + 3, .width = 8, .layers = 1}>;
using E = FeatureEncoder<EncoderShape{.out = features, .width = 8, .downsamples = 1}>;

using Colour = std::array<double, 3>;
constexpr std::array<Colour, 4> paints = {{{200, 40, 40}, {40, 160, 60}, {40, 60, 190}, {210, 180, 50}}};

/// Two cars of the same shape on a grey road; only the picture knows their paints.
struct Scene {
  std::array<std::size_t, 2> painted;
  LabelArray labels = LabelArray::from_shape({height, width});
  InstanceArray ids = InstanceArray::from_shape({height, width});
  ImageArray image = ImageArray::from_shape({1, 3, height, width});

  Scene(std::size_t left, std::size_t right) : painted{left, right} {
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x) {
        const bool covered = y >= 4 && y < 13 && x % 16 >= 3 && x % 16 < 13;
        labels(y, x) = covered ? car : road;
        ids(y, x) = covered ? 1000 + static_cast<std::int32_t>(x / 16) : 0;
        for (std::size_t c = 0; c < 3; ++c)
          image(0, c, y, x) = static_cast<float>((covered ? paints.at(painted.at(x / 16))[c] : 100) / 127.5 - 1);
      }
  }

  SemanticMap map(Device& device) const { return semantic_map(device, labels, ids, 2); }
};

std::vector<Scene> all_scenes() {
  std::vector<Scene> scenes;
  for (std::size_t left = 0; left < paints.size(); ++left)
    for (std::size_t right = 0; right < paints.size(); ++right)
      if (left != right) scenes.emplace_back(left, right);
  return scenes;
}

using Hues = std::array<std::optional<double>, 2>;

/// The hues of the two cars in a picture; nothing where one is grey.
Hues hues(const Instances& instances, const ImageArray& picture) {
  ClassArray indices = ClassArray::from_shape({1, height, width});
  std::transform(instances.indices.begin(), instances.indices.end(), indices.begin(),
                 [](std::int32_t index) { return static_cast<std::uint8_t>(index); });
  ClassColours colours(static_cast<int>(instances.list.size()));
  colours.add(indices, picture);
  Hues result;
  for (std::size_t k = 0; k < instances.list.size(); ++k) {
    if (instances.list[k].label != car) continue;
    Colour levels{};
    const std::vector<double> mean = colours.mean(static_cast<int>(k)).value();
    std::transform(mean.begin(), mean.end(), levels.begin(), [](double value) { return 127.5 * (value + 1); });
    result.at(static_cast<std::size_t>(instances.list[k].id - 1000)) = hue(levels, 40);
  }
  return result;
}

double error(const std::optional<double>& hue, const std::optional<double>& expected) {
  return hue ? hue_difference(*hue, expected.value()) : 180;
}

}  // namespace

TEST_CASE("cars that exchange their features exchange their colours") {
  Device device = cpu();
  G generator;
  D discriminator;
  E encoder;
  initialize(device, generator, 1);
  initialize(device, discriminator, 2);
  initialize(device, encoder, 3);
  const std::vector<Scene> scenes = all_scenes();
  std::vector<Batch> batches;
  for (const Scene& scene : scenes)
    batches.push_back({scene.map(device), upload(device, scene.image), instance_map(device, scene.ids)});
  Trainer trainer(device, generator, discriminator, encoder,
                  {.learning_rate = 2e-3f,
                   .own_loss = [](Device& on, const Tensor& synthesised, const Tensor& real, double weight) {
                     return absolute_difference(on, synthesised, real, 100 * weight);
                   }});
  constexpr std::size_t steps = 1500;
  for (std::size_t step = 0; step < steps; ++step) {
    if (step == steps * 2 / 3) trainer.set_learning_rate(4e-4);
    trainer.step(batches[step * 5 % batches.size()]);
  }

  // Without features that carry paints no more than a third could be right. All are, or nearly all where the start was
  // a bad one.
  int kept_right = 0, exchanged_right = 0;

  for (const Scene& scene : scenes) {
    const Instances instances = find_instances(scene.labels, scene.ids);
    std::vector<std::vector<float>> own = features_of(
        instances,
        download(device, infer(device, encoder,
                               EncoderInput{upload(device, scene.image), instance_map(device, instances.indices)})));
    const auto paint = [&](const std::vector<std::vector<float>>& style) {
      return download(device,
                      infer(device, generator, join(scene.map(device), upload(device, feature_map(instances, style)))));
    };
    const Hues real = hues(instances, scene.image), kept = hues(instances, paint(own));
    std::vector<std::vector<float>> exchanged = own;
    std::swap(exchanged.at(1), exchanged.at(2));  // the road is instance 0
    const Hues swapped = hues(instances, paint(exchanged));
    for (std::size_t k = 0; k < 2; ++k) {
      kept_right += error(kept[k], real[k]) < 30 ? 1 : 0;
      exchanged_right += error(swapped[k], real[1 - k]) < 30 ? 1 : 0;
    }
  }
  CHECK(kept_right >= 20);  // of 24
  CHECK(exchanged_right >= 20);
}
