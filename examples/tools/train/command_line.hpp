#pragma once
/// The options of the tool `train` on its command line.

#include <CLI/CLI.hpp>

#include "option_effects.hpp"
#include "options.hpp"

#include <string>

namespace tools::train {

inline void Options::add_to(CLI::App& app) {
  line_ = &app;
  add_preset(app, preset);
  app.add_option("--data", data,
                 "The folder with train_label, train_inst (optional) and train_img, or with train_A and "
                 "train_B; test_... beside them are held out")
      ->required();
  app.add_option("--output", output, "The folder of the run: checkpoints, tables, report, generator")->required();
  add_beginning(app, "How the run begins (without any of these: from random weights)");
  add_schedule(app, "Schedule");
  add_objective(app, "Objective");
  add_styles(app, "Styles");
  add_label_maps(app, "Pictures");
  add_augmentation(app, "Pictures");
  add_figures(app, "Checkpoints and figures");
  device.add_to(app);
}

inline void Options::add_beginning(CLI::App& app, const char* group) {
  app.add_flag("--resume", resume, "Go on where the run in --output left off, bit for bit")->group(group);
  app.add_flag("--extend", extend, "The same, with more --epochs or --decay-epochs than it had")->group(group);
  constexpr const char* files =
      ". A file of the generator's weights, .safetensors or .pth, or a checkpoint, of which the trained weights are "
      "taken rather than the averages, with the discriminators and, with --features, the encoder (beside weights "
      "alone: --encoder)";
  app.add_option("--fine-tune", fine_tune, std::string("This preset's generator, to start a new run from") + files)
      ->group(group);
  app.add_option("--inner", inner,
                 std::string("The generator one enhancer smaller, to train the last stage around") + files)
      ->group(group);
}

inline void Options::add_schedule(CLI::App& app, const char* group) {
  app.add_option("--epochs", rate.epochs, "Epochs of each stage at the full rate")
      ->check(CLI::Range(0, 1'000'000))
      ->group(group)
      ->capture_default_str();
  app.add_option("--decay-epochs", rate.decay_epochs, "Epochs after them, in which it falls to zero")
      ->check(CLI::Range(0, 1'000'000))
      ->group(group)
      ->capture_default_str();
  app.add_option(
         "--frozen-epochs", frozen_epochs,
         "First epochs of a stage with an enhancer in which the inner network is frozen; without this a quarter of "
         "them, at most 10. It stays as it was when a run is extended")
      ->check(CLI::Range(0, 1'000'000))
      ->group(group);
  app.add_option("--rate", rate.rate, "Learning rate")->check(more_than_zero)->group(group)->capture_default_str();
  app.add_option("--discriminator-rate", training.discriminator_rate, "The discriminators' rate, as a multiple of it")
      ->check(more_than_zero)
      ->group(group)
      ->capture_default_str();
  app.add_option("--batch", batch, "Pictures in a batch")
      ->check(CLI::Range(1, 4096))
      ->group(group)
      ->capture_default_str();
  app.add_option("--accumulate", accumulate, "Batches whose gradients make one step")
      ->check(CLI::Range(1, 4096))
      ->group(group)
      ->capture_default_str();
  add_seed(app, seed, "Of weights, order and augmentation")->group(group);
}

inline void Options::add_objective(CLI::App& app, const char* group) {
  app.add_option("--gan", gan, "Adversarial loss")
      ->check(CLI::IsMember({"least_squares", "vanilla", "hinge"}))
      ->group(group)
      ->capture_default_str();
  app.add_option("--matching-weight", training.matching_weight, "Of discriminator feature matching")
      ->check(not_less_than_zero)
      ->group(group)
      ->capture_default_str();
  app.add_option("--vgg", vgg, "VGG-19 weights in torchvision's names: adds the perceptual loss")->group(group);
  app.add_option("--perceptual-weight", training.perceptual_weight, "Of the perceptual loss")
      ->check(not_less_than_zero)
      ->group(group)
      ->capture_default_str();
  app.add_option("--vgg-input", vgg_input, "parity: as the published code; corrected: normalised as VGG expects")
      ->check(CLI::IsMember({"parity", "corrected"}))
      ->group(group)
      ->capture_default_str();
  app.add_option("--pixel-weight", pixel_weight,
                 "Of the mean absolute difference from the real picture, pix2pix's term: colours come sooner; 0: none")
      ->check(not_less_than_zero)
      ->group(group)
      ->capture_default_str();
  app.add_option("--pool", training.pool, "Earlier pictures shown to the discriminators")
      ->check(CLI::Range(0, 10'000))
      ->group(group)
      ->capture_default_str();
  app.add_option("--beta1", training.beta1, "Of Adam")
      ->check(CLI::Range(0.0, 0.9999))
      ->group(group)
      ->capture_default_str();
  app.add_option("--average", training.average, "Decay of the averaged weights that pictures are made with; 0: none")
      ->check(CLI::Range(0.0, 0.999999))
      ->group(group)
      ->capture_default_str();
}

inline void Options::add_styles(CLI::App& app, const char* group) {
  app.add_option("--features", features,
                 "Train an encoder with the generator that finds so many features of each instance: its style; 0: none")
      ->check(CLI::Range(0, pix2pixhd::AnyEncoder::most_features))
      ->group(group)
      ->capture_default_str();
  instances_of.add_to(app, group);
  app.add_option("--encoder", encoder, "Weights of the encoder to start from, with --fine-tune or --inner")
      ->group(group);
}

inline void Options::add_label_maps(CLI::App& app, const char* group) {
  app.add_option("--classes", dataset.labels.classes, "Number of classes of the label maps")
      ->check(CLI::Range(1, 255))
      ->group(group)
      ->capture_default_str();
  app.add_option("--ignore-label", ignore, "Label that stands for no class")->check(CLI::Range(0, 255))->group(group);
  app.add_flag("--no-instances", no_instances, "Leave train_inst aside")->group(group);
}

inline void Options::add_augmentation(CLI::App& app, const char* group) {
  constexpr int most_pixels = 1'000'000;
  app.add_option("--resize", resize, "none, scale_width, crop, scale_width_and_crop or resize_and_crop")
      ->check(CLI::IsMember({"none", "scale_width", "crop", "scale_width_and_crop", "resize_and_crop"}))
      ->group(group)
      ->capture_default_str();
  app.add_option("--load-width", augment.load_width, "Pixels; in a stage before the last half as many, and so on")
      ->check(CLI::Range(1, most_pixels))
      ->group(group)
      ->capture_default_str();
  app.add_option("--load-height", augment.load_height, "Pixels, for resize_and_crop, halved likewise; 0: as the width")
      ->check(CLI::Range(0, most_pixels))
      ->group(group)
      ->capture_default_str();
  app.add_option("--crop-width", augment.crop_width, "Pixels, halved likewise")
      ->check(CLI::Range(1, most_pixels))
      ->group(group)
      ->capture_default_str();
  app.add_option("--crop-height", augment.crop_height, "Pixels, halved likewise; 0: as the width")
      ->check(CLI::Range(0, most_pixels))
      ->group(group)
      ->capture_default_str();
  app.add_option("--load-threads", load_threads,
                 "Threads that read and prepare pictures; 0: one for training on a CPU, up to 8 for a GPU")
      ->check(CLI::Range(0, 256))
      ->group(group)
      ->capture_default_str();
  app.add_flag("--no-flip", no_flip, "Do not mirror pictures at random")->group(group);
  app.add_option("--brightness", augment.jitter.brightness, "Reach of random factors, below 1")
      ->check(CLI::Range(0.0, 0.9999))
      ->group(group)
      ->capture_default_str();
  app.add_option("--contrast", augment.jitter.contrast, "Reach of random factors, below 1")
      ->check(CLI::Range(0.0, 0.9999))
      ->group(group)
      ->capture_default_str();
  app.add_option("--saturation", augment.jitter.saturation, "Reach of random factors, below 1")
      ->check(CLI::Range(0.0, 0.9999))
      ->group(group)
      ->capture_default_str();
}

inline void Options::add_figures(CLI::App& app, const char* group) {
  app.add_option("--checkpoint-every", checkpoint_every, "Steps between checkpoints, beside one after each epoch")
      ->check(not_less_than_zero)
      ->group(group)
      ->capture_default_str();
  app.add_option("--keep", keep,
                 "Checkpoints that are kept, beside the best and one or two to go back to from an alarm")
      ->check(CLI::Range(1, 1000))
      ->group(group)
      ->capture_default_str();
  app.add_option("--evaluate-every", evaluate_every,
                 "Epochs between evaluations on held-out pictures, beside one at the end of each stage; 0: that alone")
      ->check(not_less_than_zero)
      ->group(group)
      ->capture_default_str();
  app.add_option("--evaluate-pictures", evaluate_pictures, "Held-out pictures looked at")
      ->check(CLI::Range(1, 1'000'000))
      ->group(group)
      ->capture_default_str();
  app.add_option("--log-every", log_every, "Steps for one line in the table of losses")
      ->check(CLI::Range(1, 1'000'000))
      ->group(group)
      ->capture_default_str();
}

}  // namespace tools::train
