#pragma once
/// What a run keeps beside its networks, from stage to stage and from checkpoint to checkpoint.

#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/training/checkpoint_folder.hpp>
#include <pix2pixhd/training/state_text.hpp>
#include <pix2pixhd/training/trainer.hpp>

#include <nlohmann/json.hpp>

#include "data.hpp"
#include "options.hpp"
#include "same_data.hpp"
#include "stop.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace tools::train {

/// What to do about a checkpoint that no run can go on from.
inline constexpr const char* other_checkpoint =
    "Move this checkpoint out of the folder to go on from the one before it; where there is none, begin anew in "
    "another folder.";

/// The sections of a checkpoint, or what to do about one that cannot be read.
inline pix2pixhd::CheckpointSections sections_of(const fs::path& path) {
  try {
    return pix2pixhd::read_sections(path);
  } catch (const pix2pixhd::Error& error) {
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(error.what(), " ", other_checkpoint));
  }
}

/// Where a run stands between two steps. Written into each checkpoint.
struct Position {
  int stage = 0;                                          ///< index into the run's stages
  int epoch = 0;                                          ///< of the stage, the one that the next step belongs to
  std::optional<std::string> sampler = {};                ///< of the stage's loader; nothing: from the beginning
  double best = std::numeric_limits<double>::infinity();  ///< texture distance of the best checkpoint
  std::int64_t best_step = 0;
};

/// How many epochs each stage has, and for how many of them its inner network rests.
inline std::string stages_text(const std::vector<pix2pixhd::Stage>& stages) {
  nlohmann::json list = nlohmann::json::array();
  for (const pix2pixhd::Stage& stage : stages)
    list.push_back({{"frozen_epochs", stage.frozen_epochs},
                    {"epochs", stage.rate.epochs},
                    {"decay_epochs", stage.rate.decay_epochs}});
  return list.dump();
}

inline pix2pixhd::CheckpointSections to_sections(const Position& position, const std::vector<pix2pixhd::Stage>& stages,
                                                 const Options& options) {
  pix2pixhd::CheckpointSections sections = {
      {"stage", std::to_string(position.stage)},
      {"epoch", std::to_string(position.epoch)},
      {"best", pix2pixhd::detail::exact_text(position.best)},
      {"best_step", std::to_string(position.best_step)},
      {"stages", stages_text(stages)},
      {"begin", begin_words().at(options.begin)},
      {"options", nlohmann::json(options.identity()).dump()},
  };
  if (position.sampler) sections["sampler"] = *position.sampler;
  return sections;
}

inline const std::string& section(const pix2pixhd::CheckpointSections& sections, const char* name,
                                  const fs::path& path) {
  const auto found = sections.find(name);
  pix2pixhd::detail::require(found != sections.end(), path, " lacks the section ", name,
                             "; it was not written by this tool. Load its weights by --fine-tune.");
  return found->second;
}

/// The whole number in a section, not below 0.
template <class Number>
Number whole_number(const pix2pixhd::CheckpointSections& sections, const char* name, const fs::path& path) {
  const std::string& text = section(sections, name, path);
  const char* const end = text.data() + text.size();
  Number number = 0;
  const auto read = std::from_chars(text.data(), end, number);
  pix2pixhd::detail::require(read.ec == std::errc() && read.ptr == end && number >= 0, path, ": its section ", name,
                             " is \"", text.substr(0, 50), "\" where a whole number is needed; the file is damaged. ",
                             other_checkpoint);
  return number;
}

/// Where the run of a checkpoint stands.
inline Position position_of(const pix2pixhd::CheckpointSections& sections, const fs::path& path) {
  using pix2pixhd::detail::require;
  Position position;
  position.stage = whole_number<int>(sections, "stage", path);
  position.epoch = whole_number<int>(sections, "epoch", path);
  position.best_step = whole_number<std::int64_t>(sections, "best_step", path);
  const std::string& best = section(sections, "best", path);
  const auto distance = pix2pixhd::detail::exact_number(best);
  require(distance.has_value(), path, ": its section best is \"", best.substr(0, 50),
          "\" where a number like 0x1.8p-2 is needed; the file is damaged. ", other_checkpoint);
  position.best = *distance;
  if (sections.contains("sampler")) position.sampler = sections.at("sampler");
  return position;
}

