// One optimisation step after the other on one batch, timed: the program that compare_training.py holds beside PyTorch.
//
// Prints one line of JSON: seconds of every step, the most bytes that the library held, and the losses of the last
// step.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <utility>

namespace {

using namespace pix2pixhd;

struct Options {
  std::string labels, instances, image, network = "depth1";
  int scales = 2, steps = 4, threads = 2;
};

/// The most memory that this process had at once, as the system counts it. (getrusage would count the one that started
/// this one too.)
std::size_t peak_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stoull(line.substr(6)) * 1024;
  return 0;
}

template <class G, class D>
void measure(const Options& options, G generator, D discriminator) {
  Device device = cpu({.threads = options.threads});
  initialize(device, generator, 1);
  initialize(device, discriminator, 2);
  Trainer trainer(device, generator, discriminator);
  const Batch batch{.map = semantic_map(device, read_labels(options.labels), read_instances(options.instances), 35),
                    .image = upload(device, read_image(options.image))};
  Losses losses;
  std::printf("{\"seconds\": [");
  for (int step = 0; step < options.steps; ++step) {
    const auto start = std::chrono::steady_clock::now();
    losses = trainer.step(batch);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%s%.6f", step > 0 ? ", " : "", seconds.count());
  }
  std::printf(
      "], \"peak_bytes\": %zu, \"library_bytes\": %zu, \"losses\": [%.6g, %.6g, %.6g, %.6g], \"device\": \"%s\"}\n",
      peak_bytes(), device.memory().peak(), static_cast<double>(losses.gan), static_cast<double>(losses.matching),
      static_cast<double>(losses.real), static_cast<double>(losses.fake), device.description().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times steps of training on one batch.", "training_step");
  app.add_option("--network", options.network)->check(CLI::IsMember({"depth1", "demo"}));
  app.add_option("--scales", options.scales, "Discriminators of width 64")->check(CLI::IsMember({2, 3}));
  app.add_option("--labels", options.labels)->required();
  app.add_option("--instances", options.instances)->required();
  app.add_option("--image", options.image)->required();
  app.add_option("--steps", options.steps)->check(CLI::Range(1, 100000));
  app.add_option("--threads", options.threads)->check(CLI::Range(1, 1024));
  CLI11_PARSE(app, argc, argv);
  try {
    constexpr DiscriminatorShape narrow{.width = 16};
    if (options.network == "demo")
      measure(options, DemoGenerator(36), MultiscaleDiscriminator<2, narrow>());
    else if (options.scales == 2)
      measure(options, Generator<1>(), MultiscaleDiscriminator<2>());
    else
      measure(options, Generator<1>(), MultiscaleDiscriminator<3>());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "training_step: %s\n", error.what());
    return 1;
  }
  return 0;
}
