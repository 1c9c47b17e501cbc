#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/images/augment.hpp>
#include <pix2pixhd/images/augment_geometry.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace pix2pixhd::inline v0 {
namespace detail {

inline constexpr std::array<std::string_view, 5> resize_words = {"none", "scale_width", "crop", "scale_width_and_crop",
                                                                 "resize_and_crop"};

/// The random choices for one sample. Each has a place of its own, so that an option that is switched on or off leaves
/// the other choices as they are.
enum class Choice : std::uint64_t { mirror, left, top, brightness, contrast, saturation };

class Choices {
 public:
  explicit Choices(const SampleKey& key)
      : stream_(key.seed, sentence("augment epoch ", key.epoch, " sample ", key.index)) {}

  double uniform(Choice choice) const { return stream_.uniform(static_cast<std::uint64_t>(choice)); }
  /// 0 to `last`, both included.
  int below(Choice choice, int last) const { return static_cast<int>(uniform(choice) * (last + 1)); }
  /// A factor of 1 - reach to 1 + reach.
  float factor(Choice choice, float reach) const {
    return 1.0F + reach * static_cast<float>(2.0 * uniform(choice) - 1.0);
  }

 private:
  RandomStream stream_;
};

PIX2PIXHD_INLINE PictureSize raw_size(const RawSample& raw) {
  const auto of_map = [](const auto& map) {
    return PictureSize{.width = static_cast<int>(map.shape()[1]), .height = static_cast<int>(map.shape()[0])};
  };
  if (raw.labels) return of_map(*raw.labels);
  if (raw.instances) return of_map(*raw.instances);
  const auto& raster = raw.input ? raw.input : raw.image;
  require(raster.has_value(), "Sample ", raw.name, " has no parts.");
  return {.width = raster->width, .height = raster->height};
}

PIX2PIXHD_INLINE bool crops(ResizeMode mode) {
  return mode == ResizeMode::crop || mode == ResizeMode::scale_width_and_crop || mode == ResizeMode::resize_and_crop;
}

/// A size divided as AugmentOptions::reduce says.
PIX2PIXHD_INLINE PictureSize reduced(const PictureSize& size, int by) {
  return {.width = std::max(1, size.width / by), .height = std::max(1, size.height / by)};
}

/// The size that the mode says, before it is reduced.
PIX2PIXHD_INLINE PictureSize resized_size(const PictureSize& size, const AugmentOptions& options) {
  switch (options.resize) {
    case ResizeMode::scale_width:
    case ResizeMode::scale_width_and_crop: {
      const std::int64_t height = std::int64_t{options.load_width} * size.height / size.width;
      return {.width = options.load_width, .height = static_cast<int>(std::clamp<std::int64_t>(height, 1, max_pixels))};
    }
    case ResizeMode::resize_and_crop:
      return {.width = options.load_width,
              .height = options.load_height > 0 ? options.load_height : options.load_width};
    case ResizeMode::none:
    case ResizeMode::crop:
      break;
  }
  return size;
}

/// The size of the cut, and of where it may lie, in a sample of this size.
PIX2PIXHD_INLINE Placement make_placement(const PictureSize& size, const AugmentOptions& options,
                                          std::string_view name) {
  Placement placement;
  const PictureSize resized = placement.resized = reduced(resized_size(size, options), options.reduce);
  PictureSize wanted = resized;
  if (crops(options.resize))
    wanted = reduced(
        {.width = options.crop_width, .height = options.crop_height > 0 ? options.crop_height : options.crop_width},
        options.reduce);
  require(wanted.width <= resized.width && wanted.height <= resized.height, "Sample ", name, " has ", resized.width,
          "x", resized.height, " pixels",
          crops(options.resize) && (options.resize != ResizeMode::crop || options.reduce > 1) ? " once resized" : "",
          "; a crop of ", wanted.width, "x", wanted.height, " does not fit. Crop less, or scale pictures up before.");
  const int multiple = options.multiple;
  require(wanted.width >= multiple && wanted.height >= multiple, "Sample ", name, " would be ", wanted.width, "x",
          wanted.height, " pixels; the network needs multiples of ", multiple, ". Use larger pictures.");
  placement.cut.size = {.width = wanted.width / multiple * multiple, .height = wanted.height / multiple * multiple};
  return placement;
}

/// Factors for the colours of a picture in [0, 1].
struct ColourFactors {
  float brightness = 1;
  float contrast = 1;
  float saturation = 1;
};

/// Brightness scales all values, contrast their distance from the picture's mean, saturation that from a pixel's grey.
PIX2PIXHD_INLINE void change_colours(ImageArray& image, const ColourFactors& factors) {
  const std::size_t channels = image.shape()[1], pixels = image.size() / channels;
  float* values = image.data();
  double sum = 0;
  for (std::size_t i = 0; i < image.size(); ++i) {
    values[i] = (values[i] + 1.0F) / 2.0F * factors.brightness;
    sum += values[i];
  }
  const float mean = static_cast<float>(sum / static_cast<double>(image.size()));
  for (std::size_t i = 0; i < image.size(); ++i) values[i] = mean + (values[i] - mean) * factors.contrast;
  for (std::size_t i = 0; channels == 3 && i < pixels; ++i) {
    const float grey = 0.299F * values[i] + 0.587F * values[pixels + i] + 0.114F * values[2 * pixels + i];
    for (std::size_t c = 0; c < 3; ++c) {
      float& value = values[c * pixels + i];
      value = grey + (value - grey) * factors.saturation;
    }
  }
  for (std::size_t i = 0; i < image.size(); ++i) values[i] = std::clamp(values[i], 0.0F, 1.0F) * 2.0F - 1.0F;
}

PIX2PIXHD_INLINE Sample place(const RawSample& raw, const Placement& placement) {
  Sample sample{.name = raw.name};
  if (raw.labels) sample.labels = place_map(*raw.labels, placement, raw.name);
  if (raw.instances) sample.instances = place_map(*raw.instances, placement, raw.name);
  const auto picture = [&](const Raster& raster) {
    return to_image(place_raster(raster, placement, raw.name), 0, raw.name);
  };
  if (raw.input) sample.input = picture(*raw.input);
  if (raw.image) sample.image = picture(*raw.image);
  return sample;
}

PIX2PIXHD_INLINE void jitter_colours(Sample& sample, const ColourJitter& jitter, const Choices& choices) {
  if (jitter.brightness <= 0 && jitter.contrast <= 0 && jitter.saturation <= 0) return;
  const ColourFactors factors{.brightness = choices.factor(Choice::brightness, jitter.brightness),
                              .contrast = choices.factor(Choice::contrast, jitter.contrast),
                              .saturation = choices.factor(Choice::saturation, jitter.saturation)};
  if (sample.input) change_colours(*sample.input, factors);
  if (sample.image) change_colours(*sample.image, factors);
}

}  // namespace detail

