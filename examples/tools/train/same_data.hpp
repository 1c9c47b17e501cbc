#pragma once
/// Whether a run goes on with the data that it began with.

#include <pix2pixhd/core/fnv1a.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include "data.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace tools::train {

inline std::string hash_digits(const pix2pixhd::detail::Fnv1a& hash) {
  char digits[20];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash.value()));
  return digits;
}

/// What a set's first samples are recognised by: how many there are, and a hash of their names.
inline std::string samples_text(const pix2pixhd::Dataset& dataset, std::size_t count) {
  pix2pixhd::detail::Fnv1a hash;
  for (std::size_t i = 0; i < count; ++i) {
    hash.add(dataset.files(i).name);
    hash.add("\n");
  }
  return pix2pixhd::detail::sentence(count, " named ", hash_digits(hash));
}

/// What the weights of the perceptual loss are recognised by, whatever container they are in: a hash of them.
inline std::string weights_text(const fs::path& path) {
  const auto file = pix2pixhd::open_tensor_file(path);
  std::map<std::string, const pix2pixhd::TensorEntry*> entries;
  for (const pix2pixhd::TensorEntry& entry : file->entries())
    if (entry.name.starts_with("features.")) entries[entry.name] = &entry;  // what the loss reads of them
  pix2pixhd::detail::Fnv1a hash;
  std::vector<float> values;
  for (const auto& [name, entry] : entries) {
    hash.add(name);
    values.resize(file->count(*entry));
    file->read(*entry, values);
    for (const float value : values) hash.add_number(std::bit_cast<std::uint32_t>(value));
  }
  return hash_digits(hash);
}

/// The samples that a run is trained on and those that it is judged by, and the weights of its perceptual loss, for a
/// checkpoint.
inline pix2pixhd::CheckpointSections data_sections(const Data& data, const Options& options) {
  const std::size_t evaluated = evaluated_pictures(data, options);
  return {{"training_samples", samples_text(*data.training, data.training->size())},
          {"held_out_samples", evaluated > 0 ? samples_text(*data.held_out, evaluated) : "none"},
          {"perceptual_weights", data.vgg}};
}

/// Error unless the data have the samples that they had when the checkpoint was written, and the perceptual loss its
/// weights. Checkpoints of older programs do not say which.
inline void check_same_data(const Data& data, const Options& options, const pix2pixhd::CheckpointSections& sections,
                            const fs::path& path) {
  for (const auto& [name, now] : data_sections(data, options)) {
    const auto before = sections.find(name);
    if (before == sections.end() || before->second == now) continue;
    pix2pixhd::detail::require(name != "perceptual_weights", path, " is of a run with other weights of VGG-19 (",
                               before->second, ") than ", options.vgg, " holds (", now,
                               "). Go on with the same, or start a new run from its weights in another folder by "
                               "--fine-tune.");
    const bool training = name == "training_samples";
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(
        path, " is of a run with other ", training ? "samples to train on" : "held-out pictures", " (", before->second,
        ") than ", options.data, " has (", now, "). Go on with the same data, ",
        training ? "" : "without which the best checkpoint would be chosen by figures that cannot be compared, ",
        "or start a new run from its weights in another folder by --fine-tune."));
  }
}

}  // namespace tools::train
