#include <pix2pixhd/images/report_axis.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace pix2pixhd;
using detail::Axis;
using detail::fitted_axis;

namespace {

std::string texts(const Axis& axis, int count = 5) {
  std::string all;
  for (const detail::AxisTick& tick : axis.ticks(count)) all += (all.empty() ? "" : " ") + tick.text;
  return all;
}

}  // namespace

TEST_CASE("ticks are round numbers with as many digits as they need") {
  CHECK(texts({.low = 0, .high = 1}) == "0 0.2 0.4 0.6 0.8 1.0");
  CHECK(texts({.low = -2, .high = 2.2}) == "-2 -1 0 1 2");
  CHECK(texts({.low = 0, .high = 23000}) == "0 5k 10k 15k 20k");
  CHECK(texts({.low = 19300, .high = 19900}) == "19.3k 19.4k 19.5k 19.6k 19.7k 19.8k 19.9k");
  CHECK(texts({.low = 0, .high = 2.1e6}) == "0 500k 1.0M 1.5M 2.0M");
  CHECK(texts({.low = 0, .high = 2e-4}) == "0 5e-5 1e-4 1.5e-4 2e-4");
  CHECK(texts({.low = 0.41, .high = 0.45}) == "0.41 0.42 0.43 0.44 0.45");
}

TEST_CASE("logarithmic ticks") {
  CHECK(texts({.low = 0.02, .high = 1.1, .logarithmic = true}) == "0.02 0.05 0.1 0.2 0.5 1");
  CHECK(texts({.low = 1e-3, .high = 1e3, .logarithmic = true}) == "0.001 0.01 0.1 1 10 100 1k");
  CHECK(texts({.low = 0.2, .high = 0.3, .logarithmic = true}) == "0.20 0.22 0.24 0.26 0.28 0.30");
  CHECK(Axis{.low = 1e-9, .high = 1e9, .logarithmic = true}.ticks(5).size() < 10);
}

TEST_CASE("places run from one end to the other") {
  const Axis plain{.low = 2, .high = 4, .begin = 100, .end = 0};
  CHECK(plain.place(2) == 100);
  CHECK(plain.place(3) == 50);
  CHECK(plain.place(5) == -50);
  const Axis powers{.low = 0.01, .high = 1, .logarithmic = true, .begin = 0, .end = 100};
  CHECK(powers.place(0.1) == doctest::Approx(50));
  CHECK(powers.place(0) < -100);
}

TEST_CASE("an axis fits its values, whatever they are") {
  CHECK(fitted_axis({0.1, 3}, false).low == 0);
  CHECK(fitted_axis({2, 3}, false).low == doctest::Approx(1.95));
  CHECK(fitted_axis({2, 3}, false).high == doctest::Approx(3.05));
  const double infinity = std::numeric_limits<double>::infinity();
  for (const bool logarithmic : {false, true})
    for (const std::vector<double>& values : std::vector<std::vector<double>>{
             {}, {0}, {5, 5, 5}, {-1}, {infinity, 1, -infinity}, {1e-300}, {1e300}, {-3, 4}, {0, 1}}) {
      CAPTURE(logarithmic);
      CAPTURE(values.size());
      const Axis axis = fitted_axis(values, logarithmic);
      CHECK(axis.low < axis.high);
      CHECK(axis.high < infinity);
      if (logarithmic) CHECK(axis.low > 0);
      CHECK(axis.ticks(5).size() < 101);
      for (const double value : values)
        if (value < infinity && value > -infinity && (!logarithmic || value > 0)) {
          CHECK(axis.low <= value);
          CHECK(axis.high >= value);
        }
    }
}
