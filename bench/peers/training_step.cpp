// One optimisation step after the other on one batch, timed: the program that compare_training.py holds beside PyTorch,
// here on a CPU and in bench/gpu on a GPU.
//
// Prints one line of JSON: seconds to make the networks, seconds of every step, memory, and the losses of the last
// step.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <string>
#include <utility>
#include <vector>

#include "peers/measuring.hpp"

namespace {

using namespace pix2pixhd;

constexpr int classes = 35;  // as many as the default shapes of the networks are made for

struct Options {
  std::string labels, instances, image, network = "depth1";
  int scales = 2, runs = 4;
  bool perceptual = false, recompute = false, record = true;
  measuring::DeviceChoice device;
};

template <class G, class D>
void measure(const Options& options, G generator, D discriminator) {
  measuring::Stopwatch watch;
  Device device = options.device.open();
  initialize(device, generator, 1);
  initialize(device, discriminator, 2);
  Vgg19 vgg;
  if (options.perceptual) initialize(device, vgg, 3);
  Trainer trainer(device, generator, discriminator,
                  {.perceptual = options.perceptual ? &vgg : nullptr, .recompute = options.recompute, .record = options.record});
  const Tensor image = upload(device, read_image(options.image));
  const LabelArray labels = read_labels(options.labels);
  const InstanceArray instances = read_instances(options.instances);
  measuring::finish(device);
  const double load_seconds = watch.restart();

  std::vector<double> seconds;
  Losses losses;
  for (int run = 0; run < options.runs; ++run) {
    watch.restart();
    losses = trainer.step({.map = semantic_map(device, labels, instances, classes), .image = image});
    measuring::finish(device);
    seconds.push_back(watch.restart());
  }
  measuring::Report report(device, load_seconds, seconds);
  report.add("losses", {losses.gan, losses.matching, losses.real, losses.fake, losses.perceptual});
  report.print();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times steps of training on one batch.", "training_step");
  app.add_option("--network", options.network)->check(CLI::IsMember({"depth1", "demo"}));
  app.add_option("--scales", options.scales, "Discriminators of width 64")->check(CLI::IsMember({2, 3}));
  app.add_flag("--perceptual", options.perceptual, "With the VGG-19 loss, of random weights");
  app.add_flag("--recompute", options.recompute, "Less memory for more arithmetic");
  app.add_flag("!--no-record", options.record, "Put each step together, where a GPU could repeat a recorded one");
  app.add_option("--labels", options.labels)->required();
  app.add_option("--instances", options.instances)->required();
  app.add_option("--image", options.image)->required();
  app.add_option("--runs", options.runs)->check(CLI::Range(1, 100000));
  options.device.add_to(app);
  CLI11_PARSE(app, argc, argv);
  return measuring::guarded("training_step", [&] {
    constexpr DiscriminatorShape narrow{.width = 16};
    if (options.network == "demo")
      measure(options, DemoGenerator(classes + 1), MultiscaleDiscriminator<2, narrow>());
    else if (options.scales == 2)
      measure(options, Generator<1>(), MultiscaleDiscriminator<2>());
    else
      measure(options, Generator<1>(), MultiscaleDiscriminator<3>());
  });
}
