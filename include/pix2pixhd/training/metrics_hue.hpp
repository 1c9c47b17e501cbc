#pragma once
/// Hues, for how well the colours of single objects were met.

#include <array>
#include <optional>

namespace pix2pixhd::inline v0 {

/// The hue of a colour (red, green, blue) in degrees, at least 0 and less than 360: red 0, green 120, blue 240. Nothing
/// where the largest and the smallest channel are less than `least_chroma` apart: such a colour is grey, and its hue
/// would be chance. Colours and `least_chroma` have the same unit, here levels of 0 to 255.
std::optional<double> hue(const std::array<double, 3>& colour, double least_chroma = 20);

/// How far two hues are apart on the circle: 0 to 180 degrees.
double hue_difference(double a, double b);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/metrics_hue-inl.hpp>
#endif
