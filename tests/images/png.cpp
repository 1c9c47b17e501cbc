#include <images/made_png.hpp>
#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/images/png.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace pix2pixhd;

namespace {

std::string decode_error(const made::Bytes& file) {
  return made::error_of([&] { decode_png(file, "a.png"); });
}

}  // namespace

TEST_CASE("every kind of PNG is decoded exactly, interlaced or not") {
  for (const Raster& raster : made::every_png_kind()) {
    CAPTURE(raster.bits);
    CAPTURE(raster.channels);
    CAPTURE(raster.palette.size());
    CHECK(made::same(decode_png(made::make_png(raster), "a.png"), raster));
    CHECK(made::same(decode_png(made::make_png(raster, {.interlaced = true}), "a.png"), raster));
  }
}

TEST_CASE("every raster is encoded exactly") {
  for (const Raster& raster : made::every_png_kind()) {
    for (const int level : {0, 3, 9}) {
      const made::Bytes file = encode_png(raster, "a.png", {.level = level});
      CHECK(is_png(file));
      CHECK(made::same(decode_png(file, "a.png"), raster));
    }
  }
}

TEST_CASE("pictures of one pixel, row or column are whole") {
  for (const auto& [width, height] : {std::array{1, 1}, std::array{1, 40}, std::array{40, 1}, std::array{2, 3}}) {
    const Raster raster = made::random_raster({.width = width, .height = height, .channels = 3}, 5);
    CHECK(made::same(decode_png(made::make_png(raster), "a.png"), raster));
    CHECK(made::same(decode_png(made::make_png(raster, {.interlaced = true}), "a.png"), raster));
    CHECK(made::same(decode_png(encode_png(raster, "a.png"), "a.png"), raster));
  }
}

TEST_CASE("a transparent colour changes nothing") {
  const Raster grey = made::random_raster({.width = 5, .height = 4}, 1);
  CHECK(made::same(decode_png(made::make_png(grey, {.transparency = made::Bytes(2)}), "a.png"), grey));
  const Raster rgb = made::random_raster({.width = 5, .height = 4, .channels = 3}, 1);
  CHECK(made::same(decode_png(made::make_png(rgb, {.transparency = made::Bytes(6)}), "a.png"), rgb));
  const Raster palette = made::random_palette_raster({.width = 5, .height = 4, .bits = 4}, 1);
  CHECK(made::same(decode_png(made::make_png(palette, {.transparency = made::Bytes(9)}), "a.png"), palette));
}

TEST_CASE("a palette shorter than the indices is found when colours are asked for, not when indices are") {
  Raster raster = made::random_palette_raster({.width = 5, .height = 4, .bits = 8}, 1);
  raster.bytes[7] = 250;
  const Raster decoded = decode_png(made::make_png(raster, {.colours = 200}), "a.png");
  CHECK(decoded.palette.size() == 200);
  CHECK(to_labels(decoded, "a.png")(1, 2) == 250);
  CHECK(made::has(made::error_of([&] { to_image(decoded, 0, "a.png"); }), "a.png", "200 colours"));
}

TEST_CASE("files of Pillow are read as Pillow reads them") {
  // Written by Pillow 13 from v(x, y, c) = (9 x + 5 y + 60 c) mod 256.
  const std::string folder = std::string(PIX2PIXHD_TEST_DATA) + "/images/";
  const auto value = [](int x, int y, int c) { return static_cast<unsigned>((9 * x + 5 * y + 60 * c) % 256); };
  const auto decoded = [&](const std::string& name) { return decode_png(made::read(folder + name), name); };
  const Raster grey8 = decoded("grey8.png");
  const Raster grey16 = decoded("grey16.png");
  const Raster grey_alpha8 = decoded("grey_alpha8.png");
  const Raster rgb8 = decoded("rgb8.png");
  const Raster rgba8 = decoded("rgba8.png");
  const Raster palette4 = decoded("palette4.png");
  CHECK(palette4.bits == 4);
  CHECK(palette4.palette[12] == Rgb{.red = 192, .green = 63, .blue = 60});
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 24; ++x) {
      const std::size_t i = static_cast<std::size_t>(24 * y + x);
      CHECK(grey8.sample(i) == value(x, y, 0));
      CHECK(grey16.sample(i) == value(x, y, 0) * 257);
      CHECK(grey_alpha8.sample(2 * i) == value(x, y, 1));
      CHECK(grey_alpha8.sample(2 * i + 1) == value(x, y, 0));
      CHECK(palette4.sample(i) == value(x, y, 0) / 20);
      for (int c = 0; c < 3; ++c) {
        CHECK(rgb8.sample(3 * i + static_cast<std::size_t>(c)) == value(x, y, c));
        CHECK(rgba8.sample(4 * i + static_cast<std::size_t>(c)) == value(x, y, c));
      }
      CHECK(rgba8.sample(4 * i + 3) == value(x, y, 0) / 2);
    }
  }
}

