// Runs a trained encoder over a data set and clusters the features of its instances, class by class: the styles that
// synthesize and edit choose from.

#include <CLI/CLI.hpp>
#include <pix2pixhd/features/style_clusters.hpp>
#include <pix2pixhd/images/augment.hpp>
#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/encoder_file.hpp>
#include <pix2pixhd/store/style_file.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include "tools/encoding.hpp"
#include "tools/network_keys.hpp"
#include "tools/outputs.hpp"
#include "tools/pictures.hpp"
#include "tools/progress.hpp"
#include "tools/tool.hpp"
#include "tools/training_words.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace pix2pixhd;
using detail::require;
using detail::sentence;

struct Options {
  std::filesystem::path encoder, data, output;
  LoadOptions load;
  std::string phase = "train", resize = "none", min_area = "1/64";
  LabelPolicy policy;
  tools::InstanceChoice instances;
  AugmentOptions augment;
  KMeansOptions kmeans;
  tools::DeviceChoice device;
};

/// "1/64" or "0.015625" as a number. UsageError unless it is a share.
double share(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto number = [&](const std::string& part) {
    double value = -1;
    if (!CLI::detail::lexical_cast(part, value)) value = -1;
    return value;
  };
  const double part = number(text.substr(0, slash)),
               whole = slash == std::string::npos ? 1.0 : number(text.substr(slash + 1)), value = part / whole;
  if (!(part >= 0 && whole > 0 && value <= 1))
    throw tools::UsageError(sentence("--min-area is ", text, "; it must be a share of the picture, like 1/64 or 0.01"));
  return value;
}

/// What the encoder's file says of its training goes before the defaults, the caller's words before both.
Metadata adopt(Options& options) {
  Metadata metadata = tools::training_of(options.encoder);
  options.instances.adopt(metadata, options.encoder, "encode_features");
  tools::require_classes(metadata, network_classes(options.policy), options.encoder);
  tools::require_ignored(metadata, network_classes(options.policy), options.policy.ignore, options.encoder);
  tools::note_scaling(metadata, options.augment.resize == ResizeMode::none ? 0 : options.augment.load_width,
                      options.encoder,
                      {.tool = "encode_features",
                       .to_width = "--resize scale_width --load-width ",
                       .as_they_are = "leaving --resize away"});
  return metadata;
}

/// The name of a class of the data sets that are known, or nothing.
std::string class_name(int label, int classes) {
  if (label == no_class) return "no class";
  const auto at = static_cast<std::size_t>(label);
  if (classes == static_cast<int>(cityscapes_classes.size())) return std::string(cityscapes_classes.at(at).name);
  if (classes == static_cast<int>(street_classes.size())) return std::string(street_classes.at(at).name);
  return "";
}

void print_table(const StyleClusters& clusters) {
  std::printf("class                      instances  too small  styles  explained variance\n");
  for (const auto& [label, styles] : clusters.by_class) {
    const std::string name = sentence(label, " ", class_name(label, clusters.classes));
    std::printf("%-25s %10lld %10lld %7zu", name.c_str(), static_cast<long long>(styles.samples),
                static_cast<long long>(styles.left_out), styles.styles.size());
    if (styles.styles.empty())
      std::printf("                   -\n");
    else
      std::printf("              %6.3f\n", styles.explained_variance);
  }
}

