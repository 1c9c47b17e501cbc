#pragma once
/// Pictures of parts put together, on 8-bit samples.

#include <pix2pixhd/features/preview_window.hpp>
#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tools::edit {

/// Lays the shown part of a window over a picture. At its borders inside the picture one passes into the other, over
/// `feather` pixels, so that no line is seen. Both have the same channels.
inline void lay_over(pix2pixhd::Raster& picture, const pix2pixhd::Raster& window, const pix2pixhd::PreviewWindow& where,
                     int feather) {
  const pix2pixhd::PixelBox &shown = where.shown, &computed = where.computed;
  const auto weight = [&](int at, int first, int length, int side) {
    const int from_begin = first > 0 ? at - first + 1 : feather;
    const int from_end = first + length < side ? first + length - at : feather;
    return std::min({from_begin, from_end, feather});
  };
  for (int y = shown.y; y < shown.y + shown.height; ++y) {
    const int row_weight = weight(y, shown.y, shown.height, picture.height);
    for (int x = shown.x; x < shown.x + shown.width; ++x) {
      const int share = std::min(row_weight, weight(x, shown.x, shown.width, picture.width));
      const auto channels = static_cast<std::size_t>(picture.channels);
      const std::size_t to = pix2pixhd::detail::index_of({picture.height, picture.width}, {x, y}) * channels;
      const std::size_t from =
          pix2pixhd::detail::index_of({window.height, window.width}, {x - computed.x, y - computed.y}) * channels;
      for (std::size_t c = 0; c < channels; ++c) {
        const int old = picture.bytes[to + c], fresh = window.bytes[from + c];
        picture.bytes[to + c] = static_cast<std::uint8_t>(old + ((fresh - old) * share + feather / 2) / feather);
      }
    }
  }
}

/// A part of a picture.
inline pix2pixhd::Raster crop(const pix2pixhd::Raster& picture, const pix2pixhd::PixelBox& box) {
  pix2pixhd::Raster part = pix2pixhd::make_raster(
      {.width = box.width, .height = box.height, .channels = picture.channels, .bits = 8}, "A part of a picture");
  for (int y = 0; y < box.height; ++y) {
    const auto from =
        picture.bytes.begin() +
        static_cast<std::ptrdiff_t>(pix2pixhd::detail::index_of({picture.height, picture.width}, {box.x, box.y + y}) *
                                    static_cast<std::size_t>(picture.channels));
    std::copy_n(from, part.row_bytes(), part.bytes.begin() + static_cast<std::ptrdiff_t>(part.row_bytes()) * y);
  }
  return part;
}

/// A scene reduced to at most these sides, nearest neighbour.
inline pix2pixhd::Scene reduce(const pix2pixhd::Scene& scene, const pix2pixhd::PictureSize& size) {
  pix2pixhd::Scene small{.labels = resize_nearest(scene.labels, size), .instances = {}};
  if (scene.instances) small.instances = resize_nearest(*scene.instances, size);
  return small;
}

/// Three channels of 8 bit, whatever the network makes.
inline pix2pixhd::Raster samples_of(const pix2pixhd::ImageArray& image) {
  return pix2pixhd::expand(pix2pixhd::to_raster(image, 8, "The picture"), 3, "The picture");
}

}  // namespace tools::edit
