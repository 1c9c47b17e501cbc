#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/report_axis.hpp>
#include <pix2pixhd/images/report_chart.hpp>
#include <pix2pixhd/images/report_page.hpp>

#include <algorithm>
#include <string_view>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The drawing's measures. A phone shows it at about two thirds, where its letters can still be read.
struct ChartFrame {
  double width = 560, height = 280;
  double left = 56, right = 12, top = 12, bottom = 28;
};

/// The class of the style sheet for a line's colour.
PIX2PIXHD_INLINE std::string line_colour(const char* kind, std::size_t line) {
  return joined(kind, std::to_string(line % 6));
}

PIX2PIXHD_INLINE std::string place_text(double place) { return fixed_text(std::clamp(place, -1e4, 1e4), 1); }

/// The values that the y axis must show: all of a smooth line, and the bulk of the points around it, so that one
/// outlier does not flatten the rest.
PIX2PIXHD_INLINE std::vector<double> shown_values(const Chart& chart) {
  std::vector<double> values;
  for (const ChartLine& line : chart.lines) {
    std::vector<double> own;
    for (const CurvePoint& point : line.points) own.push_back(point.y);
    if (chart.smooth && !own.empty()) {
      std::sort(own.begin(), own.end());
      const std::size_t outliers = own.size() / 50;
      own.erase(own.end() - static_cast<std::ptrdiff_t>(outliers), own.end());
      own.erase(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(outliers));
      for (const CurvePoint& point : smoothed(line.points)) own.push_back(point.y);
    }
    values.insert(values.end(), own.begin(), own.end());
    if (line.level && !line.points.empty()) values.push_back(*line.level);
  }
  return values;
}

PIX2PIXHD_INLINE std::string polyline(const std::vector<CurvePoint>& points, const Axis& x, const Axis& y,
                                      const std::string& look) {
  std::string path;
  for (const CurvePoint& point : points) {
    if (y.logarithmic && point.y <= 0) continue;
    path += joined((path.empty() ? "" : " "), place_text(x.place(point.x)), ",", place_text(y.place(point.y)));
  }
  return joined("<polyline class=\"", look, "\" points=\"", path, "\"/>\n");
}

PIX2PIXHD_INLINE std::string straight(double x1, double y1, double x2, double y2, const std::string& look) {
  return joined("<line class=\"", look, "\" x1=\"", place_text(x1), "\" y1=\"", place_text(y1), "\" x2=\"",
                place_text(x2), "\" y2=\"", place_text(y2), "\"/>\n");
}

PIX2PIXHD_INLINE std::string svg_text(double x, double y, std::string_view anchor, const std::string& text) {
  return joined("<text x=\"", place_text(x), "\" y=\"", place_text(y), "\" text-anchor=\"", std::string(anchor), "\">",
                html_text(text), "</text>\n");
}

PIX2PIXHD_INLINE std::string draw_axes(const Axis& x, const Axis& y, const std::string& x_name) {
  std::string svg;
  for (const AxisTick& tick : y.ticks(5)) {
    const double place = y.place(tick.value);
    append(svg, straight(x.begin, place, x.end, place, "rule"), svg_text(x.begin - 6, place + 4, "end", tick.text));
  }
  for (const AxisTick& tick : x.ticks(5)) {
    const double place = x.place(tick.value);
    svg += straight(place, y.begin, place, y.begin + 4, "axis");
    // The axis' name stands at its end.
    if (place < x.end - 9.0 * static_cast<double>(x_name.size()))
      svg += svg_text(place, y.begin + 18, "middle", tick.text);
  }
  return joined(svg, straight(x.begin, y.begin, x.end, y.begin, "axis"), svg_text(x.end, y.begin + 18, "end", x_name));
}

PIX2PIXHD_INLINE std::string draw_lines(const Chart& chart, const Axis& x, const Axis& y) {
  std::string behind, before;
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    const ChartLine& line = chart.lines[i];
    if (line.points.empty()) continue;
    const std::string colour = line_colour("s", i);
    if (line.level && (!y.logarithmic || *line.level > 0))
      behind += straight(x.begin, y.place(*line.level), x.end, y.place(*line.level), joined("level ", colour));
    if (chart.smooth) behind += polyline(line.points, x, y, joined("raw ", colour));
    before += polyline(chart.smooth ? smoothed(line.points) : line.points, x, y, joined("line ", colour));
    const std::size_t dots = chart.smooth ? 0 : line.points.size();
    for (std::size_t j = 0; j < dots && dots <= 60; ++j)
      if (!y.logarithmic || line.points[j].y > 0)
        append(before, "<circle class=\"", line_colour("f", i), "\" r=\"3\" cx=\"",
               place_text(x.place(line.points[j].x)), "\" cy=\"", place_text(y.place(line.points[j].y)), "\"/>\n");
  }
  return behind + before;
}

