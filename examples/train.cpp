// Trains a generator: from folders of label maps and photographs to weights, coarse to fine, resumable to the bit.

#include <CLI/CLI.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>

#include "tools/tool.hpp"
#include "tools/train/beginning.hpp"
#include "tools/train/command_line.hpp"
#include "tools/train/options.hpp"
#include "tools/train/run.hpp"
#include "tools/train/same_data.hpp"
#include "tools/train/staged_training.hpp"

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace pix2pixhd;
using namespace tools::train;
using detail::sentence;

template <class Net>
void train(Options options) {
  // What is wrong with the options, the data and the files of weights is said before a folder is made.
  const bool there = fs::is_directory(options.output);
  require_run(there, options);
  check_files(options);
  std::vector<Stage> stages;
  if (!options.goes_on()) stages = options.stages(Net::depth);
  std::optional<RunFolder> folder;
  if (there) folder.emplace(options, stages, Net::depth);
  Device device = options.device.open();
  std::cerr << "device: " << device.name() << ", " << device.description() << '\n';
  Data data = open_data(options);
  std::cerr << "data: " << data.training->size() << " training samples"
            << (data.held_out ? sentence(", ", data.held_out->size(), " held out") : ", none held out") << "; "
            << data.channels + options.features << " channels for the generator"
            << (options.features > 0 ? sentence(", of which ", options.features, " are features") : "") << '\n';
  std::optional<Vgg19> vgg;
  if (!options.vgg.empty()) {
    load(device, vgg.emplace(), options.vgg);
    data.vgg = weights_text(options.vgg);
  }
  if (!there) folder.emplace(options, stages, Net::depth);

  Run run{.options = std::move(options),
          .device = device,
          .data = std::move(data),
          .checkpoints = folder->checkpoints,
          .stages = folder->stages,
          .position = folder->position};
  StagedTraining<Net> training(run, vgg ? &*vgg : nullptr);
  training.plan();
  training.train();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Trains a generator on folders of label maps and photographs: G1 alone at low resolution, then each enhancer "
      "around it.",
      "train");
  options.add_to(app);
  app.footer(
      "In --output afterwards: generator.safetensors for synthesize, best_generator.safetensors (fewest texture "
      "differences on held-out pictures), with --features encoder.safetensors beside each, checkpoints, steps.csv, "
      "evaluations.csv, report.html. Control-C stops after "
      "the step that is being made, with a checkpoint; --resume goes on from there as if nothing had happened.");
  return tools::run(app, argc, argv, [&] {
    options.finish();
    with_preset(options.preset, [&]<class Net>(std::type_identity<Net>) { train<Net>(options); });
  });
}
