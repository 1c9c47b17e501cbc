#pragma once
/// Charts of curves, as drawings within a page.

#include <pix2pixhd/images/report_curve.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A curve of a chart.
struct ChartLine {
  std::string name;
  std::vector<CurvePoint> points = {};
  /// A value to compare with, drawn as a dashed line of the same colour over the whole width.
  std::optional<double> level = {};
  int digits = 3;  ///< of the newest value, which the legend states; below 0: brief_text()
};

/// A place that is marked across the whole height.
struct ChartMark {
  double x = 0;
  std::string name;
};

/// Curves over the same x. Up to six have colours of their own.
struct Chart {
  std::string title;
  std::vector<ChartLine> lines = {};
  std::vector<ChartMark> marks = {};
  /// What the x axis counts, and what the dashed lines are.
  std::string x_name = "step";
  std::string level_name = {};
  /// For values that span decades. Values of zero and less are then not drawn.
  bool logarithmic = false;
  /// Whether lines are smoothed, their points pale behind them; else each point is a dot on its line. For noisy values
  /// and for few exact ones.
  bool smooth = true;
};

/// A chart as HTML: a heading, a legend with the newest values, and the drawing. Says so where there are no points.
std::string html_chart(const Chart& chart);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/report_chart-inl.hpp>
#endif
