#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/report_axis.hpp>
#include <pix2pixhd/images/report_page.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE double Axis::place(double value) const {
  const auto along = [&](double x) { return logarithmic ? std::log10(std::max(x, low * 1e-6)) : x; };
  return begin + (end - begin) * (along(value) - along(low)) / (along(high) - along(low));
}

/// A round number near to a `count`th of a range: 1, 2 or 5 times a power of ten.
PIX2PIXHD_INLINE double round_spacing(double range, int count) {
  const double rough = range / count, power = std::pow(10.0, std::floor(std::log10(rough)));
  const double times = rough / power;
  return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
}

/// A tick's number: as many digits as the spacing needs, thousands and millions as letters.
PIX2PIXHD_INLINE std::string tick_text(double value, double spacing) {
  double unit = 1;
  std::string letter;
  if (std::abs(value) >= 1e6 || spacing >= 1e6) {
    unit = 1e6;
    letter = "M";
  } else if (std::abs(value) >= 1e4 || spacing >= 1e3) {
    unit = 1e3;
    letter = "k";
  }
  if (value == 0) return "0";
  const double digits = std::ceil(-std::log10(spacing / unit) - 1e-9);
  if (digits > 4) return exponent_text(value);
  return fixed_text(value / unit, std::max(0, static_cast<int>(digits))) + letter;
}

PIX2PIXHD_INLINE std::vector<AxisTick> Axis::ticks(int count) const {
  std::vector<AxisTick> ticks;
  if (logarithmic && high / low >= 8) {
    const double decades = std::log10(high / low);
    const int first = static_cast<int>(std::floor(std::log10(low)));
    const int step = std::max(1, static_cast<int>(decades / count));
    for (int power = first; power <= first + static_cast<int>(decades) + 1; power += step)
      for (const int times : {1, 2, 5}) {
        const double value = times * std::pow(10.0, power);
        if (times != 1 && decades > (times == 2 ? 3.0 : 2.0)) continue;
        if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
          ticks.push_back({.value = value, .text = tick_text(value, value / times)});
      }
    return ticks;
  }
  const double spacing = round_spacing(high - low, count);
  for (double i = std::ceil(low / spacing - 1e-9); i * spacing <= high + spacing * 1e-9 && ticks.size() < 100; ++i)
    ticks.push_back({.value = i * spacing, .text = tick_text(i * spacing, spacing)});
  return ticks;
}

PIX2PIXHD_INLINE Axis fitted_axis(const std::vector<double>& values, bool logarithmic) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Axis axis{.low = infinity, .high = -infinity, .logarithmic = logarithmic};
  for (const double value : values) {
    if (!std::isfinite(value) || (logarithmic && value <= 0)) continue;
    axis.low = std::min(axis.low, value);
    axis.high = std::max(axis.high, value);
  }
  if (axis.low > axis.high) {
    axis.low = logarithmic ? 0.1 : 0;
    axis.high = 1;
  }
  if (logarithmic) {
    const double room = std::max(std::pow(axis.high / axis.low, 0.05), 1.05);
    axis.low /= room;
    axis.high *= room;
    return axis;
  }
  if (axis.low >= 0 && axis.low < 0.4 * axis.high) axis.low = 0;
  double room = 0.05 * (axis.high - axis.low);
  if (!(room > 1e-9 * std::max(std::abs(axis.high), std::abs(axis.low))))
    room = std::max(0.5 * std::abs(axis.high), 0.5);
  if (axis.low != 0) axis.low -= room;
  axis.high += room;
  return axis;
}

}  // namespace pix2pixhd::inline v0::detail
