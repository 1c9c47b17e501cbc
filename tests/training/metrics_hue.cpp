/// Hues of colours.

#include <pix2pixhd/training/metrics_hue.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace pix2pixhd;

TEST_CASE("hues of the primaries and between them, whatever the brightness") {
  CHECK(hue({200, 0, 0}).value() == 0);
  CHECK(hue({90, 90, 30}).value() == doctest::Approx(60));
  CHECK(hue({10, 60, 10}).value() == doctest::Approx(120));
  CHECK(hue({0, 128, 255}).value() == doctest::Approx(240 - 60 * 128.0 / 255));
  CHECK(hue({40, 40, 240}).value() == doctest::Approx(240));
  CHECK(hue({240, 40, 240}).value() == doctest::Approx(300));
  CHECK(hue({240, 40, 41}).value() == doctest::Approx(359.7));
}

TEST_CASE("grey has no hue") {
  CHECK_FALSE(hue({100, 110, 119.9}).has_value());
  CHECK(hue({100, 110, 120}).has_value());
  CHECK(hue({100, 110, 119.9}, 10).has_value());
  CHECK_FALSE(hue({7, 7, 7}, 0).has_value());
}

TEST_CASE("hues are compared on the circle") {
  CHECK(hue_difference(10, 350) == doctest::Approx(20));
  CHECK(hue_difference(350, 10) == doctest::Approx(20));
  CHECK(hue_difference(0, 180) == doctest::Approx(180));
  CHECK(hue_difference(90, 90) == 0);
}
