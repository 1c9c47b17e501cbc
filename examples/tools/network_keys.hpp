#pragma once
/// Networks in files of weights and in checkpoints of training runs.

#include <pix2pixhd/store/key_matching.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include "training_words.hpp"

#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

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

/// Runs `load`, which reads the weights of a generator into that of the chosen preset. Where they are of another
/// network, the Error says what to change of the command.
template <class Load>
decltype(auto) load_of_preset(const std::filesystem::path& weights, Load&& load) {
  using namespace pix2pixhd;
  try {
    return load();
  } catch (const OtherNetwork& error) {
    const std::string network = detail::network_named_in(*open_tensor_file(weights));
    const Metadata words = training_of(weights);
    const auto preset = words.find(preset_key);
    std::string advice = "Give the --preset that the weights were made for.";
    if (preset != words.end()) advice = detail::sentence("The weights were made for --preset ", preset->second, ".");
    if (!network.empty() && !network.starts_with("Generator<")) advice = "Give the file of a generator.";
    throw Error(detail::sentence(error.what(), ' ', advice));
  }
}

}  // namespace tools
