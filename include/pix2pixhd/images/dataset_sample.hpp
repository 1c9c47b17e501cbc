#pragma once
/// One sample of a data set: as its files hold it, and as a network takes it.

#include <pix2pixhd/images/image.hpp>

#include <optional>
#include <string>

namespace pix2pixhd::inline v0 {

/// A sample as read. All parts have the same sides. With labels there is no `input`, and the other way round.
struct RawSample {
  std::string name;
  std::optional<LabelArray> labels = {};        ///< classes, see LabelTable::apply()
  std::optional<InstanceArray> instances = {};  ///< ids as in the file
  std::optional<Raster> input = {};             ///< the picture to translate, of plain image-to-image data
  std::optional<Raster> image = {};             ///< the photograph
};

/// A sample after resizing and augmentation.
struct Sample {
  std::string name;
  std::optional<LabelArray> labels = {};
  std::optional<InstanceArray> instances = {};
  std::optional<ImageArray> input = {};
  std::optional<ImageArray> image = {};
};

}  // namespace pix2pixhd::inline v0