PIX2PIXHD_INLINE std::optional<ResizeMode> resize_mode(std::string_view word) {
  const auto found = std::find(detail::resize_words.begin(), detail::resize_words.end(), word);
  if (found == detail::resize_words.end()) return std::nullopt;
  return static_cast<ResizeMode>(found - detail::resize_words.begin());
}

PIX2PIXHD_INLINE std::string_view to_string(ResizeMode mode) {
  return detail::resize_words.at(static_cast<std::size_t>(mode));
}

PIX2PIXHD_INLINE void check_augment_options(const AugmentOptions& options) {
  detail::require(options.load_width >= 1 && options.load_height >= 0, "Pictures were to be resized to ",
                  options.load_width, "x", options.load_height, "; the width must be at least 1.");
  detail::require(options.crop_width >= 1 && options.crop_height >= 0, "A crop of ", options.crop_width, "x",
                  options.crop_height, " was asked for; the width must be at least 1.");
  detail::require(options.reduce >= 1, "Sides were to be divided by ", options.reduce, "; at least 1 is needed.");
  detail::require(options.multiple >= 1, "Sides were to be multiples of ", options.multiple, "; at least 1 is needed.");
  const ColourJitter& jitter = options.jitter;
  for (const float value : {jitter.brightness, jitter.contrast, jitter.saturation})
    detail::require(value >= 0.0F && value < 1.0F, "A colour jitter of ", value,
                    " was asked for; 0 to less than 1 is possible.");
}

PIX2PIXHD_INLINE Sample augment(const RawSample& raw, const AugmentOptions& options, const SampleKey& key) {
  check_augment_options(options);
  const detail::Choices choices(key);
  detail::Placement placement = detail::make_placement(detail::raw_size(raw), options, raw.name);
  detail::Cut& cut = placement.cut;
  cut.left = choices.below(detail::Choice::left, placement.resized.width - cut.size.width);
  cut.top = choices.below(detail::Choice::top, placement.resized.height - cut.size.height);
  cut.mirror = options.flip && choices.uniform(detail::Choice::mirror) < 0.5;
  Sample sample = detail::place(raw, placement);
  detail::jitter_colours(sample, options.jitter, choices);
  return sample;
}

PIX2PIXHD_INLINE Sample prepare(const RawSample& raw, const AugmentOptions& options) {
  check_augment_options(options);
  detail::Placement placement = detail::make_placement(detail::raw_size(raw), options, raw.name);
  placement.cut.left = (placement.resized.width - placement.cut.size.width) / 2;
  placement.cut.top = (placement.resized.height - placement.cut.size.height) / 2;
  return detail::place(raw, placement);
}

PIX2PIXHD_INLINE PictureSize prepared_size(const PictureSize& size, const AugmentOptions& options,
                                           std::string_view name) {
  check_augment_options(options);
  return detail::make_placement(size, options, name).cut.size;
}

}  // namespace pix2pixhd::inline v0