void encode(Options options) {
  tools::Outputs({options.encoder}).writes(options.output, ".safetensors");
  const Metadata trained = adopt(options);
  const Dataset data(options.data, {.phase = options.phase, .labels = options.policy, .check = DatasetCheck::names});
  for (const std::string& note : data.notes()) std::cerr << "encode_features: " << note << '\n';
  require(data.has_labels(), options.data, " holds pairs of pictures; styles need label maps.");
  options.instances.check(data.has_instances(), options.data);
  Device device = options.device.open();
  std::cerr << "device: " << device.name() << ", " << device.description() << '\n';
  const AnyEncoder encoder =
      load_encoder(device, options.encoder, tools::network_keys("encode_features", options.encoder, options.load, "E"));
  StyleCollector collector({.features = encoder.shape().out,
                            .classes = data.classes(),
                            .rule = options.instances.id_rule(),
                            .on_labels = options.instances.on_labels(),
                            .min_area = share(options.min_area)});
  tools::Progress progress("features");
  std::size_t bad = 0;
  std::int64_t split = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    try {
      const Sample sample = prepare(data.read(i), options.augment);
      const Instances instances = options.instances.find(*sample.labels, sample.instances);
      const Tensor map =
          infer(device, encoder, EncoderInput{upload(device, *sample.image), instance_map(device, instances.indices)});
      collector.add(instances, features_of(instances, download(device, map)));
      split += instances.split;
    } catch (const Error& error) {
      progress.clear();
      ++bad;
      std::cerr << "encode_features: " << data.files(i).name << ": error: " << error.what() << '\n';
    }
    progress(static_cast<double>(i + 1) / static_cast<double>(data.size()));
  }
  progress.clear();
  require(collector.pictures() > 0, "none of the ", data.size(), " pictures could be read; nothing was written.");
  if (split > 0)
    std::cerr << "encode_features: note: " << split
              << " ids have pixels of several classes; the part of each class was taken as an instance of its own\n";
  const StyleClusters clusters = collector.clusters(options.kmeans);
  Metadata about = {{"pix2pixhd.pictures", std::to_string(collector.pictures())}};
  for (const char* key : {"pix2pixhd.preset", "pix2pixhd.steps"})
    if (trained.contains(key)) about[key] = trained.at(key);
  print_table(clusters);
  save_clusters(options.output, clusters, about);
  std::cerr << options.output.string() << ": styles of " << collector.pictures() << " pictures\n";
  require(bad == 0, bad, " of ", data.size(), " pictures could not be read; the errors above name them, and ",
          options.output, " is of the others.");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "Finds the styles of a data set: runs an encoder over it and clusters the features of its instances, class by "
      "class.",
      "encode_features");
  app.add_option("--encoder", options.encoder, "Weights of the encoder: encoder.safetensors of a training run, or .pth")
      ->required();
  app.add_option("--prefix", options.load.prefix, "Of the encoder's keys, where the file holds more than them");
  app.add_option("--data", options.data, "Data set with train_label, train_inst and train_img")->required();
  app.add_option("--phase", options.phase, "Beginning of the folders' names")->capture_default_str();
  app.add_option("--output", options.output, "The file of clusters to write, .safetensors")->required();
  app.add_option("--clusters", options.kmeans.clusters, "Styles of a class at most")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--min-area", options.min_area,
                 "Share of the picture below which an instance is left out; smaller pictures need a smaller one")
      ->capture_default_str();
  tools::add_seed(app, options.kmeans.seed, "Of the clustering");
  app.add_option("--restarts", options.kmeans.restarts, "Clusterings of each class, of which the best one counts")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--classes", options.policy.classes, "Number of classes of the label maps")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  app.add_option("--ignore-label", options.policy.ignore, "Label that stands for no class")->check(CLI::Range(0, 255));
  options.instances.add_to(app, "Instances (without these: as the encoder was trained)");
  app.add_option("--resize", options.resize, "none or scale_width, as in training")
      ->check(CLI::IsMember({"none", "scale_width"}))
      ->capture_default_str();
  app.add_option("--load-width", options.augment.load_width, "Pixels, for scale_width")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  options.device.add_to(app);
  app.footer(
      "Prints for each class how many instances were clustered, how many were too small, the number of styles and the "
      "share of the features' variance that lies between them. Bad pictures are named and passed over, and the exit "
      "status is then 1.");
  return tools::run(app, argc, argv, [&] {
    share(options.min_area);
    if (options.resize == "none") tools::refuse(app, {"--load-width"}, "needs --resize scale_width");
    options.augment.resize = resize_mode(options.resize).value();
    options.augment.flip = false;
    encode(options);
  });
}
