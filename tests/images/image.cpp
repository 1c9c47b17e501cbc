#include <images/made_files.hpp>
#include <pix2pixhd/images/image.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace pix2pixhd;

TEST_CASE("images are v / 127.5 - 1 and v / 32767.5 - 1, channel after channel") {
  const Raster raster{.width = 2, .height = 1, .channels = 3, .bytes = {0, 51, 102, 153, 204, 255}};
  const ImageArray image = to_image(raster, 0, "a.png");
  CHECK(image.shape() == ImageArray::shape_type{1, 3, 1, 2});
  const float expected[] = {0, 153, 51, 204, 102, 255};
  for (std::size_t i = 0; i < 6; ++i) CHECK(image.data()[i] == expected[i] / 127.5F - 1.0F);
  CHECK(to_image(raster, 1, "a.png").shape()[1] == 1);

  Raster deep = make_raster({.width = 3, .height = 1, .bits = 16}, "a.png");
  deep.set_sample(1, 1000);
  deep.set_sample(2, 65535);
  const ImageArray grey = to_image(deep, 0, "a.png");
  CHECK(grey(0, 0, 0, 0) == -1.0F);
  CHECK(grey(0, 0, 0, 1) == 1000.0F / 32767.5F - 1.0F);
  CHECK(grey(0, 0, 0, 2) == 1.0F);
}

TEST_CASE("every 8-bit and 16-bit value survives the way to an image and back") {
  for (const int bits : {8, 16}) {
    Raster raster = make_raster({.width = 256, .height = bits == 8 ? 1 : 256, .bits = bits}, "a.png");
    for (std::size_t i = 0; i < raster.samples(); ++i) raster.set_sample(i, static_cast<unsigned>(i));
    CHECK(made::same(to_raster(to_image(raster, 0, "a.png"), bits, "a.png"), raster));
  }
}

TEST_CASE("rounding is numpy's: to nearest, ties to even; outside [-1, 1] is clamped") {
  // Values whose ((x + 1) / 2 * 255) is exact in single precision, then what numpy.round makes of them.
  const auto written = [](float x) {
    ImageArray image = ImageArray::from_shape({1, 1, 1, 1});
    image(0, 0, 0, 0) = x;
    return to_raster(image, 8, "a.png").sample(0);
  };
  CHECK(written(0.0F) == 128);   // 127.5
  CHECK(written(-0.5F) == 64);   // 63.75
  CHECK(written(-0.75F) == 32);  // 31.875
  CHECK(written(-1.0F) == 0);
  CHECK(written(1.0F) == 255);
  CHECK(written(7.0F) == 255);
  CHECK(written(-7.0F) == 0);
  CHECK(written(std::numeric_limits<float>::infinity()) == 255);
  CHECK(written(-std::numeric_limits<float>::infinity()) == 0);
  int ties_down = 0;
  int ties_up = 0;
  for (int level = 0; level < 255; ++level) {
    const float x = (static_cast<float>(level) + 0.5F) / 127.5F - 1.0F;
    if ((x + 1.0F) / 2.0F * 255.0F != static_cast<float>(level) + 0.5F) continue;
    CHECK(written(x) == static_cast<unsigned>(level % 2 == 0 ? level : level + 1));
    ++(level % 2 == 0 ? ties_down : ties_up);
  }
  CHECK(ties_down > 0);
  CHECK(ties_up > 0);
}

TEST_CASE("an image that is no image is refused with a sentence") {
  ImageArray image = ImageArray::from_shape({1, 3, 4, 5});
  image.fill(0.0F);
  const auto message = [&](const ImageArray& array, int bits = 8) {
    return made::error_of([&] { to_raster(array, bits, "a.png"); });
  };
  CHECK(message(image) == "");
  CHECK(made::has(message(image, 12), "12 bits"));
  image(0, 1, 2, 3) = std::nanf("");
  CHECK(made::has(message(image), "a.png", "NaN", "channel 1", "(x 3, y 2)"));
  CHECK(made::has(message(ImageArray::from_shape({2, 3, 4, 5})), "(2, 3, 4, 5)", "one by one"));
  CHECK(made::has(message(ImageArray::from_shape({1, 2, 4, 5})), "(1, 2, 4, 5)"));
  CHECK(made::has(message(ImageArray::from_shape({1, 3, 0, 5})), "5x0"));
}

