#pragma once
/// The networks that are compared: a generator, and the encoder whose features it takes, from files of their own or
/// from one checkpoint of a training run.

#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/store/encoder_file.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include "../channels.hpp"
#include "../encoding.hpp"
#include "../network_keys.hpp"
#include "../training_words.hpp"
#include "compare.hpp"

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace tools::evaluate {

/// The encoder of a generator that was trained with one. It sees the real pictures, so that what is synthesised is
/// compared with pictures in their own style, as in training.
class StyleEncoder {
 public:
  /// From --encoder (the encoder's own file or a checkpoint), or from the checkpoint that the generator is of. Nothing
  /// where neither is given.
  static std::optional<StyleEncoder> open(Device& device, const Options& options, const Dataset& data) {
    const std::filesystem::path& path = options.encoder.empty() ? options.weights : options.encoder;
    if (options.encoder.empty() && !checkpoint_has(*open_tensor_file(path), "E")) {
      require(!options.instances.chosen_on && !options.instances.chosen_rule,
              "--features-on and --instance-rule say how an encoder tells instances apart, and ", path,
              " holds none; give one by --encoder, or leave them away.");
      return {};
    }
    require(data.has_labels(), "features belong to instances of label maps; ", options.data, " has plain images.");
    StyleEncoder encoder{load_encoder(device, path, network_keys("evaluate", path, {}, "E")), options.instances};
    const Metadata trained = training_of(path);
    encoder.instances_.adopt(trained, path, "evaluate");
    require_classes(trained, data.classes(), path);
    require_ignored(trained, data.classes(), options.policy.ignore, path);
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

  AnyEncoder network_;
  InstanceChoice instances_;
};

/// Whether the generator takes the boundaries of instances, beside `features` of an encoder. Error where it fits the
/// data neither way, or was trained on other maps.
inline bool takes_instances(const Options& options, const Dataset& data, int channels, int features) {
  const std::optional<TrainedMaps> trained = trained_maps(options.weights, channels);
  if (!data.has_labels()) {
    if (trained)
      require(trained->classes == 0, options.weights, " was trained on label maps of ", trained->classes,
              " classes, but ", options.data, " has plain images; give a data set with label maps.");
    require(channels == 3, options.weights, " takes ", channels, " channels, but ", options.data,
            " has plain images, which are read with 3.");
    return false;
  }
  Channels given{.classes = data.classes(), .boundaries = data.has_instances(), .features = features};
  const ChannelRemedies remedies{
      .boundaries = sentence("add instance maps, in ", options.data / (options.phase + "_inst")),
      .features =
          features > 0
              ? "give the encoder that was trained with this generator"
              : "give the encoder that was written beside them, in a file that is named like theirs, by --encoder",
      .either = true};
  require_ignored(training_of(options.weights), given.classes, options.policy.ignore, options.weights);
  if (trained) {
    require_as_trained(options.weights, *trained, given, remedies);
    given.boundaries = trained->boundaries;  // maps that it was not trained on are left aside
  }
  for (const bool boundaries : {false, true})
    if (channels == given.classes + features + (boundaries ? 1 : 0) && (!boundaries || given.boundaries) &&
        (!trained || boundaries == given.boundaries))
      return boundaries;
  throw Error(sentence(options.weights, " takes ", channels, " channels, but ", options.data, " has ", data.classes(),
                       " classes and ", data.has_instances() ? "" : "no ", "instance maps",
                       features > 0 ? sentence(", and the encoder finds ", features, " features") : "", "; ",
                       channels_advice(channels, given, remedies, trained.has_value()), "."));
}

}  // namespace tools::evaluate
