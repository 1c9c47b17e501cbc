#pragma once
/// Whether a run goes on with the data that it began with.

#include <pix2pixhd/core/fnv1a.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include "data.hpp"

#include <cstddef>
#include <cstdio>
#include <string>

namespace tools::train {

/// What a set's first samples are recognised by: how many there are, and a hash of their names.
inline std::string samples_text(const pix2pixhd::Dataset& dataset, std::size_t count) {
  pix2pixhd::detail::Fnv1a hash;
  for (std::size_t i = 0; i < count; ++i) {
    hash.add(dataset.files(i).name);
    hash.add("\n");
  }
  char digits[20];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash.value()));
  return pix2pixhd::detail::sentence(count, " named ", digits);
}

/// The samples that a run is trained on and those that it is judged by, for a checkpoint.
inline pix2pixhd::CheckpointSections data_sections(const Data& data, const Options& options) {
  const std::size_t evaluated = evaluated_pictures(data, options);
  return {{"training_samples", samples_text(*data.training, data.training->size())},
          {"held_out_samples", evaluated > 0 ? samples_text(*data.held_out, evaluated) : "none"}};
}

/// Error unless the data have the samples that they had when the checkpoint was written. Checkpoints of older programs
/// do not say which.
inline void check_same_data(const Data& data, const Options& options, const pix2pixhd::CheckpointSections& sections,
                            const fs::path& path) {
  for (const auto& [name, now] : data_sections(data, options)) {
    const auto before = sections.find(name);
    if (before == sections.end() || before->second == now) continue;
    const bool training = name == "training_samples";
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(
        path, " is of a run with other ", training ? "samples to train on" : "held-out pictures", " (", before->second,
        ") than ", options.data, " has (", now, "). Go on with the same data, ",
        training ? "" : "without which the best checkpoint would be chosen by figures that cannot be compared, ",
        "or start a new run from its weights in another folder by --fine-tune."));
  }
}

}  // namespace tools::train
