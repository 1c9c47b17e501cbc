#pragma once
/// What the tool `train` is told, and what of it makes a run the run that it is.

#include <CLI/CLI.hpp>
#include <pix2pixhd/features/instances.hpp>
#include <pix2pixhd/images/augment.hpp>
#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/training/schedule.hpp>
#include <pix2pixhd/training/step.hpp>

#include "../encoding.hpp"
#include "../tool.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tools::train {

namespace fs = std::filesystem;

/// How a run begins.
enum class Begin {
  anew,       ///< from random weights, all stages
  fine_tune,  ///< from a generator's weights, the last stage
  inner,      ///< from the weights of the generator one enhancer smaller, the last stage
};

inline const std::map<Begin, std::string>& begin_words() {
  static const std::map<Begin, std::string> words = {
      {Begin::anew, "anew"}, {Begin::fine_tune, "fine_tune"}, {Begin::inner, "inner"}};
  return words;
}

struct Options {
  std::string preset;
  fs::path data, output;
  bool resume = false, extend = false;
  fs::path fine_tune, inner;
  Begin begin = Begin::anew;  ///< of the run, also where it is resumed
  pix2pixhd::LearningRate rate;
  std::optional<int> frozen_epochs;
  int batch = 1, accumulate = 1;
  int load_threads = 0;  ///< 0: as many as suit the device
  std::uint64_t seed = 0;
  pix2pixhd::TrainOptions training;
  std::string gan = "least_squares", vgg_input = "parity", resize = "none";
  fs::path vgg;
  double pixel_weight = 0;
  int features = 0;  ///< of an instance; 0: there is no encoder
  InstanceChoice instances_of;
  fs::path encoder;
  pix2pixhd::DatasetOptions dataset;
  bool no_instances = false, no_flip = false;
  pix2pixhd::AugmentOptions augment;
  std::optional<int> ignore;
  int checkpoint_every = 0, keep = 3, evaluate_every = 1, evaluate_pictures = 50, log_every = 1;
  DeviceChoice device;

  bool goes_on() const { return resume || extend; }
  /// What changes in these options for a run to go on after it was stopped, to be followed by a space and more.
  std::string to_go_on() const;
  void add_to(CLI::App& app);  ///< in command_line.hpp. The app must stay until finish()
  /// Turns words into values. Throws UsageError where options do not go together.
  void finish();
  /// The stages of a run that begins so. Throws UsageError where these cannot be.
  std::vector<pix2pixhd::Stage> stages(int last_depth) const;
  /// Throws UsageError where an option was given that only label maps give a meaning; for data that are pairs of
  /// pictures. In option_effects.hpp.
  void check_without_labels() const;
  /// What must be the same when a run is resumed, by the options' names.
  std::map<std::string, std::string> identity() const;

 private:
  const CLI::App* line_ = nullptr;  ///< the command line, once add_to() was called

  /// Throws UsageError where an option was given that has no effect beside the others; in option_effects.hpp.
  void check_effects() const;
  // Parts of add_to: the options of a topic, under a group's name in --help.
  void add_beginning(CLI::App& app, const char* group);
  void add_schedule(CLI::App& app, const char* group);
  void add_objective(CLI::App& app, const char* group);
  void add_styles(CLI::App& app, const char* group);
  void add_label_maps(CLI::App& app, const char* group);
  void add_augmentation(CLI::App& app, const char* group);
  void add_figures(CLI::App& app, const char* group);
};

/// Runs a check of the library. What it refuses of options is wrong usage.
template <class Check>
void check_usage(Check&& check) {
  try {
    check();
  } catch (const pix2pixhd::Error& error) {
    throw UsageError(error.what());
  }
}

inline std::string Options::to_go_on() const {
  std::string replaced;
  for (const auto& [given, name] : {std::pair(extend, "--extend"), std::pair(!fine_tune.empty(), "--fine-tune"),
                                    std::pair(!inner.empty(), "--inner"), std::pair(!encoder.empty(), "--encoder")})
    if (given) replaced.append(replaced.empty() ? " in place of " : " and ").append(name);
  return resume ? "" : "with --resume" + replaced + " ";
}

