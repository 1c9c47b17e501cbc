// Example 7: a loss of one's own.
//
// The generator's objective takes a further term: a function from the synthesised and the real pictures to a value and
// its gradient by the synthesised ones. Here are two: one of the library's operations, and one written by hand.

#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <cstddef>
#include <cstdint>
#include <iostream>

using namespace pix2pixhd;

constexpr int classes = 8;

using G = Generator<0, GeneratorShape{.in = classes + 1, .width = 8, .downsamples = 1, .blocks = 2}>;
using D = MultiscaleDiscriminator<1, DiscriminatorShape{.in = classes + 1 + 3, .width = 8, .layers = 2}>;

// 100 * mean |synthesised - real|, the term of pix2pix (Isola et al. 2017).
LossResult absolute(Device& device, const Tensor& synthesised, const Tensor& real, double weight) {
  return absolute_difference(device, synthesised, real, 100 * weight);
}

// 10 * (mean colour of the synthesised - mean colour of the real pictures)^2, summed over the channels: written on host
// arrays, for which any device will do. The derivative by a value is 20 * difference / (number of values of a channel).
LossResult mean_colour(Device& device, const Tensor& synthesised, const Tensor& real, double weight) {
  xt::xtensor<float, 4> fake = download(device, synthesised);
  const xt::xtensor<float, 4> truth = download(device, real);
  const std::size_t pictures = fake.shape()[0], channels = fake.shape()[1];
  const std::size_t pixels = fake.size() / pictures / channels;
  const double count = static_cast<double>(pictures * pixels);
  LossResult result;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto each = [&](auto&& f) {
      for (std::size_t n = 0; n < pictures; ++n)
        for (std::size_t i = 0; i < pixels; ++i) f((n * channels + c) * pixels + i);
    };
    double difference = 0;
    each([&](std::size_t at) { difference += (fake.data()[at] - truth.data()[at]) / count; });
    result.value += 10 * weight * difference * difference;
    each([&](std::size_t at) { fake.data()[at] = static_cast<float>(20 * weight * difference / count); });
  }
  result.gradient = upload(device, fake);
  return result;
}

int main() try {
  Device device = best_device();
  for (const auto& [name, loss] :
       {std::pair{"absolute difference", PictureLoss(absolute)}, std::pair{"mean colour", PictureLoss(mean_colour)}}) {
    G generator;
    D discriminator;
    initialize(device, generator, 1);
    initialize(device, discriminator, 2);
    Trainer trainer(device, generator, discriminator, TrainOptions{.own_loss = loss});
    float first = 0, last = 0;
    constexpr int steps = 60;
    for (int step = 0; step < steps; ++step) {
      const StreetScene scene = street_scene(static_cast<std::uint64_t>(step % 4), {.width = 64, .height = 32});
      const Batch batch{.map = semantic_map(device, scene.labels, scene.instances, classes),
                        .image = upload(device, scene.image)};
      const float own = trainer.step(batch).own;
      if (step < 4) first += own / 4;
      if (step >= steps - 4) last += own / 4;
    }
    std::cout << name << ": " << first << " at first, " << last << " after " << steps << " steps\n";
    if (!(last < first)) return 1;
  }
  return 0;
} catch (const Error& error) {
  std::cerr << "07_own_loss: " << error.what() << '\n';
  return 1;
}
