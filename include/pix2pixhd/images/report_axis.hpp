#pragma once
/// Axes of charts: which numbers stand on them, and where.

#include <string>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// A number on an axis.
struct AxisTick {
  double value = 0;
  std::string text;
};

/// Values from `low` to `high`, along pixels from `begin` to `end`.
struct Axis {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
  double begin = 0;
  double end = 100;

  /// The place of a value; values outside lie outside.
  double place(double value) const;
  /// About `count` round numbers within the range.
  std::vector<AxisTick> ticks(int count) const;
};

/// An axis with a little room around values; a range that begins near zero begins at zero. Values that a logarithm does
/// not take are left out of a logarithmic one.
Axis fitted_axis(const std::vector<double>& values, bool logarithmic);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/report_axis-inl.hpp>
#endif