inline void Options::finish() {
  using pix2pixhd::Gan;
  const int verbs = (resume ? 1 : 0) + (extend ? 1 : 0) + (fine_tune.empty() ? 0 : 1) + (inner.empty() ? 0 : 1);
  if (verbs > 1) throw UsageError("give one of --resume, --extend, --fine-tune and --inner; they exclude each other");
  training.gan = gan == "vanilla" ? Gan::vanilla : gan == "hinge" ? Gan::hinge : Gan::least_squares;
  training.vgg_input = vgg_input == "corrected" ? pix2pixhd::VggInput::corrected : pix2pixhd::VggInput::parity;
  training.seed = seed;
  if (pixel_weight > 0)
    training.own_loss = [factor = pixel_weight](pix2pixhd::Device& on, const pix2pixhd::Tensor& synthesised,
                                                const pix2pixhd::Tensor& real, double weight) {
      return pix2pixhd::absolute_difference(on, synthesised, real, factor * weight);
    };
  training.learning_rate = static_cast<float>(rate.rate);
  dataset.labels.ignore = ignore;
  if (no_instances) dataset.instances = pix2pixhd::FolderUse::left_out;
  augment.resize = pix2pixhd::resize_mode(resize).value();
  augment.flip = !no_flip;
  if (!(training.learning_rate > 0 && std::isfinite(training.learning_rate)))
    throw UsageError(pix2pixhd::detail::sentence("--rate is ", rate.rate, ", which a float cannot hold: it becomes ",
                                                 training.learning_rate));
  check_usage([&] { pix2pixhd::check_augment_options(augment); });
  check_usage([&] { pix2pixhd::check_stage({.rate = rate}); });
  if (!inner.empty() && (preset == "demo" || preset == "512p"))
    throw UsageError("--inner needs a preset with an enhancer: demo_enhanced, 1024p or 2048p");
  if (features == 0 && !encoder.empty()) throw UsageError("--encoder needs --features");
  if (!encoder.empty() && fine_tune.empty() && inner.empty())
    throw UsageError("--encoder goes with --fine-tune or --inner; a new run and --resume have their own");
  if (!goes_on()) check_effects();  // a run that goes on must have the options that it began with
  begin = !inner.empty() ? Begin::inner : !fine_tune.empty() ? Begin::fine_tune : Begin::anew;
}

inline std::vector<pix2pixhd::Stage> Options::stages(int last_depth) const {
  // A network that is fine-tuned has learnt together already.
  const int frozen = begin == Begin::fine_tune ? 0 : frozen_epochs.value_or(std::min(10, rate.total_epochs() / 4));
  std::vector<pix2pixhd::Stage> all;
  check_usage([&] { all = pix2pixhd::coarse_to_fine(last_depth, {.frozen_epochs = frozen, .rate = rate}); });
  if (begin != Begin::anew) all.erase(all.begin(), all.end() - 1);
  return all;
}

inline std::map<std::string, std::string> Options::identity() const {
  const auto text = [](const auto& value) { return pix2pixhd::detail::sentence(value); };
  return {{"--preset", preset},
          {"--epochs", text(rate.epochs)},
          {"--decay-epochs", text(rate.decay_epochs)},
          {"--frozen-epochs", frozen_epochs ? text(*frozen_epochs) : "none"},
          {"--rate", text(rate.rate)},
          {"--discriminator-rate", text(training.discriminator_rate)},
          {"--batch", text(batch)},
          {"--accumulate", text(accumulate)},
          {"--seed", text(seed)},
          {"--gan", gan},
          {"--matching-weight", text(training.matching_weight)},
          {"--vgg", text(!vgg.empty())},
          {"--perceptual-weight", text(training.perceptual_weight)},
          {"--vgg-input", vgg_input},
          {"--pixel-weight", text(pixel_weight)},
          {"--pool", text(training.pool)},
          {"--beta1", text(training.beta1)},
          {"--average", text(training.average)},
          {"--classes", text(dataset.labels.classes)},
          {"--ignore-label", ignore ? text(*ignore) : "none"},
          {"--no-instances", text(no_instances)},
          {"--features", text(features)},
          {"--features-on", instances_of.on},
          {"--instance-rule", instances_of.rule},
          {"--resize", resize},
          {"--load-width", text(augment.load_width)},
          {"--load-height", text(augment.load_height)},
          {"--crop-width", text(augment.crop_width)},
          {"--crop-height", text(augment.crop_height)},
          {"--no-flip", text(no_flip)},
          {"--brightness", text(augment.jitter.brightness)},
          {"--contrast", text(augment.jitter.contrast)},
          {"--saturation", text(augment.jitter.saturation)},
          {"--evaluate-pictures", text(evaluate_pictures)},
          {"--log-every", text(log_every)},
          {"--precision", device.precision}};
}

}  // namespace tools::train
