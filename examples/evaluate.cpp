// Compares synthesised pictures with the real ones: those of two folders, or those that a generator makes of a data
// set.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/augment.hpp>
#include <pix2pixhd/images/checks.hpp>
#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "tools/evaluate/compare.hpp"
#include "tools/evaluate/network.hpp"
#include "tools/matching.hpp"
#include "tools/network_keys.hpp"
#include "tools/open_dataset.hpp"
#include "tools/pictures.hpp"
#include "tools/progress.hpp"
#include "tools/read_picture.hpp"
#include "tools/tool.hpp"
#include "tools/training_words.hpp"

#include <algorithm>
#include <iostream>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using namespace tools::evaluate;

/// The files of one scene; labels may be empty.
struct PairFiles {
  std::string name;
  std::filesystem::path synthesised = {}, real = {}, labels = {};
};

std::vector<PairFiles> list_pairs(const Options& options) {
  require(std::filesystem::exists(options.synthesised), options.synthesised, " does not exist.");
  const bool folder = std::filesystem::is_directory(options.synthesised);
  tools::check_kind(options.real, folder);
  if (!options.labels.empty()) tools::check_kind(options.labels, folder);
  if (!folder) return {{tools::picture_name(options.real), options.synthesised, options.real, options.labels}};
  const auto synthesised = tools::pictures_in(options.synthesised), real = tools::pictures_in(options.real);
  const auto labels = options.labels.empty() ? real : tools::pictures_in(options.labels);
  std::vector<PairFiles> pairs;
  for (const auto& entry : synthesised) {
    const auto find = [&](const auto& files, const std::filesystem::path& where, const char* what) {
      const auto found = files.find(entry.first);
      require(found != files.end(), where, " contains no ", what, " for ", entry.second, "; it must be named ",
              entry.first, " too.");
      return found->second;
    };
    PairFiles pair{.name = entry.first, .synthesised = entry.second};
    pair.real = find(real, options.real, "real picture");
    if (!options.labels.empty()) pair.labels = find(labels, options.labels, "label map");
    pairs.push_back(pair);
  }
  if (real.size() > pairs.size())
    std::cerr << "evaluate: real pictures without a synthesised one, which are left out: " << real.size() - pairs.size()
              << '\n';
  return pairs;
}

void compare_folders(const Options& options) {
  const std::vector<PairFiles> pairs = list_pairs(options);
  const LabelTable table(options.policy);
  const auto read_scene = [&](const PairFiles& files, bool synthesised) {
    Compared scene{.name = files.name, .real = tools::read_picture(files.real)};
    const std::string name = sentence(files.real);
    if (synthesised) {
      scene.synthesised = tools::read_picture(files.synthesised);
      check_same_size(named_size(scene.synthesised, sentence(files.synthesised)), named_size(scene.real, name));
    }
    if (!files.labels.empty()) {
      LabelArray labels = read_labels(files.labels);
      table.apply(labels, sentence(files.labels));
      check_same_size(named_size(labels, sentence(files.labels)), named_size(scene.real, name));
      scene.labels = tools::batch_of_one(labels);
      scene.input = colorize(labels, tools::palette_for(network_classes(options.policy)), no_class, name);
    }
    return scene;
  };
  report(options, {.count = pairs.size(),
                   .classes = options.labels.empty() ? 0 : network_classes(options.policy),
                   .size = [&](std::size_t i) { return size_in(pairs[i].real); },
                   .read = [&](std::size_t i) { return read_scene(pairs[i], true); },
                   .learn_colours =
                       [&](ClassColours& colours) {
                         for (const PairFiles& files : pairs) {
                           const Compared scene = read_scene(files, false);
                           colours.add(*scene.labels, scene.real);
                         }
                       }});
}

