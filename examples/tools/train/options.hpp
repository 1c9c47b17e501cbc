#pragma once
/// The options of the tool `train`, and what of them makes a run the run that it is.

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
  void add_to(CLI::App& app);
  /// Turns words into values. Throws UsageError where options do not go together.
  void finish();
  /// The stages of a run that began so.
  std::vector<pix2pixhd::Stage> stages(int last_depth) const;
  /// What must be the same when a run is resumed, by the options' names.
  std::map<std::string, std::string> identity() const;
};

inline void Options::add_to(CLI::App& app) {
  add_preset(app, preset);
  app.add_option("--data", data,
                 "The folder with train_label, train_inst (optional) and train_img, or with train_A and "
                 "train_B; test_... beside them are held out")
      ->required();
  app.add_option("--output", output, "The folder of the run: checkpoints, tables, report, generator")->required();

  const char* beginning = "How the run begins (without any of these: from random weights)";
  app.add_flag("--resume", resume, "Go on where the run in --output left off, bit for bit")->group(beginning);
  app.add_flag("--extend", extend, "The same, with more --epochs or --decay-epochs than it had")->group(beginning);
  app.add_option("--fine-tune", fine_tune, "Weights of this preset's generator to start a new run from")
      ->group(beginning);
  app.add_option("--inner", inner, "Weights of the generator one enhancer smaller: train the last stage around it")
      ->group(beginning);

  const char* schedule = "Schedule";
  app.add_option("--epochs", rate.epochs, "Epochs of each stage at the full rate")
      ->check(CLI::Range(0, 1'000'000))
      ->group(schedule)
      ->capture_default_str();
  app.add_option("--decay-epochs", rate.decay_epochs, "Epochs after them, in which it falls to zero")
      ->check(CLI::Range(0, 1'000'000))
      ->group(schedule)
      ->capture_default_str();
  app.add_option(
         "--frozen-epochs", frozen_epochs,
         "First epochs of a stage with an enhancer in which the inner network is frozen; without this a quarter of "
         "them, at most 10")
      ->check(CLI::Range(0, 1'000'000))
      ->group(schedule);
  app.add_option("--rate", rate.rate, "Learning rate")->group(schedule)->capture_default_str();
  app.add_option("--discriminator-rate", training.discriminator_rate, "The discriminators' rate, as a multiple of it")
      ->check(CLI::PositiveNumber)
      ->group(schedule)
      ->capture_default_str();
  app.add_option("--batch", batch, "Pictures in a batch")
      ->check(CLI::Range(1, 4096))
      ->group(schedule)
      ->capture_default_str();
  app.add_option("--accumulate", accumulate, "Batches whose gradients make one step")
      ->check(CLI::Range(1, 4096))
      ->group(schedule)
      ->capture_default_str();
  app.add_option("--seed", seed, "Of weights, order and augmentation")->group(schedule)->capture_default_str();

  const char* objective = "Objective";
  app.add_option("--gan", gan, "Adversarial loss")
      ->check(CLI::IsMember({"least_squares", "vanilla", "hinge"}))
      ->group(objective)
      ->capture_default_str();
  app.add_option("--matching-weight", training.matching_weight, "Of discriminator feature matching")
      ->check(CLI::NonNegativeNumber)
      ->group(objective)
      ->capture_default_str();
  app.add_option("--vgg", vgg, "VGG-19 weights in torchvision's names: adds the perceptual loss")->group(objective);
  app.add_option("--perceptual-weight", training.perceptual_weight, "Of the perceptual loss")
      ->check(CLI::NonNegativeNumber)
      ->group(objective)
      ->capture_default_str();
  app.add_option("--vgg-input", vgg_input, "parity: as the published code; corrected: normalised as VGG expects")
      ->check(CLI::IsMember({"parity", "corrected"}))
      ->group(objective)
      ->capture_default_str();
  app.add_option("--pixel-weight", pixel_weight,
                 "Of the mean absolute difference from the real picture, pix2pix's term: colours come sooner; 0: none")
      ->check(CLI::NonNegativeNumber)
      ->group(objective)
      ->capture_default_str();
  app.add_option("--pool", training.pool, "Earlier pictures shown to the discriminators")
      ->check(CLI::Range(0, 10'000))
      ->group(objective)
      ->capture_default_str();
  app.add_option("--beta1", training.beta1, "Of Adam")
      ->check(CLI::Range(0.0, 0.9999))
      ->group(objective)
      ->capture_default_str();
  app.add_option("--average", training.average, "Decay of the averaged weights that pictures are made with; 0: none")
      ->check(CLI::Range(0.0, 0.999999))
      ->group(objective)
      ->capture_default_str();

  const char* styles = "Styles";
  app.add_option("--features", features,
                 "Train an encoder with the generator that finds so many features of each instance: its style; 0: none")
      ->check(CLI::Range(0, pix2pixhd::AnyEncoder::most_features))
      ->group(styles)
      ->capture_default_str();
  instances_of.add_to(app, styles);
  app.add_option("--encoder", encoder, "Weights of the encoder to start from, with --fine-tune or --inner")
      ->group(styles);

  const char* pictures = "Pictures";
  app.add_option("--classes", dataset.labels.classes, "Number of classes of the label maps")
      ->check(CLI::Range(1, 255))
      ->group(pictures)
      ->capture_default_str();
  app.add_option("--ignore-label", ignore, "Label that stands for no class")
      ->check(CLI::Range(0, 255))
      ->group(pictures);
  app.add_flag("--no-instances", no_instances, "Leave train_inst aside")->group(pictures);
  app.add_option("--resize", resize, "none, scale_width, crop, scale_width_and_crop or resize_and_crop")
      ->check(CLI::IsMember({"none", "scale_width", "crop", "scale_width_and_crop", "resize_and_crop"}))
      ->group(pictures)
      ->capture_default_str();
  app.add_option("--load-width", augment.load_width, "Pixels; in a stage before the last half as many, and so on")
      ->group(pictures)
      ->capture_default_str();
  app.add_option("--load-height", augment.load_height, "Pixels, for resize_and_crop; 0: as the width")
      ->group(pictures)
      ->capture_default_str();
  app.add_option("--crop-width", augment.crop_width, "Pixels")->group(pictures)->capture_default_str();
  app.add_option("--crop-height", augment.crop_height, "Pixels; 0: as the width")
      ->group(pictures)
      ->capture_default_str();
  app.add_flag("--no-flip", no_flip, "Do not mirror pictures at random")->group(pictures);
  app.add_option("--brightness", augment.jitter.brightness, "Reach of random factors, below 1")
      ->group(pictures)
      ->capture_default_str();
  app.add_option("--contrast", augment.jitter.contrast, "Reach of random factors, below 1")
      ->group(pictures)
      ->capture_default_str();
  app.add_option("--saturation", augment.jitter.saturation, "Reach of random factors, below 1")
      ->group(pictures)
      ->capture_default_str();

  const char* output_group = "Checkpoints and figures";
  app.add_option("--checkpoint-every", checkpoint_every, "Steps between checkpoints, beside one after each epoch")
      ->check(CLI::NonNegativeNumber)
      ->group(output_group)
      ->capture_default_str();
  app.add_option("--keep", keep, "Checkpoints that are kept, beside the best")
      ->check(CLI::Range(1, 1000))
      ->group(output_group)
      ->capture_default_str();
  app.add_option("--evaluate-every", evaluate_every, "Epochs between evaluations on held-out pictures; 0: at the end")
      ->check(CLI::NonNegativeNumber)
      ->group(output_group)
      ->capture_default_str();
  app.add_option("--evaluate-pictures", evaluate_pictures, "Held-out pictures looked at")
      ->check(CLI::Range(1, 1'000'000))
      ->group(output_group)
      ->capture_default_str();
  app.add_option("--log-every", log_every, "Steps for one line in the table of losses")
      ->check(CLI::Range(1, 1'000'000))
      ->group(output_group)
      ->capture_default_str();
  device.add_to(app);
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
  pix2pixhd::check_augment_options(augment);
  if (!inner.empty() && (preset == "demo" || preset == "512p"))
    throw UsageError("--inner needs a preset with an enhancer: demo_enhanced, 1024p or 2048p");
  if (features == 0 && !encoder.empty()) throw UsageError("--encoder needs --features");
  if (!encoder.empty() && fine_tune.empty() && inner.empty())
    throw UsageError("--encoder goes with --fine-tune or --inner; a new run and --resume have their own");
  begin = !inner.empty() ? Begin::inner : !fine_tune.empty() ? Begin::fine_tune : Begin::anew;
}

inline std::vector<pix2pixhd::Stage> Options::stages(int last_depth) const {
  // A network that is fine-tuned has learnt together already.
  const int frozen = begin == Begin::fine_tune ? 0 : frozen_epochs.value_or(std::min(10, rate.total_epochs() / 4));
  auto all = pix2pixhd::coarse_to_fine(last_depth, {.frozen_epochs = frozen, .rate = rate});
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
          {"--log-every", text(log_every)}};
}

}  // namespace tools::train
