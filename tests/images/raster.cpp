#include <images/made_files.hpp>
#include <pix2pixhd/images/raster.hpp>

#include <doctest/doctest.h>

using namespace pix2pixhd;

TEST_CASE("samples of 8 and 16 bit are kept as they are set") {
  for (const int bits : {8, 16}) {
    Raster raster = make_raster({.width = 3, .height = 2, .channels = 3, .bits = bits}, "a.png");
    REQUIRE(raster.samples() == 18);
    CHECK(raster.bytes.size() == 18 * raster.sample_bytes());
    CHECK(raster.row_bytes() == 9 * raster.sample_bytes());
    for (std::size_t i = 0; i < 18; ++i) CHECK(raster.sample(i) == 0);
    raster.set_sample(7, raster.max_sample());
    raster.set_sample(8, 200);
    CHECK(raster.sample(6) == 0);
    CHECK(raster.sample(7) == (1U << bits) - 1);
    CHECK(raster.sample(8) == 200);
  }
}

TEST_CASE("impossible rasters are refused with a sentence") {
  const auto message = [](const RasterShape& shape) { return made::error_of([&] { make_raster(shape, "a.png"); }); };
  CHECK(made::has(message({.width = 0, .height = 5}), "a.png", "0x5", "at least 1"));
  CHECK(made::has(message({.width = 5, .height = -1}), "5x-1", "at least 1"));
  CHECK(made::has(message({.width = 1 << 15, .height = (1 << 13) + 1}), "32768x8193", "268435456"));
  CHECK(made::has(message({.width = 0x7FFFFFFF, .height = 0x7FFFFFFF}), "268435456"));
  CHECK(made::has(message({.width = 1, .height = 1, .channels = 5}), "5 channels"));
  CHECK(made::has(message({.width = 1, .height = 1, .bits = 7}), "7 bits"));
  CHECK(made::has(message({.width = 1, .height = 1, .channels = 3, .bits = 4}), "4 bits"));
  CHECK(message({.width = 1, .height = 1, .bits = 4}) == "");
}

TEST_CASE("a raster that contradicts itself is refused") {
  const Raster good = make_raster({.width = 3, .height = 2, .bits = 2}, "a.png");
  const auto message = [](const Raster& raster) { return made::error_of([&] { check_raster(raster, "a.png"); }); };
  CHECK(message(good) == "");
  Raster bad = good;
  bad.bytes.pop_back();
  CHECK(made::has(message(bad), "a.png", "5 bytes", "need 6"));
  bad = good;
  bad.palette.resize(5);
  CHECK(made::has(message(bad), "5 colours", "can name 4"));
  bad = make_raster({.width = 3, .height = 2, .bits = 16}, "a.png");
  bad.palette.resize(5);
  CHECK(made::has(message(bad), "palette", "16 bits"));
}

TEST_CASE("expand scales low depths and replaces indices") {
  Raster raster{.width = 4, .height = 1, .channels = 1, .bits = 2, .bytes = {0, 1, 2, 3}};
  Raster expanded = expand(raster, 0, "a.png");
  CHECK(expanded.channels == 1);
  CHECK(expanded.bits == 8);
  CHECK(expanded.bytes == std::vector<std::uint8_t>{0, 85, 170, 255});

  raster.palette = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10, 11, 12}};
  expanded = expand(raster, 0, "a.png");
  CHECK(expanded.channels == 3);
  CHECK(expanded.palette.empty());
  CHECK(expanded.bytes == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});

  raster.palette.pop_back();
  CHECK(made::has(made::error_of([&] { expand(raster, 0, "a.png"); }), "a.png", "index 3", "(x 3, y 0)", "3 colours"));
}

TEST_CASE("expand drops alpha and converts between grey and RGB") {
  const Raster grey_alpha{.width = 2, .height = 1, .channels = 2, .bytes = {10, 0, 20, 255}};
  CHECK(expand(grey_alpha, 0, "a").bytes == std::vector<std::uint8_t>{10, 20});
  CHECK(expand(grey_alpha, 3, "a").bytes == std::vector<std::uint8_t>{10, 10, 10, 20, 20, 20});

  const Raster rgba{.width = 2, .height = 1, .channels = 4, .bytes = {10, 20, 30, 0, 255, 255, 255, 9}};
  CHECK(expand(rgba, 0, "a").bytes == std::vector<std::uint8_t>{10, 20, 30, 255, 255, 255});
  CHECK(expand(rgba, 3, "a").bytes == expand(rgba, 0, "a").bytes);
  // 0.299 * 10 + 0.587 * 20 + 0.114 * 30 = 18.15
  CHECK(expand(rgba, 1, "a").bytes == std::vector<std::uint8_t>{18, 255});

  Raster deep = make_raster({.width = 2, .height = 1, .channels = 3, .bits = 16}, "a");
  for (std::size_t c = 0; c < 3; ++c) deep.set_sample(c, 65535);
  deep.set_sample(4, 10000);
  const Raster luma = expand(deep, 1, "a");
  CHECK(luma.bits == 16);
  CHECK(luma.sample(0) == 65535);
  CHECK(luma.sample(1) == 5870);

  CHECK(made::has(made::error_of([&] { expand(rgba, 2, "a.png"); }), "a.png", "2 channels", "3 (RGB)"));
}
