#pragma once
/// What files of weights say of the training that they come from.

#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include <nlohmann/json.hpp>

#include "encoding.hpp"

#include <charconv>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

namespace tools {

/// Other keys under which `train` writes such words, beside classes_key and those of InstanceChoice.
inline constexpr const char *preset_key = "pix2pixhd.preset", *instances_key = "pix2pixhd.instances",
                            *features_key = "pix2pixhd.features", *resize_key = "pix2pixhd.resize",
                            *load_width_key = "pix2pixhd.load_width";

/// What a file says of how its networks were trained: the metadata of a network's own file, or the same words from the
/// options of a checkpoint's run. These do not tell whether the run had instance maps, or label maps at all.
inline pix2pixhd::Metadata training_of(const std::filesystem::path& path) {
  using namespace pix2pixhd;
  const auto file = open_tensor_file(path);
  if (!is_checkpoint(*file)) return file->metadata();
  const CheckpointSections sections = read_sections(path);
  const auto found = sections.find("options");
  const auto options =
      nlohmann::json::parse(found == sections.end() ? "" : found->second, nullptr, /*allow_exceptions=*/false);
  Metadata words;
  for (const auto& [option, key] :
       {std::pair{"--preset", preset_key}, std::pair{"--classes", classes_key}, std::pair{"--features", features_key},
        std::pair{"--features-on", InstanceChoice::on_key}, std::pair{"--instance-rule", InstanceChoice::rule_key},
        std::pair{"--ignore-label", ignore_key}})
    if (options.is_object() && options.contains(option) && options[option].is_string())
      words[key] = options[option].get<std::string>();
  return words;
}

/// The number that a file says under a key. Nothing where it says none.
inline std::optional<int> trained_number(const pix2pixhd::Metadata& words, const char* key) {
  const auto found = words.find(key);
  if (found == words.end()) return {};
  const std::string& text = found->second;
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < 0) return {};
  return value;
}

/// How a tool is asked for a width that pictures are scaled to, and for pictures as they are.
struct ScalingWords {
  const char* tool;
  std::string to_width;  ///< followed by a number
  std::string as_they_are;
};

/// Says on stderr that a network is shown pictures at another scale than in training, where its file tells: it finds
/// larger or smaller things in them than it learnt. `width`: what they are scaled to, 0: nothing.
inline void note_scaling(const pix2pixhd::Metadata& trained, int width, const std::filesystem::path& weights,
                         const ScalingWords& words) {
  const auto resize = trained.find(resize_key);
  if (resize == trained.end()) return;
  const int before = trained_number(trained, load_width_key).value_or(0);
  if (before == width) return;
  const auto said = [](int pixels) {
    return pixels > 0 ? pix2pixhd::detail::sentence("scaled to a width of ", pixels) : std::string("as they are");
  };
  std::cerr << words.tool << ": note: " << weights.string() << " was trained on pictures " << said(before)
            << ", and sees them " << said(width) << " here; "
            << (before > 0 ? words.to_width + std::to_string(before) : words.as_they_are)
            << " shows it what it knows\n";
}

/// The maps that a generator was trained on.
struct TrainedMaps {
  int classes = 0;          ///< 0: plain images
  bool boundaries = false;  ///< of instances
};

/// What a file says of the maps that its generator, which takes `channels` channels, was trained on. Nothing where it
/// does not say so.
inline std::optional<TrainedMaps> trained_maps(const std::filesystem::path& weights, int channels) {
  const pix2pixhd::Metadata words = training_of(weights);
  const std::optional<int> classes = trained_number(words, classes_key);
  if (!classes || *classes == 0) return classes ? std::optional(TrainedMaps{}) : std::nullopt;
  if (const auto said = words.find(instances_key); said != words.end())
    return TrainedMaps{.classes = *classes, .boundaries = said->second == "yes"};
  // Options name a number of classes for plain images too, and there the channels do not agree with it.
  const int rest = channels - *classes - trained_number(words, features_key).value_or(0);
  if (rest != 0 && rest != 1) return {};
  return TrainedMaps{.classes = *classes, .boundaries = rest == 1};
}

}  // namespace tools
