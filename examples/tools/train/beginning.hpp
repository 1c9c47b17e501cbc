#pragma once
/// What a run begins with: a folder that is as it should be, and weights from files.

#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/store/folder_lock.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>
#include <pix2pixhd/training/checkpoint_folder.hpp>
#include <pix2pixhd/training/schedule.hpp>

#include "options.hpp"
#include "run.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace tools::train {

/// Error where a run is to go on and there is none.
inline void require_run(bool there, const Options& options) {
  pix2pixhd::detail::require(!options.goes_on() || there, options.output.string(),
                             " holds no checkpoint; start without ", options.resume ? "--resume" : "--extend",
                             ", or give the folder of the run.");
}

/// Error where a file to begin with is not there, or none of weights.
inline void check_files(const Options& options) {
  for (const fs::path& file : {options.fine_tune, options.inner, options.encoder, options.vgg})
    if (!file.empty()) pix2pixhd::open_tensor_file(file);
}

/// Error unless the folder is as the way to begin wants it.
inline void check_folder(const Options& options, const pix2pixhd::CheckpointFolder& checkpoints) {
  const auto latest = checkpoints.latest();
  pix2pixhd::detail::require(options.goes_on() || !latest, options.output.string(),
                             " holds a training run, whose last checkpoint is ",
                             latest ? latest->filename().string() : "",
                             "; go on with --resume, go beyond its end with --extend, or choose another folder.");
  require_run(latest.has_value(), options);
  const fs::path generator = options.output / "generator.safetensors";
  pix2pixhd::detail::require(options.goes_on() || !fs::exists(generator), generator,
                             " is there already, and a new run would replace it; choose another folder, or move the "
                             "file away.");
}

/// The folder of a run, kept for this process, and where the run stands.
struct RunFolder {
  pix2pixhd::CheckpointFolder checkpoints;
  pix2pixhd::FolderLock lock;
  std::vector<pix2pixhd::Stage> stages;
  Position position = {};

  /// Makes the folder where it is not there. `new_stages`: those of a new run. Error where another process has the
  /// folder, and unless it is as the way to begin wants it; `options.begin` is then that of the run that goes on.
  RunFolder(Options& options, std::vector<pix2pixhd::Stage> new_stages, int last_depth)
      : checkpoints(options.output, static_cast<std::size_t>(options.keep)),
        lock(options.output),
        stages(std::move(new_stages)) {
    check_folder(options, checkpoints);
    if (!options.goes_on()) return;
    const fs::path latest = checkpoints.latest().value();
    const pix2pixhd::CheckpointSections sections = sections_of(latest);
    check_same_options(options, sections, latest);
    options.begin = begin_of(sections, latest);
    position = position_of(sections, latest);
    stages = stages_of(sections, latest, position, options, last_depth);
  }
};

/// How the keys of a network begin in a file of weights or in a checkpoint. Of a checkpoint the trained weights are
/// taken, not their averages: its discriminators have learnt against the pictures of these.
inline pix2pixhd::LoadOptions keys_of(const fs::path& file, const std::string& network) {
  const auto opened = pix2pixhd::open_tensor_file(file);
  return {.prefix = pix2pixhd::checkpoint_prefix(*opened, network, pix2pixhd::CheckpointWeights::trained)};
}

/// Error where a file for --inner holds enhancer `depth`, which is to be trained around what it should hold.
inline void check_smaller(const fs::path& file, const std::string& prefix, int depth) {
  const std::string enhancer = pix2pixhd::detail::sentence("model", depth, "_1");
  const auto opened = pix2pixhd::open_tensor_file(file);
  for (const pix2pixhd::TensorEntry& entry : opened->entries())
    pix2pixhd::detail::require(!entry.name.starts_with(prefix + enhancer + "."), "--inner ", file.string(), " holds ",
                               entry.name, ": its generator has the enhancer ", enhancer,
                               " already, and this preset trains it anew around a generator without it. Give the "
                               "generator one enhancer smaller, or start from this one by --fine-tune.");
}

/// What the file given by `option` holds beside the generator: the discriminators of a checkpoint, and its encoder
/// unless another is given; the encoder of weights alone is in a file of its own. No `encoder`: null.
template <class Discriminator>
void load_beside(const Run& run, const fs::path& file, const char* option, Discriminator& discriminator,
                 pix2pixhd::AnyEncoder* encoder) {
  pix2pixhd::Device device = run.device;
  const bool checkpoint = pix2pixhd::is_checkpoint(*pix2pixhd::open_tensor_file(file));
  if (checkpoint) load(device, discriminator, file, keys_of(file, "D"));
  if (!encoder) return;
  const fs::path& other = run.options.encoder;
  pix2pixhd::detail::require(
      checkpoint || !other.empty(), option, " ", file.string(),
      " holds a generator alone, which reads the features of an encoder; give its weights by --encoder.");
  const fs::path& source = other.empty() ? file : other;
  load(device, *encoder, source, keys_of(source, "E"));
}

}  // namespace tools::train
