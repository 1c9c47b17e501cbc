#pragma once
/// The networks that a run leaves, with words of how they were trained.

#include <pix2pixhd/store/state_dict.hpp>

#include "../training_words.hpp"
#include "run.hpp"

#include <algorithm>
#include <string>

namespace tools::train {

/// How pictures were resized for the present stage: the mode, and the sizes that matter in it, in pixels of the stage.
inline pix2pixhd::Metadata picture_words(const Run& run) {
  using pix2pixhd::ResizeMode;
  const pix2pixhd::AugmentOptions& augment = run.options.augment;
  const int reduce = 1 << (run.stages.back().depth - run.stage().depth);
  pix2pixhd::Metadata words = {{resize_key, run.options.resize}};
  const auto add = [&](const char* key, int pixels) { words[key] = std::to_string(std::max(1, pixels / reduce)); };
  const bool loads = augment.resize != ResizeMode::none && augment.resize != ResizeMode::crop;
  if (loads) add(load_width_key, augment.load_width);
  if (augment.resize == ResizeMode::resize_and_crop)
    add("pix2pixhd.load_height", augment.load_height > 0 ? augment.load_height : augment.load_width);
  if (augment.resize == ResizeMode::none || augment.resize == ResizeMode::scale_width) return words;
  add("pix2pixhd.crop_width", augment.crop_width);
  add("pix2pixhd.crop_height", augment.crop_height > 0 ? augment.crop_height : augment.crop_width);
  return words;
}

/// The weights for `synthesize`: the averaged generator, and beside it the averaged encoder, whose file is named like
/// the generator's.
template <class G, class Trainer>
void save_networks(Run& run, const G& generator, Trainer& trainer, const fs::path& path) {
  const int enhancers_around = run.stages.back().depth - run.stage().depth;
  pix2pixhd::Metadata about = {
      {preset_key, std::string(pix2pixhd::preset_within(run.options.preset, enhancers_around))},
      {classes_key, std::to_string(run.data.training->classes())},
      {instances_key, run.data.has_instances() ? "yes" : "no"},
      {ignore_key, run.options.ignore ? std::to_string(*run.options.ignore) : "none"},
      {"pix2pixhd.steps", std::to_string(trainer.steps())}};
  about.merge(picture_words(run));
  if (trainer.encoder()) {
    about[features_key] = std::to_string(run.options.features);
    about[InstanceChoice::on_key] = run.options.instances_of.on;
    about[InstanceChoice::rule_key] = run.options.instances_of.rule;
    const auto averaged = trainer.averaged_encoder();
    std::string name = path.filename().string();
    pix2pixhd::save(run.device, *trainer.encoder(),
                    path.parent_path() / name.replace(name.find("generator"), 9, "encoder"), about);
  }
  const auto averaged = trainer.averaged_generator();
  pix2pixhd::save(run.device, generator, path, about);
}

}  // namespace tools::train
