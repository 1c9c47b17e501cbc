#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/overlay.hpp>
#include <pix2pixhd/ops/maps.hpp>

#include <array>
#include <cmath>

namespace pix2pixhd::inline v0 {
namespace detail {

inline void check_overlay(const ImageArray& picture, const InstanceArray& instances) {
  const auto& shape = picture.shape();
  require(shape[0] == 1 && shape[1] == 3, "overlays are drawn on one picture of 3 channels, not on ", shape[0], " of ",
          shape[1], ".");
  require(shape[2] == instances.shape()[0] && shape[3] == instances.shape()[1], "the instance map is ",
          instances.shape()[1], " x ", instances.shape()[0], " pixels, the picture ", shape[3], " x ", shape[2],
          "; they must be the same size.");
}

/// Moves a pixel towards a colour.
inline void tint(ImageArray& picture, std::size_t pixel, const Rgb& colour, float opacity) {
  const std::size_t pixels = picture.shape()[2] * picture.shape()[3];
  const std::array<std::uint8_t, 3> levels = {colour.red, colour.green, colour.blue};
  for (std::size_t c = 0; c < 3; ++c) {
    float& value = picture.data()[c * pixels + pixel];
    value += opacity * (static_cast<float>(levels[c]) / 127.5f - 1.0f - value);
  }
}

}  // namespace detail

PIX2PIXHD_INLINE Rgb instance_colour(std::int32_t id) {
  // Steps of the golden ratio around the circle of hues: of any twelve that follow each other no two are within 20
  // degrees.
  const double turns = static_cast<double>(id) * 0.6180339887498949, turn = turns - std::floor(turns);
  constexpr double saturation = 0.85, value = 0.95;
  const auto level = [&](double shift) {
    const double distance = std::abs(std::fmod(6 * turn + shift, 6.0) - 3) - 1;  // 1 at the channel's own hue
    const double share = distance < 0 ? 0 : distance > 1 ? 1 : distance;
    return static_cast<std::uint8_t>(std::lround(255 * value * (1 - saturation * (1 - share))));
  };
  return {.red = level(0), .green = level(4), .blue = level(2)};
}

PIX2PIXHD_INLINE ImageArray overlay_edges(const ImageArray& picture, const InstanceArray& instances,
                                          const Rgb& colour) {
  detail::check_overlay(picture, instances);
  ImageArray result = picture;
  const auto edges = detail::instance_edges(detail::Planes<std::int32_t>(instances));
  for (std::size_t i = 0; i < instances.size(); ++i)
    if (edges[i]) detail::tint(result, i, colour, 1);
  return result;
}

PIX2PIXHD_INLINE ImageArray overlay_instances(const ImageArray& picture, const InstanceArray& instances,
                                              float opacity) {
  detail::check_overlay(picture, instances);
  detail::require(opacity >= 0 && opacity <= 1, "the opacity of an overlay is ", opacity, "; it must be 0 to 1.");
  ImageArray result = picture;
  for (std::size_t i = 0; i < instances.size(); ++i)
    detail::tint(result, i, instance_colour(instances.data()[i]), opacity);
  return result;
}

}  // namespace pix2pixhd::inline v0