TEST_CASE("an incomplete file is an error, also where only its last rows or its end are missing") {
  const Raster raster = made::random_raster({.width = 20, .height = 20}, 1);
  made::Bytes file = made::make_png(raster);
  file.resize(file.size() - 1);
  CHECK(made::has(decode_error(file), "a.png", "ends too early"));
  file.resize(file.size() - 11);
  CHECK(made::has(decode_error(file), "a.png", "ends too early"));
  file.resize(file.size() / 2);
  CHECK(made::has(decode_error(file), "a.png", "ends too early"));
  CHECK(made::has(decode_error(made::make_png(raster, {.missing_rows = 1})), "a.png", "damaged or incomplete"));
  CHECK(made::has(decode_error(made::make_png(raster, {.interlaced = true, .missing_rows = 1})), "a.png"));
}

TEST_CASE("a wrong check sum is an error") {
  made::Bytes file = made::make_png(made::random_raster({.width = 20, .height = 20}, 1));
  file[file.size() - 14] ^= std::byte{1};  // in that of the last IDAT
  CHECK(made::has(decode_error(file), "a.png", "CRC"));
}

TEST_CASE("sizes that cannot be are refused before memory is taken") {
  const auto message = [](const made::PngHeader& header) {
    made::Bytes file = made::png_begin(header);
    made::put_chunk(file, "IDAT", made::zlib_stored(made::Bytes(100)));
    made::put_chunk(file, "IEND", {});
    return decode_error(file);
  };
  CHECK(made::has(message({.width = 0, .height = 5}), "a.png", "IHDR"));
  CHECK(made::has(message({.width = 0xFFFFFFFFU, .height = 5}), "a.png"));
  CHECK(made::has(message({.width = 0x7FFFFFFFU, .height = 0x7FFFFFFFU}), "2147483647x2147483647", "268435456"));
  CHECK(made::has(message({.width = 16384, .height = 16384}), "16384x16384", "cannot hold"));
  CHECK(made::has(message({.width = 5, .height = 5, .bits = 3}), "a.png", "IHDR"));
  CHECK(made::has(message({.width = 5, .height = 5, .colour_type = 3}), "a.png", "PLTE"));
}

TEST_CASE("what is no PNG is told") {
  CHECK_FALSE(is_png(made::Bytes{}));
  CHECK_FALSE(is_png(made::Bytes(100)));
  made::Bytes file = made::make_png(made::random_raster({.width = 5, .height = 5}, 1));
  CHECK(is_png(file));
  // What a transfer in text mode does.
  file.erase(file.begin() + 4);
  CHECK(is_png(file));
  CHECK(made::has(decode_error(file), "a.png", "damaged"));
}

TEST_CASE("a raster that cannot be written is refused") {
  const Raster raster = made::random_raster({.width = 5, .height = 5}, 1);
  CHECK(made::has(made::error_of([&] { encode_png(raster, "a.png", {.level = 10}); }), "a.png", "level 10"));
  CHECK(made::has(made::error_of([&] { encode_png(Raster{}, "a.png"); }), "a.png", "0x0"));
}