template <class Net>
void compare_network(const Options& options) {
  const AugmentOptions size{.resize = options.width > 0 ? ResizeMode::scale_width : ResizeMode::none,
                            .load_width = std::max(options.width, 1)};
  // All files are looked at first: to make the pictures takes much longer.
  const auto dataset =
      tools::open_dataset(options.data, {.phase = options.phase, .labels = options.policy}, "evaluate: ");
  const Dataset& data = *dataset;
  Device device = options.device.open();
  std::cerr << "device: " << device.name() << ", " << device.description() << '\n';
  Net generator;
  tools::load_of_preset(options.weights, [&] {
    load(device, generator, options.weights, tools::network_keys("evaluate", options.weights, options.load));
  });
  tools::note_scaling(tools::training_of(options.weights), options.width, options.weights,
                      {.tool = "evaluate", .to_width = "--width ", .as_they_are = "leaving --width away"});
  const std::optional<StyleEncoder> encoder = StyleEncoder::open(device, options, data);
  const bool instances = takes_instances(options, data, input_channels(generator), encoder ? encoder->features() : 0);
  Session session(device, generator, {.budget = options.device.budget});
  const auto read = [&](std::size_t i) {
    const Sample sample = prepare(data.read(i), size);
    Compared scene{
        .name = sample.name, .input = tools::picture_of_input(sample, data.classes()), .real = *sample.image};
    if (!sample.labels) {
      scene.synthesised = download(device, session(upload(device, *sample.input)));
      return scene;
    }
    scene.labels = tools::batch_of_one(*sample.labels);
    const SemanticMap map =
        semantic_map(device, *sample.labels, instances ? sample.instances : std::nullopt, data.classes(), no_class);
    scene.synthesised = download(device, session(encoder ? encoder->add_to(device, map, sample) : map));
    return scene;
  };
  const auto learn_colours = [&](ClassColours& colours) {
    const Dataset train(options.data,
                        {.labels = options.policy, .instances = FolderUse::left_out, .check = DatasetCheck::names});
    tools::Progress progress("mean colours");
    for (std::size_t i = 0; i < train.size(); ++i) {
      const Sample sample = prepare(train.read(i), size);
      colours.add(tools::batch_of_one(*sample.labels), *sample.image);
      progress(static_cast<double>(i + 1) / static_cast<double>(train.size()));
    }
  };
  const auto size_of = [&](std::size_t i) { return prepared_size(data.sizes()[i], size, data.files(i).name); };
  report(
      options,
      {.count = data.size(), .classes = data.classes(), .size = size_of, .read = read, .learn_colours = learn_colours});
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Figures of synthesised pictures beside the real ones: of two folders, or of a generator on a data set.",
               "evaluate");
  app.add_option("--synthesised", options.synthesised, "Synthesised picture, or a folder of them");
  app.add_option("--real", options.real, "Real picture, or a folder; files of one scene have the same name");
  app.add_option("--labels", options.labels, "Label map, or a folder: for colour errors and --baseline");
  tools::add_preset(app, options.preset)->required(false);
  app.add_option("--weights", options.weights, "Weights of the generator, .safetensors or .pth");
  app.add_option("--prefix", options.load.prefix, "Of the generator's keys, where the file holds more than them");
  app.add_option("--encoder", options.encoder,
                 "Weights of the encoder, for generators that take its features; checkpoints have their own");
  app.add_option("--data", options.data, "Data set: test_label, test_inst and test_img, or test_A and test_B");
  app.add_option("--phase", options.phase, "Beginning of the folders' names")->capture_default_str();
  app.add_option("--width", options.width, "Pictures of the data set are scaled to this width; 0: as they are")
      ->check(CLI::Range(0, 16384))
      ->capture_default_str();
  app.add_option("--classes", options.policy.classes, "Number of classes of the label maps")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  app.add_option("--ignore-label", options.policy.ignore, "Label that stands for no class")->check(CLI::Range(0, 255));
  app.add_flag(
      "--baseline", options.baseline,
      "Also the figures of painting each class in its mean colour: that of the data set's train folders, or of "
      "the real pictures");
  app.add_flag("--each", options.each, "Also the figures of each picture by itself");
  app.add_option("--json", options.json, "The same figures as a file, .json");
  app.add_option("--csv", options.csv, "The same figures as a file, .csv");
  app.add_option("--gallery", options.gallery,
                 "A page to write, .html, with the figures and the first 24 scenes, whose pictures lie beside it in "
                 "NAME_pictures");
  options.instances.add_to(app, "Instances that have features (without these: as the encoder was trained)");
  options.device.add_to(app);
  app.footer(
      "PSNR in decibels and SSIM: more is better. SWD, the sliced Wasserstein distance of textures by level of detail, "
      "the finest first, and colour errors in levels of 0 to 255: less is better. An encoder sees the real pictures: "
      "what "
      "is synthesised with its features is compared with pictures in their own style.");
  return tools::run(app, argc, argv, [&] {
    const bool folders = !options.synthesised.empty() || !options.real.empty();
    const bool network = !options.preset.empty() || !options.weights.empty() || !options.data.empty();
    if (folders == network) throw tools::UsageError("give --synthesised and --real, or --preset, --weights and --data");
    if (folders && (options.synthesised.empty() || options.real.empty()))
      throw tools::UsageError("--synthesised and --real belong together");
    if (network && (options.preset.empty() || options.weights.empty() || options.data.empty()))
      throw tools::UsageError("--preset, --weights and --data belong together");
    if (folders)
      tools::refuse(app,
                    {"--encoder", "--prefix", "--features-on", "--instance-rule", "--device", "--precision",
                     "--threads", "--budget"},
                    "goes with --weights");
    if (folders) tools::refuse(app, {"--phase", "--width"}, "goes with --data");
    if (folders && options.labels.empty()) tools::refuse(app, {"--classes", "--ignore-label"}, "goes with --labels");
    if (network && !options.labels.empty()) throw tools::UsageError("--data has label maps of its own; omit --labels");
    if (folders) return compare_folders(options);
    with_preset(options.preset, [&]<class Net>(std::type_identity<Net>) { compare_network<Net>(options); });
  });
}
