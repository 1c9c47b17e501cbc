// Pictures of one label map, timed: the program that compare.py holds beside other libraries.
//
// Prints one line of JSON: seconds to load the weights, seconds of every picture from label map to picture, the most
// memory of the process and of the library, and what it ran on.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "peers/measuring.hpp"

namespace {

using namespace pix2pixhd;

struct Options {
  std::string weights, labels, instances, output;
  int depth = 1, classes = 35, runs = 3;
  measuring::DeviceChoice device;
};

template <class Net>
void measure(const Options& options) {
  const LabelArray labels = read_labels(options.labels);
  const InstanceArray instances = read_instances(options.instances);
  measuring::Stopwatch watch;
  Device device = options.device.open();
  Net generator;
  load(device, generator, options.weights);
  Session session(device, generator);
  const double load_seconds = watch.restart();

  std::vector<double> seconds;
  xt::xtensor<float, 4> picture;
  for (int run = 0; run < options.runs; ++run) {
    watch.restart();
    picture = download(device, session(semantic_map(device, labels, instances, options.classes)));
    seconds.push_back(watch.restart());
  }
  measuring::Report(device, load_seconds, seconds).print();
  if (!options.output.empty()) write_npy(options.output, picture);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times pictures of one label map.", "generator_pass");
  app.add_option("--depth", options.depth, "Enhancers of the generator")->check(CLI::IsMember({0, 1}));
  app.add_option("--weights", options.weights)->required();
  app.add_option("--labels", options.labels)->required();
  app.add_option("--instances", options.instances)->required();
  app.add_option("--classes", options.classes)->check(CLI::Range(1, 255));
  app.add_option("--runs", options.runs)->check(CLI::Range(1, 100000));
  app.add_option("--output", options.output, "The last picture, .npy");
  options.device.add_to(app);
  CLI11_PARSE(app, argc, argv);
  return measuring::guarded("generator_pass", [&] {
    if (options.depth == 0)
      measure<PresetGenerator<0>>(options);
    else
      measure<PresetGenerator<1>>(options);
  });
}
