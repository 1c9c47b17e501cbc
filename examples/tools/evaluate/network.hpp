#pragma once
/// The networks that are compared: a generator, and the encoder whose features it takes, from files of their own or
/// from one checkpoint of a training run.

#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/store/encoder_file.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include <nlohmann/json.hpp>

#include "../channels.hpp"
#include "../encoding.hpp"
#include "compare.hpp"

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace tools::evaluate {

/// How the generator's keys begin: as the caller says, or as in a checkpoint.
inline LoadOptions generator_keys(const Options& options) {
  LoadOptions load = options.load;
  const auto file = open_tensor_file(options.weights);
  if (!load.prefix.empty() || !is_checkpoint(*file)) return load;
  load.prefix = checkpoint_prefix(*file, "G", CheckpointWeights::averaged);
  const bool averaged = load.prefix != checkpoint_prefix(*file, "G", CheckpointWeights::trained);
  std::cerr << "evaluate: the checkpoint's " << (averaged ? "averaged" : "newest") << " weights\n";
  return load;
}

/// The encoder of a generator that was trained with one. It sees the real pictures, so that what is synthesised is
/// compared with pictures in their own style, as in training.
class StyleEncoder {
 public:
  /// From --encoder (the encoder's own file or a checkpoint), or from the checkpoint that the generator is of. Nothing
  /// where neither is given.
  static std::optional<StyleEncoder> open(Device& device, const Options& options, const Dataset& data) {
    const std::filesystem::path& path = options.encoder.empty() ? options.weights : options.encoder;
    const auto file = open_tensor_file(path);
    LoadOptions keys;
    if (checkpoint_has(*file, "E")) keys.prefix = checkpoint_prefix(*file, "E", CheckpointWeights::averaged);
    if (options.encoder.empty() && keys.prefix.empty()) return {};
    require(data.has_labels(), "features belong to instances of label maps; ", options.data, " has plain images.");
    StyleEncoder encoder{load_encoder(device, path, keys), options.instances};
    const Metadata trained = keys.prefix.empty() ? file->metadata() : of_checkpoint(path);
    encoder.instances_.adopt(trained, "evaluate");
    require_classes(trained, data.classes(), path);
    encoder.instances_.check(data.has_instances(), options.data);
    return encoder;
  }

  int features() const { return network_.shape().out; }

  /// The map with the features that the sample's picture has.
  SemanticMap add_to(Device& device, const SemanticMap& map, const Sample& sample) const {
    const Instances found = instances_.find(*sample.labels, sample.instances);
    const EncoderInput input{upload(device, *sample.image), instance_map(device, found.indices)};
    return join(map, infer(device, network_, input));
  }

 private:
  StyleEncoder(AnyEncoder network, InstanceChoice instances)
      : network_(std::move(network)), instances_(std::move(instances)) {}

  /// What a checkpoint says of the run, in the words that the encoder's own file has.
  static Metadata of_checkpoint(const std::filesystem::path& path) {
    const CheckpointSections sections = read_sections(path);
    const auto found = sections.find("options");
    const auto options =
        nlohmann::json::parse(found == sections.end() ? "" : found->second, nullptr, /*allow_exceptions=*/false);
    Metadata words;
    for (const auto& [option, key] :
         {std::pair{"--features-on", InstanceChoice::on_key}, std::pair{"--instance-rule", InstanceChoice::rule_key}})
      if (options.is_object() && options.contains(option) && options[option].is_string())
        words[key] = options[option].get<std::string>();
    return words;
  }

  AnyEncoder network_;
  InstanceChoice instances_;
};

/// Whether the generator takes the boundaries of instances, beside `features` of an encoder. Error where it fits the
/// data neither way.
inline bool takes_instances(const Options& options, const Dataset& data, int channels, int features) {
  if (!data.has_labels()) {
    require(channels == 3, options.weights, " takes ", channels, " channels, but ", options.data,
            " has plain images, which are read with 3.");
    return false;
  }
  const int of_map = channels - features;
  if (of_map == data.classes()) return false;
  if (of_map == data.classes() + 1 && data.has_instances()) return true;
  throw Error(
      sentence(options.weights, " takes ", channels, " channels, but ", options.data, " has ", data.classes(),
               " classes and ", data.has_instances() ? "" : "no ", "instance maps",
               features > 0 ? sentence(", and the encoder finds ", features, " features") : "", "; ",
               channels_advice(
                   channels, {.classes = data.classes(), .boundaries = data.has_instances(), .features = features},
                   {.boundaries = sentence("add instance maps, in ", options.data / (options.phase + "_inst")),
                    .features = features > 0 ? "give the encoder that was trained with this generator"
                                             : "give encoder.safetensors, which was written beside them, by --encoder",
                    .either = true}),
               "."));
}

}  // namespace tools::evaluate
