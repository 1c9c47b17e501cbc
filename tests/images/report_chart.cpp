#include "html_check.hpp"

#include <pix2pixhd/images/report_chart.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace pix2pixhd;
using html_check::count;

namespace {

std::vector<CurvePoint> wave(std::size_t points, double height = 1) {
  std::vector<CurvePoint> result;
  for (std::size_t i = 1; i <= points; ++i)
    result.push_back({.x = double(i), .y = height * (1.5 + std::sin(double(i)))});
  return result;
}

}  // namespace

TEST_CASE("a chart has its curves, a legend with the newest values, and names") {
  const std::string html =
      html_chart({.title = "Losses <of> G",
                  .lines = {{.name = "a & b", .points = wave(100)}, {.name = "c", .points = wave(50)}},
                  .marks = {{.x = 30, .name = "joint<"}, {.x = 1e9, .name = "outside"}}});
  html_check::check_page(html);
  CHECK(count(html, "<polyline") == 4);  // two smooth ones, and their points behind them
  CHECK(count(html, "<circle") == 0);
  CHECK(count(html, "Losses &lt;of&gt; G") == 2);
  CHECK(count(html, "a &amp; b") == 1);
  CHECK(count(html, "joint&lt;") == 1);
  CHECK(count(html, "outside") == 0);
  CHECK(count(html, ">step<") == 1);
  CHECK(html.size() < 10000);
}

TEST_CASE("exact values are dots on a line, with the value to compare with") {
  const Chart chart{.title = "PSNR",
                    .lines = {{.name = "PSNR", .points = {{1, 10}, {2, 12.345}}, .level = 11.0, .digits = 1}},
                    .level_name = "mean colour",
                    .smooth = false};
  const std::string html = html_chart(chart);
  html_check::check_page(html);
  CHECK(count(html, "<circle") == 2);
  CHECK(count(html, "<polyline") == 1);
  CHECK(count(html, "class=\"level s0\"") == 1);
  CHECK(count(html, "mean colour") == 1);
  CHECK(count(html, "<b>12.3</b>") == 1);
  Chart long_one = chart;
  long_one.lines.front().points = wave(61);
  CHECK(count(html_chart(long_one), "<circle") == 0);
}

TEST_CASE("curves without points, of one point, of equal values and of zeros on a logarithmic scale") {
  CHECK(count(html_chart({.title = "empty"}), "Nothing to show yet") == 1);
  CHECK(count(html_chart({.title = "empty", .lines = {{.name = "a"}}}), "Nothing to show yet") == 1);
  for (const bool logarithmic : {false, true})
    for (const bool smooth : {false, true})
      for (const std::vector<CurvePoint>& points :
           std::vector<std::vector<CurvePoint>>{{{5, 5}}, {{5, 0}}, {{1, 3}, {2, 3}}, {{1, 0}, {2, 1}, {3, -1}}}) {
        const std::string html = html_chart({.title = "t",
                                             .lines = {{.name = "a", .points = points, .level = 0.0}, {.name = "none"}},
                                             .logarithmic = logarithmic,
                                             .smooth = smooth});
        html_check::check_page(html);
        CHECK(count(html, "nan") == 0);
        CHECK(count(html, "inf") == 0);
        CHECK(count(html, "none") == 0);
      }
}

TEST_CASE("one outlier does not flatten a curve") {
  std::vector<CurvePoint> points = wave(400);
  points[7].y = 1e6;
  const std::string html = html_chart({.title = "t", .lines = {{.name = "a", .points = points}}});
  // The smooth curve is shown whole, so the axis reaches the outlier's share of it and not the outlier.
  CHECK(count(html, ">1.0M<") == 0);
  CHECK(count(html, "k<") > 0);
}
