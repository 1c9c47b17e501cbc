#include <images/made_files.hpp>
#include <pix2pixhd/images/palette.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

using namespace pix2pixhd;

namespace {

int square_distance(const Rgb& a, const Rgb& b) {
  const int red = a.red - b.red;
  const int green = a.green - b.green;
  const int blue = a.blue - b.blue;
  return red * red + green * green + blue * blue;
}

}  // namespace

TEST_CASE("the classes of Cityscapes have their ids and colours") {
  CHECK(cityscapes_id("unlabeled") == 0);
  CHECK(cityscapes_id("road") == 7);
  CHECK(cityscapes_id("car") == 26);
  CHECK(cityscapes_id("bicycle") == 33);
  CHECK(cityscapes_id("license plate") == 34);
  CHECK_FALSE(cityscapes_id("boat").has_value());
  const Palette palette = cityscapes_palette();
  REQUIRE(palette.size() == 35);
  CHECK(palette[7] == Rgb{.red = 128, .green = 64, .blue = 128});
  CHECK(palette[23] == Rgb{.red = 70, .green = 130, .blue = 180});
  CHECK(palette[26] == Rgb{.red = 0, .green = 0, .blue = 142});
}

TEST_CASE("generated colours are far apart, the same for fewer classes and on every machine") {
  const Palette all = distinct_palette(256);
  REQUIRE(all.size() == 256);
  CHECK(all[0] == Rgb{});
  CHECK(all[1] == Rgb{.red = 255, .green = 255, .blue = 255});
  const auto nearest = [&](std::size_t classes) {
    int smallest = std::numeric_limits<int>::max();
    for (std::size_t a = 0; a < classes; ++a) {
      for (std::size_t b = 0; b < a; ++b) smallest = std::min(smallest, square_distance(all[a], all[b]));
    }
    return smallest;
  };
  // Square distances; the corners of the cube are 255 apart.
  CHECK(nearest(8) >= 120 * 120);
  CHECK(nearest(35) >= 60 * 60);
  CHECK(nearest(256) >= 30 * 30);
  for (const int classes : {1, 2, 35, 150}) {
    const Palette fewer = distinct_palette(classes);
    REQUIRE(fewer.size() == static_cast<std::size_t>(classes));
    CHECK(std::equal(fewer.begin(), fewer.end(), all.begin()));
  }
  CHECK(made::has(made::error_of([] { distinct_palette(0); }), "0 classes", "1 to 256"));
  CHECK(made::has(made::error_of([] { distinct_palette(257); }), "257 classes"));
}

TEST_CASE("colorize gives each class its colour") {
  const LabelArray labels = {{0, 1}, {2, 255}};
  const Palette palette = {{0, 0, 255}, {10, 20, 30}, {255, 0, 0}};
  const ImageArray image = colorize(labels, palette, 255);
  CHECK(image.shape() == ImageArray::shape_type{1, 3, 2, 2});
  const Palette expected = {{0, 0, 255}, {10, 20, 30}, {255, 0, 0}, {0, 0, 0}};
  const Raster raster = to_raster(image, 8, "a");
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(raster.sample(3 * i) == expected[i].red);
    CHECK(raster.sample(3 * i + 1) == expected[i].green);
    CHECK(raster.sample(3 * i + 2) == expected[i].blue);
  }
  CHECK(made::has(made::error_of([&] { colorize(labels, palette, {}, "a.png"); }), "a.png", "class 255", "(x 1, y 1)"));
}
