#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/training/picture_spots.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace pix2pixhd;

namespace {

PictureArray grey(std::size_t height, std::size_t width, float value = 0) {
  PictureArray picture = PictureArray::from_shape({1, 3, height, width});
  picture.fill(value);
  return picture;
}

/// A round spot with a soft edge of one pixel.
void paint(PictureArray& picture, int x, int y, double width, float value, std::size_t channel = 1) {
  for (std::size_t row = 0; row < picture.shape()[2]; ++row)
    for (std::size_t column = 0; column < picture.shape()[3]; ++column) {
      const double distance = std::hypot(double(column) - x, double(row) - y);
      const double part = std::clamp(width / 2 - distance + 0.5, 0.0, 1.0);
      float& pixel = picture(0, channel, row, column);
      pixel += static_cast<float>(part) * (value - pixel);
    }
}

}  // namespace

TEST_CASE("spots of all small sizes are found, bright and dark, in one channel, at borders and corners") {
  for (const double width : {3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0})
    for (const float value : {1.0f, -1.0f})
      for (const auto& place : {std::pair(100, 60), std::pair(61, 47), std::pair(0, 0), std::pair(255, 70)}) {
        const int x = place.first, y = place.second;
        CAPTURE(width);
        CAPTURE(value);
        CAPTURE(x);
        PictureArray picture = grey(128, 256);
        paint(picture, x, y, width + 0.5, value);
        const std::vector<PictureSpot> spots = find_spots(picture);
        REQUIRE(spots.size() == 1);
        CHECK(spots[0].bright == (value > 0));
        CHECK(std::abs(spots[0].x - x) <= width / 2 + 1);
        CHECK(std::abs(spots[0].y - y) <= width / 2 + 1);
        CHECK(spots[0].width <= 2 * width);
        CHECK(spots[0].width >= width / 4);
        CHECK(std::abs(spot_colour(picture, spots[0])[1]) > 0.5);
      }
}

TEST_CASE("lines, edges, areas, faint spots, noise and what is not finite are no spots") {
  const RandomStream noise(1, "noise");
  PictureArray picture = grey(128, 256);
  for (std::size_t y = 0; y < 128; ++y)
    for (std::size_t x = 0; x < 256; ++x) {
      if (x / 3 == 20 || y / 3 == 30) picture(0, 0, y, x) = 1;  // a cross of lines
      if (x > 128 && y < 50) picture(0, 1, y, x) = 1;           // an area with a corner
      picture(0, 2, y, x) = static_cast<float>(1.8 * noise.uniform(256 * y + x) - 0.9);
    }
  CHECK(find_spots(picture).empty());
  picture = grey(128, 256);
  paint(picture, 100, 60, 6.0, 0.6f);
  CHECK(find_spots(picture).empty());
  picture = grey(128, 256, 0.7f);
  paint(picture, 100, 60, 6.0, 1.0f);
  CHECK(find_spots(picture).empty());
  CHECK(find_spots(picture, {.contrast = 0.2}).size() == 1);
  CHECK(find_spots(grey(16, 16, 1)).empty());
  CHECK(find_spots(grey(64, 64, std::numeric_limits<float>::quiet_NaN())).empty());
  CHECK(find_spots(grey(64, 64, std::numeric_limits<float>::infinity())).empty());
}

TEST_CASE("the clearest spots come first, and no more than asked for") {
  PictureArray picture = grey(128, 256);
  for (int i = 0; i < 6; ++i) paint(picture, 20 + 40 * i, 64, 6.0, 0.85f + 0.025f * static_cast<float>(i));
  const std::vector<PictureSpot> spots = find_spots(picture, {.most = 3});
  REQUIRE(spots.size() == 3);
  CHECK(std::abs(spots[0].x - 220) <= 2);
  CHECK(std::abs(spots[2].x - 140) <= 2);
  CHECK(find_spots(picture).size() == 6);
  CHECK_THROWS_AS(find_spots(PictureArray::from_shape({2, 3, 64, 64})), Error);
  CHECK_THROWS_AS(spot_colour(picture, {.x = 256, .y = 0, .width = 3}), Error);
  CHECK_THROWS_AS(spot_colour(picture, {.x = 0, .y = -1, .width = 3}), Error);
}

TEST_CASE("street scenes have few") {
  std::size_t spots = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed)
    spots += find_spots(street_scene(seed, {.width = 256, .height = 128}).image).size();
  CHECK(spots < 100);
}
