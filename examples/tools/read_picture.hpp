#pragma once
/// Photographs that a user names, whose values a network or a figure depends on.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/images/files.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace tools {

/// A picture of so many channels. Of three they are colours, from -1 to 1, which only an .npy file could hold
/// otherwise. Error for values beyond that, NaN among them, and where read_image() throws one.
inline pix2pixhd::ImageArray read_picture(const std::filesystem::path& path, int channels = 3) {
  const pix2pixhd::ImageArray image = pix2pixhd::read_image(path, {.channels = channels});
  constexpr float most = 1.001f;  // who computed values up to 1 may have rounded them
  const auto wrong = std::find_if(image.begin(), image.end(), [](float value) { return !(std::abs(value) <= most); });
  if (channels == 3 && wrong != image.end())
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(
        path, " holds the value ", *wrong, "; those of a picture are -1 to 1. Divide bytes by 127.5 and subtract 1."));
  return image;
}

}  // namespace tools
