/// Positions of pixels in messages.

#include <doctest/doctest.h>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/pixel_position.hpp>

using namespace pix2pixhd;

TEST_CASE("a pixel is named by its column and row, as it stands or by its number") {
  CHECK(detail::sentence("pixel ", detail::PixelPosition{3, -7}, " is wrong") == "pixel (x 3, y -7) is wrong");
  CHECK(detail::sentence(detail::pixel_position(0, 5)) == "(x 0, y 0)");
  CHECK(detail::sentence(detail::pixel_position(38, 5)) == "(x 3, y 7)");
}
