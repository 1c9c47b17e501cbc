#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/augment_geometry.hpp>

#include <cstring>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE Raster cut_raster(const Raster& raster, const Cut& cut, std::string_view name) {
  Raster result = make_raster(
      {.width = cut.size.width, .height = cut.size.height, .channels = raster.channels, .bits = raster.bits}, name);
  result.palette = raster.palette;
  const std::size_t pixel = static_cast<std::size_t>(raster.channels) * raster.sample_bytes();
  const auto width = static_cast<std::size_t>(cut.size.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(cut.size.height); ++y) {
    const std::uint8_t* from = raster.bytes.data() + (static_cast<std::size_t>(cut.top) + y) * raster.row_bytes() +
                               static_cast<std::size_t>(cut.left) * pixel;
    std::uint8_t* to = result.bytes.data() + y * result.row_bytes();
    if (!cut.mirror) {
      std::memcpy(to, from, width * pixel);
      continue;
    }
    for (std::size_t x = 0; x < width; ++x) std::memcpy(to + x * pixel, from + (width - 1 - x) * pixel, pixel);
  }
  return result;
}

PIX2PIXHD_INLINE Raster place_raster(const Raster& raster, const Placement& placement, std::string_view name) {
  const bool fits = raster.width == placement.resized.width && raster.height == placement.resized.height;
  if (fits) return cut_raster(raster, placement.cut, name);
  if (raster.bits == 16) return place_raster(in_eight_bits(raster), placement, name);
  return cut_raster(resize_bicubic(raster, placement.resized, name), placement.cut, name);
}

}  // namespace pix2pixhd::inline v0::detail