/// The stages of the run of a checkpoint, which stands at `position`. Stages that are over have the epochs that they
/// had, so that their steps are counted as they were made; the options say how long the others are. How long inner
/// networks rest was settled when the run began: a longer run must not freeze what has been freed.
inline std::vector<pix2pixhd::Stage> stages_of(const pix2pixhd::CheckpointSections& sections, const fs::path& path,
                                               const Position& position, const Options& options, int last_depth) {
  using pix2pixhd::detail::require;
  std::vector<pix2pixhd::Stage> stages = options.stages(last_depth);
  require(static_cast<std::size_t>(position.stage) < stages.size(), path, ": its section stage is ", position.stage,
          ", but the run has the stages 0 to ", stages.size() - 1, "; the file is damaged. ", other_checkpoint);
  const auto present = static_cast<std::size_t>(position.stage);
  if (const auto text = sections.find("stages"); text != sections.end()) {  // not in checkpoints of older programs
    const nlohmann::json list = nlohmann::json::parse(text->second, nullptr, false);
    try {
      for (std::size_t i = 0; i < stages.size(); ++i) {
        list.at(i).at("frozen_epochs").get_to(stages[i].frozen_epochs);
        if (i >= present) continue;
        list.at(i).at("epochs").get_to(stages[i].rate.epochs);
        list.at(i).at("decay_epochs").get_to(stages[i].rate.decay_epochs);
      }
    } catch (const nlohmann::json::exception&) {
      throw pix2pixhd::Error(pix2pixhd::detail::sentence(path, ": its section stages is damaged. ", other_checkpoint));
    }
  }
  const int epochs = stages[present].epochs();
  require(position.epoch <= epochs, "the run has made ", position.epoch, " epochs of its stage already, more than the ",
          epochs, " of --epochs and --decay-epochs; give at least as many.");
  for (const pix2pixhd::Stage& stage : stages) check_stage(stage);
  return stages;
}

/// How the run of a checkpoint began.
inline Begin begin_of(const pix2pixhd::CheckpointSections& sections, const fs::path& path) {
  const std::string& word = section(sections, "begin", path);
  for (const auto& [begin, its_word] : begin_words())
    if (its_word == word) return begin;
  throw pix2pixhd::Error(pix2pixhd::detail::sentence(path, ": its section begin is \"", word.substr(0, 50),
                                                     "\", which this tool does not know; the file is damaged, or a "
                                                     "newer version of this tool wrote it, which can go on from it. ",
                                                     other_checkpoint));
}

/// Error that lists the options that differ from those of the run, unless they may: --extend changes the epochs.
inline void check_same_options(const Options& options, const pix2pixhd::CheckpointSections& sections,
                               const fs::path& path) {
  const auto old = nlohmann::json::parse(section(sections, "options", path), nullptr, false);
  pix2pixhd::detail::require(old.is_object(), path, ": its section options is damaged. ", other_checkpoint);
  std::string differences;
  for (const auto& [name, value] : options.identity()) {
    if (options.extend && (name == "--epochs" || name == "--decay-epochs")) continue;
    const auto found = old.find(name);
    if (found == old.end()) continue;  // an older program wrote it, which did not compare this option
    const std::string before = found->is_string() ? found->get<std::string>() : "unknown";
    if (before != value) differences += pix2pixhd::detail::sentence("\n  ", name, " was ", before, ", now ", value);
  }
  pix2pixhd::detail::require(differences.empty(), path, " is of a run with other options:", differences,
                             "\nGive the same to go on; --extend allows more epochs, --fine-tune starts a new run "
                             "from its weights in another folder.");
}

/// Everything of a run that does not depend on the type of its networks.
class Run {
 public:
  Options options;
  pix2pixhd::Device device;
  Data data;
  pix2pixhd::CheckpointFolder checkpoints;
  std::vector<pix2pixhd::Stage> stages;
  Position position = {};
  StopOnSignal stop = {};

  bool stopped() const { return stop.requested(); }
  const pix2pixhd::Stage& stage() const { return stages.at(static_cast<std::size_t>(position.stage)); }
  std::int64_t steps_per_epoch() const {
    const auto pictures = static_cast<std::int64_t>(data.training->size());
    const std::int64_t batches = (pictures + options.batch - 1) / options.batch;
    return (batches + options.accumulate - 1) / options.accumulate;
  }
  /// The step after which the present stage begins; with which it ends, and with which the run does.
  std::int64_t first_step_of_stage() const { return steps_of(static_cast<std::size_t>(position.stage)); }
  std::int64_t last_step_of_stage() const { return steps_of(static_cast<std::size_t>(position.stage) + 1); }
  std::int64_t last_step() const { return steps_of(stages.size()); }

  /// Whether the checkpoint of a step, of those made so far, has a generator of the preset's depth.
  bool for_fine_tuning(std::int64_t step) const {
    const bool last_stage = stage().depth == stages.back().depth;
    return last_stage && (position.stage == 0 || step > first_step_of_stage());
  }

  /// `needed_from`: as for remove_old_checkpoints().
  template <class Trainer>
  void save(const Trainer& trainer, pix2pixhd::CheckpointSections more,
            const std::optional<std::int64_t>& needed_from = {}) const {
    more.merge(to_sections(position, stages, options));
    more.merge(data_sections(data, options));
    trainer.save(checkpoints.at(trainer.steps()), more);
    remove_old_checkpoints(trainer.steps(), needed_from);
  }

  /// Once that of `step` is whole. One from before `needed_from` stays, of those at the end of an epoch, so that an
  /// interrupt makes no difference.
  void remove_old_checkpoints(std::int64_t step, const std::optional<std::int64_t>& needed_from) const {
    if (needed_from)
      checkpoints.saved(step, pix2pixhd::CheckpointWindow{.begin = *needed_from, .every = steps_per_epoch()});
    else
      checkpoints.saved(step);
  }

 private:
  std::int64_t steps_of(std::size_t count) const {
    std::int64_t epochs = 0;
    for (std::size_t i = 0; i < count; ++i) epochs += stages[i].epochs();
    return epochs * steps_per_epoch();
  }
};

}  // namespace tools::train
