#pragma once
/// Networks in files of weights and in checkpoints of training runs.

#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include <nlohmann/json.hpp>

#include "encoding.hpp"

#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>

namespace tools {

/// How the keys of a network begin in `weights`: as the caller says (`given`), or as in a checkpoint, where the
/// averages come before the newest weights; which, is said in the name of `tool`. `network`: "G" or "E", as in
/// checkpoints.
inline pix2pixhd::LoadOptions network_keys(std::string_view tool, const std::filesystem::path& weights,
                                           pix2pixhd::LoadOptions given, const std::string& network = "G") {
  using namespace pix2pixhd;
  if (!given.prefix.empty()) return given;
  const auto file = open_tensor_file(weights);
  if (!is_checkpoint(*file)) return given;
  detail::require(checkpoint_has(*file, network), weights, " is the checkpoint of a run that had no ",
                  network == "E" ? "encoder; give the encoder's own file." : "such network; give a file of weights.");
  given.prefix = checkpoint_prefix(*file, network, CheckpointWeights::averaged);
  const bool averaged = given.prefix != checkpoint_prefix(*file, network, CheckpointWeights::trained);
  std::cerr << tool << ": the checkpoint's " << (averaged ? "averaged" : "newest") << " weights of "
            << (network == "E" ? "the encoder\n" : "the generator\n");
  return given;
}

/// What a file says of how its encoder was trained: the metadata of an encoder's own file, or the same words from the
/// options of a checkpoint's run.
inline pix2pixhd::Metadata training_of_encoder(const std::filesystem::path& path) {
  using namespace pix2pixhd;
  const auto file = open_tensor_file(path);
  if (!is_checkpoint(*file)) return file->metadata();
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

}  // namespace tools
