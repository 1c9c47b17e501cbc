// One VGG-19 perceptual loss and its gradient by the synthesised picture, timed: the program that compare_training.py
// holds beside PyTorch.
//
// Prints one line of JSON: seconds to load the weights, seconds of every loss with gradient, memory, and the loss.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/vgg19.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/training/objective.hpp>

#include <string>
#include <vector>

#include "peers/measuring.hpp"

namespace {

using namespace pix2pixhd;

struct Options {
  std::string weights, fake, real, output;
  int runs = 4;
  measuring::DeviceChoice device;
};

void measure(const Options& options) {
  const auto fake = read_image(options.fake), real = read_image(options.real);
  measuring::Stopwatch watch;
  Device device = options.device.open();
  Vgg19 vgg;
  load(device, vgg, options.weights);
  const Tensor x = upload(device, fake), y = upload(device, real);
  const double load_seconds = watch.restart();

  std::vector<double> seconds;
  Objective<Tensor> loss;
  ImageArray gradient;
  for (int run = 0; run < options.runs; ++run) {
    watch.restart();
    loss = perceptual_loss(device, vgg, x, y);
    gradient = download(device, loss.gradient);
    seconds.push_back(watch.restart());
  }
  measuring::Report report(device, load_seconds, seconds);
  report.add("losses", {loss.value});
  report.print();
  if (!options.output.empty()) write_npy(options.output, gradient);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times a perceptual loss with its gradient.", "perceptual_loss");
  app.add_option("--weights", options.weights, "Of VGG-19")->required();
  app.add_option("--fake", options.fake, "The synthesised picture")->required();
  app.add_option("--real", options.real, "The real picture")->required();
  app.add_option("--runs", options.runs)->check(CLI::Range(1, 100000));
  app.add_option("--output", options.output, "The gradient, .npy");
  options.device.add_to(app);
  CLI11_PARSE(app, argc, argv);
  return measuring::guarded("perceptual_loss", [&] { measure(options); });
}
