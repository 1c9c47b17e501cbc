#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/images/report_curve.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace pix2pixhd;

TEST_CASE("a short curve keeps its points, a long one means of equal numbers of them") {
  for (const int points : {1, 7, 8, 9, 16, 17, 1000, 12345}) {
    CAPTURE(points);
    Curve curve(8);
    double sum = 0;
    for (int i = 0; i < points; ++i) {
      curve.add({.x = double(i), .y = double(i % 13)});
      sum += i % 13;
    }
    const std::vector<CurvePoint> kept = curve.points();
    CHECK(kept.size() <= 8);
    if (points <= 8) {
      REQUIRE(kept.size() == static_cast<std::size_t>(points));
      CHECK(kept.back().x == points - 1);
      CHECK(kept.back().y == (points - 1) % 13);
      continue;
    }
    CHECK(kept.size() > 4);
    // All means but the last are over as many points as the first.
    const double each = 2 * kept.front().x + 1;
    CHECK(std::log2(each) == std::round(std::log2(each)));
    double total = 0;
    for (std::size_t i = 0; i + 1 < kept.size(); ++i) {
      CHECK(kept[i].x == doctest::Approx(each * (double(i) + 0.5) - 0.5));
      total += each * kept[i].y;
    }
    total += (points - each * double(kept.size() - 1)) * kept.back().y;
    CHECK(total == doctest::Approx(sum));
  }
}

TEST_CASE("values that are not finite are passed over") {
  Curve curve;
  CHECK(curve.empty());
  curve.add({.x = 1, .y = std::numeric_limits<double>::infinity()});
  curve.add({.x = 2, .y = std::numeric_limits<double>::quiet_NaN()});
  CHECK(curve.empty());
  CHECK(curve.points().empty());
  curve.add({.x = 3, .y = 4});
  CHECK(curve.points().size() == 1);
  CHECK_THROWS_AS(Curve(1), Error);
}

TEST_CASE("smoothing keeps constants, takes noise away, and does not move a step") {
  std::vector<CurvePoint> flat, noisy;
  for (int i = 0; i < 400; ++i) {
    flat.push_back({.x = double(i), .y = 3});
    noisy.push_back({.x = double(i), .y = (i < 200 ? 0.0 : 1.0) + (i % 2 == 0 ? 0.5 : -0.5)});
  }
  for (const CurvePoint& point : smoothed(flat)) CHECK(point.y == doctest::Approx(3));
  const std::vector<CurvePoint> calm = smoothed(noisy);
  CHECK(calm[100].y == doctest::Approx(0).epsilon(0.01));
  CHECK(calm[300].y == doctest::Approx(1).epsilon(0.01));
  CHECK(calm[199].y + calm[200].y == doctest::Approx(1).epsilon(0.05));
  CHECK(calm[0].x == 0);
  CHECK(smoothed({}).empty());
  CHECK(smoothed({{.x = 1, .y = 2}}).front().y == 2);
}
