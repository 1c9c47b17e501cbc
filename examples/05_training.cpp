// Example 5: training in 40 lines.
//
// A small generator learns to paint invented streets from their label maps, against a discriminator that learns to
// tell its pictures from real ones. The tool `train` does the same for folders of photographs, with checkpoints and a
// report; this is what lies under it.

#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <charconv>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string_view>
#include <system_error>

using namespace pix2pixhd;

constexpr int classes = 8;  // of the streets; boundaries of instances are one channel more

using G = Generator<0, GeneratorShape{.in = classes + 1, .width = 16, .downsamples = 2, .blocks = 3}>;
using D = MultiscaleDiscriminator<2, DiscriminatorShape{.in = classes + 1 + 3, .width = 16}>;

// What a step learns from: a label map with boundaries, and the picture that belongs to it.
Batch street(Device& device, std::uint64_t seed) {
  const StreetScene scene = street_scene(seed, {.width = 128, .height = 64});
  return {.map = semantic_map(device, scene.labels, scene.instances, classes), .image = upload(device, scene.image)};
}

// A whole number from 1 on, or nothing.
std::optional<int> count_of(std::string_view text) {
  int count = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  return problem == std::errc() && end == text.data() + text.size() && count > 0 ? std::optional(count) : std::nullopt;
}

int main(int argc, char** argv) try {
  const std::optional<int> wanted = argc > 1 ? count_of(argv[1]) : 300;
  if (argc > 2 || !wanted) {
    std::cerr << "usage: 05_training [STEPS]    a number from 1 on; 300 without it\n";
    return 2;
  }
  const int steps = *wanted;
  Device device = best_device();
  G generator;
  D discriminator;
  initialize(device, generator, 1);
  initialize(device, discriminator, 2);

  // Pictures are made with weights averaged over the steps: they are steadier than the last ones.
  Trainer trainer(device, generator, discriminator, TrainOptions{.average = 0.98});
  for (int step = 0; step < steps; ++step) {
    const Losses losses = trainer.step(street(device, static_cast<std::uint64_t>(step)));
    if (step % 50 == 0)
      std::cout << "step " << step << ": G " << losses.gan << ", matching " << losses.matching << ", D " << losses.real
                << " and " << losses.fake << '\n';
  }
  trainer.save("streets_checkpoint.safetensors");  // resume() goes on from it, bit for bit

  const auto averaged = trainer.averaged_generator();  // until its end `generator` has the averaged weights
  save(device, generator, "streets.safetensors");
  const Tensor picture = infer(device, generator, street(device, 1'000'000).map);
  write_image("streets.png", download(device, picture));
  std::cout << "streets.png shows a street that no step has seen.\n";
  return 0;
} catch (const Error& error) {
  std::cerr << "05_training: " << error.what() << '\n';
  return 1;
}
