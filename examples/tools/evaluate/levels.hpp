#pragma once
/// How many levels of detail pictures of several sizes can be compared at.

#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/resize.hpp>
#include <pix2pixhd/training/metrics_wasserstein.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <span>

namespace tools::evaluate {

/// The size of the picture in a file: of a PNG as its header says, of others by reading them. Error where the picture
/// must be read and cannot be.
inline pix2pixhd::PictureSize size_in(const std::filesystem::path& file) {
  using namespace pix2pixhd;
  std::array<char, 24> begin{};  // signature, length and name of the header, width, height
  std::ifstream(file, std::ios::binary).read(begin.data(), begin.size());
  const auto bytes = std::as_bytes(std::span(begin));
  const auto side = [&](std::size_t at) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value * 256 + std::to_integer<int>(bytes[at + i]);
    return value;
  };
  const auto possible = [](std::int64_t value) { return value >= 1 && value <= max_pixels; };
  if (is_png(bytes) && possible(side(16)) && possible(side(20)))
    return {.width = static_cast<int>(side(16)), .height = static_cast<int>(side(20))};
  const ImageArray image = read_image(file);
  return {.width = static_cast<int>(image.shape()[3]), .height = static_cast<int>(image.shape()[2])};
}

/// The levels of detail that the smallest of `count` pictures has, so that all can be compared at them. `size` is
/// called with the place of each.
inline std::size_t common_levels(std::size_t count, const std::function<pix2pixhd::PictureSize(std::size_t)>& size) {
  int smallest = std::numeric_limits<int>::max();
  for (std::size_t i = 0; i < count; ++i) {
    const pix2pixhd::PictureSize picture = size(i);
    smallest = std::min({smallest, picture.width, picture.height});
  }
  const auto side = static_cast<std::size_t>(smallest);
  return pix2pixhd::pyramid_levels(side, side);
}

}  // namespace tools::evaluate
