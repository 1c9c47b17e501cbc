#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/metrics_hue.hpp>

#include <algorithm>
#include <cmath>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE std::optional<double> hue(const std::array<double, 3>& colour, double least_chroma) {
  const auto [low, high] = std::minmax_element(colour.begin(), colour.end());
  const double chroma = *high - *low;
  if (chroma < least_chroma || chroma == 0) return std::nullopt;
  const auto [red, green, blue] = colour;
  if (*high == red) return std::fmod(60 * (green - blue) / chroma + 360, 360);
  if (*high == green) return 60 * (blue - red) / chroma + 120;
  return 60 * (red - green) / chroma + 240;
}

PIX2PIXHD_INLINE double hue_difference(double a, double b) {
  const double difference = std::fmod(std::abs(a - b), 360);
  return std::min(difference, 360 - difference);
}

}  // namespace pix2pixhd::inline v0
