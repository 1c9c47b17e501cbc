#pragma once
/// Whether weights take what a command gives them, and which of its options to change where they do not.

#include <pix2pixhd/core/error.hpp>

#include "training_words.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tools {

/// What a command gives a generator of label maps, in channels.
struct Channels {
  int classes = 0;
  bool boundaries = false;  ///< of instances: one channel
  int features = 0;         ///< of an encoder

  int count() const { return classes + (boundaries ? 1 : 0) + features; }
};

/// How the user of one program changes what it gives, in words that follow "but this does not fit; ". Empty where the
/// program has no such way.
struct ChannelRemedies {
  std::string boundaries = "give --instances";           ///< where they are missing
  std::string no_boundaries = "leave --instances away";  ///< where they are too many
  std::string features = {};                             ///< where the weights take an encoder's
  std::string plain = {};                                ///< where the weights are of a network on plain images
  bool either = false;  ///< boundaries that are there need not be taken: the weights decide
};

/// Error if the weights were trained on other maps than are given.
inline void require_as_trained(const std::filesystem::path& weights, const TrainedMaps& trained, const Channels& given,
                               const ChannelRemedies& remedies) {
  using pix2pixhd::detail::require;
  if (trained.classes == 0)
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(
        weights, " was trained on plain images, and label maps were given; ",
        remedies.plain.empty() ? "give weights that were trained on label maps" : remedies.plain, "."));
  require_classes({{classes_key, std::to_string(trained.classes)}}, given.classes, weights);
  require(!trained.boundaries || given.boundaries, weights, " was trained with instance maps, and none were given; ",
          remedies.boundaries, ".");
  require(trained.boundaries || !given.boundaries || remedies.either, weights,
          " was trained without instance maps, and they were given; ", remedies.no_boundaries, ".");
}

/// What to change, so that weights that take `channels` channels fit: words for the end of a sentence, without its
/// stop. `trained`: the maps are those that the weights were trained on, so that only features can be missing.
inline std::string channels_advice(int channels, const Channels& given, const ChannelRemedies& remedies,
                                   bool trained = false) {
  using pix2pixhd::detail::sentence;
  const int missing = channels - given.count();
  if (trained && given.features == 0 && missing > 0 && !remedies.features.empty())
    return sentence(missing, missing == 1 ? " of its channels is the feature" : " of its channels are the features",
                    " of the encoder that was trained with it: ", remedies.features);
  if (trained && given.features > 0 && !remedies.features.empty()) return remedies.features;
  std::vector<std::string> ways;
  const auto add = [&](const std::string& way) {
    if (!way.empty()) ways.push_back(way);
  };
  const auto add_classes = [&](int classes) {
    if (classes >= 1 && classes <= 255) add(sentence("give --classes ", classes));
  };
  const bool only_boundaries = !given.boundaries && missing == 1;
  if (only_boundaries) add(remedies.boundaries);
  if (given.boundaries && missing == -1 && !remedies.either) add(remedies.no_boundaries);
  if (given.boundaries && remedies.either) add_classes(given.classes + missing + 1);
  add_classes(given.classes + missing);
  if (given.features > 0) add(remedies.features);
  if (channels <= 4 && !remedies.plain.empty())  // an image, perhaps with a mask
    add(remedies.plain + ", if they were made for plain images");
  if (ways.empty()) add("use weights that were trained with such maps");

  std::string advice;
  for (const std::string& way : ways) advice += (advice.empty() ? "" : ", or ") + way;
  constexpr int most_features = 16;  // beyond them another number of classes is the likelier mistake
  if (given.features > 0 || missing < 1 || missing > most_features || only_boundaries || remedies.features.empty())
    return advice;
  const std::string count = remedies.either ? "some" : std::to_string(missing);
  const std::string or_with_boundaries = given.boundaries || remedies.either
                                             ? ""
                                             : sentence(", or ", missing - 1, " beside the boundaries of --instances");
  return advice + sentence(". If the weights were made with an encoder, ", count, " of their channels ",
                           count == "1" ? "is its feature" : "are its features", or_with_boundaries, ": ",
                           remedies.features);
}

/// The remedy of programs that are told how many features there are.
inline std::string features_option(int channels, const Channels& given) {
  if (given.features == 0) return "give --features";  // the advice says how many
  const int features = channels - given.classes - (given.boundaries ? 1 : 0);
  return features >= 0 ? pix2pixhd::detail::sentence("give --features ", features) : "";
}

/// Error unless weights that take `channels` channels fit, and were trained on such maps where their file says on what.
/// The sentence says what was given and what to change.
inline void check_channels(const std::filesystem::path& weights, int channels, const Channels& given,
                           const ChannelRemedies& remedies) {
  using pix2pixhd::detail::sentence;
  const std::optional<TrainedMaps> trained = trained_maps(weights, channels);
  if (trained) require_as_trained(weights, *trained, given, remedies);
  const int count = given.count();
  if (channels == count) return;
  const std::string boundaries = given.boundaries ? "the boundaries of --instances" : "no --instances";
  throw pix2pixhd::Error(sentence(
      weights, " takes ", channels, channels == 1 ? " channel" : " channels", ", but ", count,
      count == 1 ? " was" : " were", " given: ", given.classes, given.classes == 1 ? " class" : " classes",
      given.features > 0 ? ", " : " and ", boundaries,
      given.features > 0 ? sentence(" and ", given.features, given.features == 1 ? " feature" : " features") : "", "; ",
      channels_advice(channels, given, remedies, trained.has_value()), "."));
}

}  // namespace tools
