#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/training/picture_spots.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// One channel of a picture, or of a smaller copy of it.
struct SpotPlane {
  int width = 0;
  int height = 0;
  std::vector<float> values = {};

  float at(int x, int y) const {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
  bool holds(int x, int y) const { return x >= 0 && y >= 0 && x < width && y < height; }
};

/// The mean of each 2 x 2; an odd row or column at the end is left out.
PIX2PIXHD_INLINE SpotPlane halved(const SpotPlane& plane) {
  SpotPlane half{.width = plane.width / 2, .height = plane.height / 2};
  for (int y = 0; y < half.height; ++y)
    for (int x = 0; x < half.width; ++x)
      half.values.push_back((plane.at(2 * x, 2 * y) + plane.at(2 * x + 1, 2 * y) + plane.at(2 * x, 2 * y + 1) +
                             plane.at(2 * x + 1, 2 * y + 1)) /
                            4);
  return half;
}

/// The mean of the 3 x 3 around each pixel, of those of them that are there.
PIX2PIXHD_INLINE SpotPlane spread(const SpotPlane& plane) {
  SpotPlane rows = plane, result = plane;
  const auto mean = [](const SpotPlane& from, SpotPlane& to, int dx, int dy) {
    for (int y = 0; y < from.height; ++y)
      for (int x = 0; x < from.width; ++x) {
        float sum = from.at(x, y);
        int count = 1;
        for (const int side : {-1, 1})
          if (from.holds(x + side * dx, y + side * dy)) {
            sum += from.at(x + side * dx, y + side * dy);
            ++count;
          }
        to.values[static_cast<std::size_t>(y) * static_cast<std::size_t>(from.width) + static_cast<std::size_t>(x)] =
            sum / static_cast<float>(count);
      }
  };
  mean(plane, rows, 1, 0);
  mean(rows, result, 0, 1);
  return result;
}

/// How far a place stands out, with its sign, from the eight places around it; 0 where it does not on all sides.
PIX2PIXHD_INLINE float spot_contrast(const SpotPlane& means, int x, int y, const PictureSpotOptions& options) {
  constexpr int distance = 4;  // Pixels of a spot reach 2 from its middle, and what surrounds it is meant over 1 more.
  const float middle = means.at(x, y), sign = middle > 0 ? 1.0f : -1.0f;
  if (!std::isfinite(middle) || sign * middle < static_cast<float>(options.saturated)) return 0;
  float least = 2;
  for (const int dy : {-distance, 0, distance})
    for (const int dx : {-distance, 0, distance}) {
      if ((dx == 0 && dy == 0) || !means.holds(x + dx, y + dy)) continue;
      const float difference = sign * (middle - means.at(x + dx, y + dy));
      if (!(difference >= static_cast<float>(options.contrast))) return 0;  // not a number is none either
      least = std::min(least, difference);
    }
  return sign * least;
}

}  // namespace detail

PIX2PIXHD_INLINE bool same_spot(const PictureSpot& a, const PictureSpot& b) {
  const int near = std::max(2, std::min(a.width, b.width) / 2 + 1);
  return a.bright == b.bright && std::abs(a.x - b.x) <= near && std::abs(a.y - b.y) <= near;
}

PIX2PIXHD_INLINE std::vector<PictureSpot> find_spots(const PictureArray& picture, const PictureSpotOptions& options) {
  const auto& shape = picture.shape();
  detail::require(shape[0] == 1, "Spots are looked for in one picture at a time, but ", shape[0], " were given.");
  constexpr int smallest_side = 24;
  std::vector<std::pair<float, PictureSpot>> found;
  for (std::size_t channel = 0; channel < shape[1]; ++channel) {
    const std::size_t pixels = shape[2] * shape[3];
    const float* values = picture.data() + channel * pixels;
    detail::SpotPlane plane{
        .width = static_cast<int>(shape[3]), .height = static_cast<int>(shape[2]), .values = {values, values + pixels}};
    for (int scale = 1; std::min(plane.width, plane.height) >= smallest_side;
         scale *= 2, plane = detail::halved(plane)) {
      const detail::SpotPlane means = detail::spread(plane);
      for (int y = 0; y < plane.height; ++y)
        for (int x = 0; x < plane.width; ++x)
          if (const float contrast = detail::spot_contrast(means, x, y, options); contrast != 0)
            found.emplace_back(std::abs(contrast), PictureSpot{.x = x * scale + scale / 2,
                                                               .y = y * scale + scale / 2,
                                                               .width = 3 * scale,
                                                               .bright = contrast > 0});
    }
  }
  // A spot is found at several places and sizes; the clearest of them stands for all.
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<PictureSpot> spots;
  for (const auto& entry : found) {
    if (spots.size() == options.most) break;
    const PictureSpot& spot = entry.second;
    const auto same = [&](const PictureSpot& other) {
      const int near = std::max(spot.width, other.width);
      return std::abs(spot.x - other.x) <= near && std::abs(spot.y - other.y) <= near;
    };
    if (std::none_of(spots.begin(), spots.end(), same)) spots.push_back(spot);
  }
  return spots;
}

PIX2PIXHD_INLINE std::vector<double> spot_colour(const PictureArray& picture, const PictureSpot& spot) {
  const auto& shape = picture.shape();
  const int width = static_cast<int>(shape[3]), height = static_cast<int>(shape[2]);
  detail::require(spot.x >= 0 && spot.y >= 0 && spot.x < width && spot.y < height, "The spot at ",
                  detail::PixelPosition{spot.x, spot.y}, " does not lie in a picture of ", width, " x ", height,
                  " pixels.");
  const int reach = spot.width / 2;
  std::vector<double> colour;
  for (std::size_t channel = 0; channel < shape[1]; ++channel) {
    double sum = 0, count = 0;
    for (int y = std::max(0, spot.y - reach); y <= std::min(height - 1, spot.y + reach); ++y)
      for (int x = std::max(0, spot.x - reach); x <= std::min(width - 1, spot.x + reach); ++x) {
        sum += double{picture(0, channel, static_cast<std::size_t>(y), static_cast<std::size_t>(x))};
        ++count;
      }
    colour.push_back(sum / count);
  }
  return colour;
}

}  // namespace pix2pixhd::inline v0
