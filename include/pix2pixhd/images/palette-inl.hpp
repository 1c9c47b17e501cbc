#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/checks.hpp>
#include <pix2pixhd/images/palette.hpp>

#include <algorithm>
#include <limits>

namespace pix2pixhd::inline v0 {
namespace detail {

/// How different two colours look: a weighted square distance in RGB whose weights follow the mean red, which comes
/// near to a perceptual distance and is exact in integers, so that every machine finds the same palette.
constexpr int colour_distance(const Rgb& a, const Rgb& b) {
  const int mean_red = (a.red + b.red) / 2;
  const int red = a.red - b.red;
  const int green = a.green - b.green;
  const int blue = a.blue - b.blue;
  return ((512 + mean_red) * red * red) / 256 + 4 * green * green + ((767 - mean_red) * blue * blue) / 256;
}

/// The fixed set that distinct_palette() chooses from: nine levels a channel.
PIX2PIXHD_INLINE Palette candidate_colours() {
  constexpr std::array<std::uint8_t, 9> levels = {0, 32, 64, 96, 128, 160, 192, 224, 255};
  Palette candidates;
  for (const std::uint8_t red : levels) {
    for (const std::uint8_t green : levels) {
      for (const std::uint8_t blue : levels) candidates.push_back({.red = red, .green = green, .blue = blue});
    }
  }
  return candidates;
}

}  // namespace detail

PIX2PIXHD_INLINE Palette cityscapes_palette() {
  Palette palette;
  for (const NamedClass& entry : cityscapes_classes) palette.push_back(entry.colour);
  return palette;
}

PIX2PIXHD_INLINE std::optional<int> cityscapes_id(std::string_view name) {
  const auto found = std::find_if(cityscapes_classes.begin(), cityscapes_classes.end(),
                                  [&](const NamedClass& entry) { return entry.name == name; });
  if (found == cityscapes_classes.end()) return std::nullopt;
  return static_cast<int>(found - cityscapes_classes.begin());
}

PIX2PIXHD_INLINE Palette distinct_palette(int classes) {
  detail::require(classes >= 1 && classes <= 256, "A palette was asked for ", classes,
                  " classes; label maps have 1 to 256.");
  const Palette candidates = detail::candidate_colours();
  std::vector<int> distances(candidates.size(), std::numeric_limits<int>::max());
  Palette palette = {Rgb{}};
  while (palette.size() < static_cast<std::size_t>(classes)) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      distances[i] = std::min(distances[i], detail::colour_distance(candidates[i], palette.back()));
    }
    const auto farthest = std::max_element(distances.begin(), distances.end());
    palette.push_back(candidates[static_cast<std::size_t>(farthest - distances.begin())]);
  }
  return palette;
}

PIX2PIXHD_INLINE ImageArray colorize(const LabelArray& labels, const Palette& palette, std::optional<int> ignore,
                                     std::string_view name) {
  check_labels(labels, static_cast<int>(palette.size()), ignore, name);
  const auto& shape = labels.shape();
  ImageArray image = ImageArray::from_shape({1, 3, shape[0], shape[1]});
  const std::size_t pixels = labels.size();
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::size_t label = labels.data()[i];
    const Rgb colour = ignore && static_cast<std::size_t>(*ignore) == label ? Rgb{} : palette[label];
    image.data()[i] = static_cast<float>(colour.red) / 127.5F - 1.0F;
    image.data()[pixels + i] = static_cast<float>(colour.green) / 127.5F - 1.0F;
    image.data()[2 * pixels + i] = static_cast<float>(colour.blue) / 127.5F - 1.0F;
  }
  return image;
}

}  // namespace pix2pixhd::inline v0
