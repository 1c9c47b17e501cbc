/// Boundaries and instances drawn over pictures.

#include <pix2pixhd/images/overlay.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

using namespace pix2pixhd;

namespace {

ImageArray grey(std::size_t height, std::size_t width) {
  ImageArray picture = ImageArray::from_shape({1, 3, height, width});
  picture.fill(0.0f);
  return picture;
}

/// Two instances side by side, 4 pixels wide each.
InstanceArray two() {
  InstanceArray ids = InstanceArray::from_shape({2, 8});
  for (std::size_t i = 0; i < 16; ++i) ids.data()[i] = i % 8 < 4 ? 26001 : 26002;
  return ids;
}

}  // namespace

TEST_CASE("edges are drawn where an id meets another, and nowhere else") {
  const ImageArray drawn = overlay_edges(grey(2, 8), two(), {255, 0, 0});
  for (std::size_t i = 0; i < 16; ++i) {
    const bool edge = i % 8 == 3 || i % 8 == 4;
    CHECK(drawn.data()[i] == (edge ? 1.0f : 0.0f));
    CHECK(drawn.data()[16 + i] == (edge ? -1.0f : 0.0f));
    CHECK(drawn.data()[32 + i] == (edge ? -1.0f : 0.0f));
  }
}

TEST_CASE("instances are tinted by their ids") {
  const ImageArray tinted = overlay_instances(grey(2, 8), two(), 0.25f);
  const Rgb colour = instance_colour(26001);
  CHECK(static_cast<double>(tinted(0, 0, 0, 0)) == doctest::Approx(0.25 * (colour.red / 127.5 - 1)));
  CHECK(static_cast<double>(tinted(0, 2, 1, 3)) == doctest::Approx(0.25 * (colour.blue / 127.5 - 1)));
  CHECK(tinted(0, 0, 0, 0) != tinted(0, 0, 0, 7));
  CHECK(overlay_instances(grey(2, 8), two(), 0) == grey(2, 8));
}

TEST_CASE("colours of instances that are counted one after the other are told apart") {
  for (std::int32_t first : {-3, 0, 7, 26000, 65536}) {
    int least = 1000;
    for (std::int32_t a = first; a < first + 12; ++a)
      for (std::int32_t b = first; b < a; ++b) {
        const Rgb x = instance_colour(a), y = instance_colour(b);
        least = std::min(least, std::abs(x.red - y.red) + std::abs(x.green - y.green) + std::abs(x.blue - y.blue));
      }
    CAPTURE(first);
    CHECK(least > 40);
  }
}

TEST_CASE("maps and pictures that do not fit are refused") {
  CHECK_THROWS_WITH_AS(overlay_edges(grey(2, 7), two()), doctest::Contains("8 x 2 pixels, the picture 7 x 2"), Error);
  CHECK_THROWS_WITH_AS(overlay_edges(ImageArray::from_shape({1, 1, 2, 8}), two()), doctest::Contains("3 channels"),
                       Error);
  CHECK_THROWS_WITH_AS(overlay_instances(grey(2, 8), two(), 2), doctest::Contains("0 to 1"), Error);
}