TEST_CASE("labels are values as stored") {
  for (const int bits : {1, 2, 4, 8}) {
    const Raster grey = made::random_raster({.width = 7, .height = 5, .bits = bits}, 3);
    const Raster palette = made::random_palette_raster({.width = 7, .height = 5, .bits = bits}, 3);
    for (const Raster& raster : {grey, palette}) {
      const LabelArray labels = to_labels(raster, "a.png");
      CHECK(labels.shape() == LabelArray::shape_type{5, 7});
      for (std::size_t i = 0; i < labels.size(); ++i) CHECK(labels.data()[i] == raster.sample(i));
    }
  }
  const Raster grey_alpha{.width = 2, .height = 1, .channels = 2, .bytes = {10, 0, 20, 255}};
  CHECK(to_labels(grey_alpha, "a.png")(0, 1) == 20);
}

TEST_CASE("labels of 16 bit or RGB are taken where nothing is lost") {
  Raster deep = make_raster({.width = 3, .height = 2, .bits = 16}, "a.png");
  deep.set_sample(5, 255);
  CHECK(to_labels(deep, "a.png")(1, 2) == 255);
  deep.set_sample(4, 26001);
  CHECK(made::has(made::error_of([&] { to_labels(deep, "a.png"); }), "a.png", "26001", "(x 1, y 1)", "instance map"));

  Raster rgb{.width = 2, .height = 1, .channels = 3, .bytes = {4, 4, 4, 9, 9, 9}};
  CHECK(to_labels(rgb, "a.png")(0, 1) == 9);
  rgb.bytes[5] = 8;
  CHECK(made::has(made::error_of([&] { to_labels(rgb, "a.png"); }), "a.png", "colour", "(x 1, y 0)", "(9, 9, 8)",
                  "grey or palette PNG"));
}

TEST_CASE("instance ids are values, indices or panoptic colours") {
  Raster deep = make_raster({.width = 2, .height = 1, .bits = 16}, "a.png");
  deep.set_sample(0, 26001);
  deep.set_sample(1, 65535);
  CHECK(to_instances(deep, "a.png")(0, 0) == 26001);
  CHECK(to_instances(deep, "a.png")(0, 1) == 65535);

  const Raster palette{.width = 2, .height = 1, .bits = 4, .bytes = {3, 1}, .palette = Palette(16)};
  CHECK(to_instances(palette, "a.png")(0, 0) == 3);

  const Raster rgb{.width = 2, .height = 1, .channels = 3, .bytes = {1, 2, 3, 255, 255, 255}};
  CHECK(to_instances(rgb, "a.png")(0, 0) == 1 + 256 * 2 + 65536 * 3);
  CHECK(to_instances(rgb, "a.png")(0, 1) == 16777215);

  const Raster deep_rgb = make_raster({.width = 1, .height = 1, .channels = 3, .bits = 16}, "a.png");
  CHECK(made::has(made::error_of([&] { to_instances(deep_rgb, "a.png"); }), "a.png", "16 bits", "65536 blue"));
}

TEST_CASE("maps survive the way to samples and back") {
  LabelArray labels = LabelArray::from_shape({16, 16});
  for (std::size_t i = 0; i < 256; ++i) labels.data()[i] = static_cast<std::uint8_t>(i);
  const Raster raster = to_raster(labels, "a.png");
  CHECK(raster.bits == 8);
  CHECK(raster.channels == 1);
  CHECK(to_labels(raster, "a.png") == labels);

  InstanceArray instances = {{0, 26001, 65535}, {1, 2, 3}};
  CHECK(to_raster(instances, "a.png").bits == 16);
  CHECK(to_instances(to_raster(instances, "a.png"), "a.png") == instances);
  instances(1, 0) = 65536;
  instances(1, 1) = 16777215;
  CHECK(to_raster(instances, "a.png").channels == 3);
  CHECK(to_instances(to_raster(instances, "a.png"), "a.png") == instances);

  for (const std::int32_t id : {-1, 16777216}) {
    instances(1, 2) = id;
    CHECK(made::has(made::error_of([&] { to_raster(instances, "a.png"); }), "a.png", std::to_string(id), "(x 2, y 1)",
                    "renumber"));
  }
}