PIX2PIXHD_INLINE std::string draw_marks(const Chart& chart, const Axis& x, const Axis& y) {
  std::string svg;
  for (const ChartMark& mark : chart.marks) {
    if (mark.x < x.low || mark.x > x.high) continue;
    const double place = x.place(mark.x);
    const bool right = place + 9.0 * static_cast<double>(mark.name.size()) > x.end;
    svg += straight(place, y.begin, place, y.end, "mark") +
           svg_text(place + (right ? -4 : 4), y.end + 10, right ? "end" : "start", mark.name);
  }
  return svg;
}

PIX2PIXHD_INLINE std::string draw_chart(const Chart& chart) {
  const ChartFrame frame;
  std::vector<double> places;
  for (const ChartLine& line : chart.lines)
    for (const CurvePoint& point : line.points) places.push_back(point.x);
  const auto [least, most] = std::minmax_element(places.begin(), places.end());
  Axis x{.low = *least < 0.25 * *most ? 0 : *least,
         .high = *most > *least ? *most : *least + 1,
         .begin = frame.left,
         .end = frame.width - frame.right};
  Axis y = fitted_axis(shown_values(chart), chart.logarithmic);
  y.begin = frame.height - frame.bottom;
  y.end = frame.top;
  const std::string width = fixed_text(frame.width, 0), height = fixed_text(frame.height, 0);
  std::string svg = joined("<svg viewBox=\"0 0 ", width, " ", height, "\" role=\"img\" aria-label=\"",
                           html_text(chart.title), "\">\n", draw_axes(x, y, chart.x_name), draw_marks(chart, x, y));
  // A drawing within the drawing cuts off what lies outside the axes.
  const double top = y.end - 4, left = x.begin - 4;
  const auto number = [](double value) { return fixed_text(value, 0); };
  append(svg, "<svg x=\"", number(left), "\" y=\"", number(top), "\" width=\"", number(frame.width - left),
         "\" height=\"", number(y.begin - top + 2), "\" viewBox=\"", number(left), " ", number(top), " ",
         number(frame.width - left), " ", number(y.begin - top + 2), "\">\n");
  return joined(svg, draw_lines(chart, x, y), "</svg></svg>\n");
}

PIX2PIXHD_INLINE std::string draw_legend(const Chart& chart) {
  const auto swatch = [](const std::string& look) {
    return joined("<svg viewBox=\"0 0 28 12\" aria-hidden=\"true\"><line class=\"", look,
                  "\" x1=\"1\" y1=\"6\" x2=\"27\" y2=\"6\"/></svg>");
  };
  std::string html = "<ul class=\"legend\">\n";
  bool levels = false;
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    const ChartLine& line = chart.lines[i];
    if (line.points.empty()) continue;
    levels = levels || line.level;
    const double newest = (chart.smooth ? smoothed(line.points) : line.points).back().y;
    append(html, "<li>", swatch(joined("line ", line_colour("s", i))), html_text(line.name), " <b>",
           (line.digits < 0 ? brief_text(newest) : fixed_text(newest, line.digits)), "</b></li>\n");
  }
  if (levels && !chart.level_name.empty())
    append(html, "<li class=\"soft\">", swatch("level s5"), html_text(chart.level_name), "</li>\n");
  return joined(html, "</ul>\n");
}

}  // namespace detail

PIX2PIXHD_INLINE std::string html_chart(const Chart& chart) {
  const std::string heading = detail::joined("<section class=\"card\"><h3>", html_text(chart.title), "</h3>\n");
  const bool shows_values =
      std::any_of(chart.lines.begin(), chart.lines.end(), [](const ChartLine& line) { return !line.points.empty(); });
  if (!shows_values) return detail::joined(heading, "<p class=\"soft\">Nothing to show yet.</p></section>\n");
  return detail::joined(heading, detail::draw_legend(chart), detail::draw_chart(chart), "</section>\n");
}

}  // namespace pix2pixhd::inline v0
