#pragma once
/// What a generator sees, as a picture for people.

#include <pix2pixhd/images/dataset_sample.hpp>
#include <pix2pixhd/images/palette.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/training/metrics_colour.hpp>

#include <algorithm>

namespace tools {

/// Colours for as many classes: those of Cityscapes or of the invented streets where the number is theirs.
inline pix2pixhd::Palette palette_for(int classes) {
  if (classes == static_cast<int>(pix2pixhd::cityscapes_classes.size())) return pix2pixhd::cityscapes_palette();
  if (classes == static_cast<int>(pix2pixhd::street_classes.size())) return pix2pixhd::street_palette();
  return pix2pixhd::distinct_palette(classes);
}

/// A sample's label map in colours, or the picture that is to be translated.
inline pix2pixhd::ImageArray picture_of_input(const pix2pixhd::Sample& sample, int classes) {
  if (!sample.labels) return sample.input.value();
  return pix2pixhd::colorize(*sample.labels, palette_for(classes), pix2pixhd::no_class, sample.name);
}

/// A label map as a batch.
inline pix2pixhd::ClassArray batch_of_one(const pix2pixhd::LabelArray& labels) {
  pix2pixhd::ClassArray batch = pix2pixhd::ClassArray::from_shape({1, labels.shape()[0], labels.shape()[1]});
  std::copy(labels.begin(), labels.end(), batch.begin());
  return batch;
}

}  // namespace tools
