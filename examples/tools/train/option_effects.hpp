#pragma once
/// Options that would have no effect beside the others: a person who gives one expects something else.

#include <CLI/CLI.hpp>

#include "../tool.hpp"
#include "options.hpp"

namespace tools::train {

inline void Options::check_effects() const {
  if (!line_) return;
  const auto needs = [&](const char* option, bool has_effect, const char* needed) {
    if (!has_effect) refuse(*line_, {option}, pix2pixhd::detail::sentence("would have no effect: it needs ", needed));
  };
  for (const char* option : {"--perceptual-weight", "--vgg-input"})
    needs(option, !vgg.empty(), "--vgg, without which there is no perceptual loss");
  for (const char* option : {"--features-on", "--instance-rule"})
    needs(option, features > 0, "--features, without which there is no encoder");
  needs("--instance-rule", !instances_of.on_labels(), "--features-on instances; classes have no ids");
  const bool resizes_and_crops = resize == "resize_and_crop", scales_and_crops = resize == "scale_width_and_crop";
  needs("--load-width", resizes_and_crops || scales_and_crops || resize == "scale_width",
        "--resize scale_width, scale_width_and_crop or resize_and_crop");
  needs("--load-height", resizes_and_crops, "--resize resize_and_crop");
  for (const char* option : {"--crop-width", "--crop-height"})
    needs(option, resizes_and_crops || scales_and_crops || resize == "crop",
          "--resize crop, scale_width_and_crop or resize_and_crop");
  needs("--frozen-epochs", preset != "demo" && preset != "512p" && fine_tune.empty(),
        "a preset with an enhancer (demo_enhanced, 1024p or 2048p) that is not fine-tuned, whose networks have learnt "
        "together already");
}

inline void Options::check_without_labels() const {
  if (line_ && !goes_on())
    refuse(*line_, {"--classes", "--ignore-label", "--no-instances"},
           "would have no effect: the data are pairs of pictures, not label maps");
}

}  // namespace tools::train
