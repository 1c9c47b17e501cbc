#pragma once
/// From a sample as read to a sample as a network takes it: resizing, cropping, and random changes for training.

#include <pix2pixhd/images/dataset_sample.hpp>
#include <pix2pixhd/images/resize.hpp>
#include <pix2pixhd/images/sampler.hpp>

#include <optional>
#include <string_view>

namespace pix2pixhd::inline v0 {

/// What happens to a picture's size first; the modes of the published code. Pictures are resized by Pillow's bicubic,
/// maps by its nearest neighbour; crops lie at the same place in all parts of a sample.
enum class ResizeMode {
  none,                  ///< nothing
  scale_width,           ///< to load_width, keeping the ratio of the sides; the height is rounded down
  crop,                  ///< a crop of the picture as it is
  scale_width_and_crop,  ///< one after the other
  resize_and_crop,       ///< to load_width x load_height, whatever the ratio, then a crop
};

/// "scale_width" and so on; nothing for any other word.
std::optional<ResizeMode> resize_mode(std::string_view word);
/// The word of a mode, which resize_mode() takes.
std::string_view to_string(ResizeMode mode);

/// How far a picture's colours are changed at random: 0.2 means a factor of 0.8 to 1.2. Each is 0 to less than 1.
struct ColourJitter {
  float brightness = 0;
  float contrast = 0;
  float saturation = 0;
};

/// How samples are resized, cropped, flipped and changed in colour before a network sees them.
struct AugmentOptions {
  ResizeMode resize = ResizeMode::scale_width;
  int load_width = 1024;
  int load_height = 0;  ///< 0: as load_width
  int crop_width = 512;
  int crop_height = 0;  ///< 0: as crop_width
  /// Divides the sizes above, or the picture's own: 2 for the stage before a generator's last, and so on.
  int reduce = 1;
  /// Sides are cut down to multiples of this: those that a network can be trained on.
  int multiple = 1;
  bool flip = true;
  ColourJitter jitter = {};
};

/// Error where an option is out of its range.
void check_augment_options(const AugmentOptions& options);

/// A sample for training. All random choices (a mirror image in half the cases, the place of crops, colours) are
/// functions of `key` alone, so that they are the same when training is resumed. The colours of `input` and `image`
/// change alike.
/// Errors, naming the sample: a picture smaller than the crop or than `multiple`; what resize_bicubic() refuses.
Sample augment(const RawSample& raw, const AugmentOptions& options, const SampleKey& key);

/// The same sample without chance, for evaluation: never mirrored, crops from the middle, colours as they are.
Sample prepare(const RawSample& raw, const AugmentOptions& options);

/// The size of what both make of a sample of this size. Errors, naming the sample: sizes that they refuse.
PictureSize prepared_size(const PictureSize& size, const AugmentOptions& options, std::string_view name);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/augment-inl.hpp>
#endif
