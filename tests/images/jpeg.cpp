#include <images/made_jpeg.hpp>
#include <pix2pixhd/images/jpeg.hpp>
#include <pix2pixhd/images/png.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

using namespace pix2pixhd;

namespace {

std::string decode_error(const made::Bytes& file) {
  return made::error_of([&] { decode_jpeg(file, "a.jpg"); });
}

/// The largest difference of two rasters of the same shape.
int distance(const Raster& a, const Raster& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  REQUIRE(a.channels == b.channels);
  int largest = 0;
  for (std::size_t i = 0; i < a.samples(); ++i) largest = std::max(largest, std::abs(a.bytes[i] - b.bytes[i]));
  return largest;
}

/// A smooth picture.
Raster smooth(int channels) {
  Raster raster = make_raster({.width = 45, .height = 37, .channels = channels}, "smooth");
  for (std::size_t i = 0; i < raster.samples(); ++i) {
    const std::size_t pixel = i / static_cast<std::size_t>(channels);
    raster.set_sample(i,
                      static_cast<unsigned>(pixel % 45 * 3 + pixel / 45 * 2 + i % static_cast<std::size_t>(channels)));
  }
  return raster;
}

}  // namespace

TEST_CASE("files of Pillow are decoded as Pillow decodes them") {
  // Beside each lies what Pillow 13 makes of it. Builds of libjpeg differ by a level or two.
  const std::string folder = std::string(PIX2PIXHD_TEST_DATA) + "/images/";
  for (const std::string name : {"photo", "photo_progressive", "photo_grey"}) {
    const Raster decoded = decode_jpeg(made::read(folder + name + ".jpg"), name);
    CHECK(distance(decoded, decode_png(made::read(folder + name + "_decoded.png"), name)) <= 2);
  }
}

TEST_CASE("what is written is read") {
  for (const int channels : {1, 3}) {
    const Raster raster = smooth(channels);
    const made::Bytes file = encode_jpeg(raster, "a.jpg");
    CHECK(is_jpeg(file));
    CHECK(distance(decode_jpeg(file, "a.jpg"), raster) <= 6);
    CHECK(encode_jpeg(raster, "a.jpg", {.quality = 30}).size() < file.size());
  }
  CHECK(encode_jpeg(smooth(3), "a.jpg", {.subsample = true}).size() < encode_jpeg(smooth(3), "a.jpg").size());
}

TEST_CASE("a file longer than the encoder's buffer is whole") {
  const Raster noise = made::random_raster({.width = 300, .height = 200, .channels = 3}, 1);
  const made::Bytes file = encode_jpeg(noise, "a.jpg", {.quality = 100});
  CHECK(file.size() > 100000);
  CHECK(distance(decode_jpeg(file, "a.jpg"), noise) <= 8);
}

TEST_CASE("grey, colour, progressive and restart markers are read") {
  for (const made::Bytes& file : made::every_jpeg_kind()) {
    const Raster raster = decode_jpeg(file, "a.jpg");
    CHECK(raster.width == 24);
    CHECK(raster.height == 20);
  }
  // The same picture, coded in two ways.
  CHECK(made::same(decode_jpeg(made::make_jpeg({}), "a"), decode_jpeg(made::make_jpeg({.progressive = true}), "a")));
}

TEST_CASE("kinds that are not read are named") {
  CHECK(made::has(decode_error(made::make_jpeg({.components = 4})), "a.jpg", "CMYK", "convert it to RGB"));
  CHECK(made::has(decode_error(made::make_jpeg({.components = 2})), "a.jpg", "2 channels"));
  CHECK(made::has(decode_error(made::make_jpeg({.arithmetic = true})), "a.jpg", "arithmetic"));
}

TEST_CASE("an incomplete file is an error, also where only its end is missing") {
  for (const made::Bytes& whole : made::every_jpeg_kind()) {
    for (const std::size_t missing : {std::size_t{1}, std::size_t{2}, whole.size() / 4, whole.size() - 30}) {
      const made::Bytes file(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(missing));
      CHECK(made::has(decode_error(file), "a.jpg", "damaged or incomplete"));
    }
  }
}

TEST_CASE("damage that libjpeg only warns of is an error") {
  made::Bytes file = made::make_jpeg({.width = 200, .height = 200});
  file.erase(file.end() - 400, file.end() - 2);
  CHECK(made::has(decode_error(file), "a.jpg", "premature end of data"));
}

TEST_CASE("sizes that cannot be are refused before memory is taken") {
  made::Bytes file = made::make_jpeg({});
  // Height and width stand 5 bytes after the marker of the frame.
  const made::Bytes frame = {std::byte{0xFF}, std::byte{0xC0}};
  const auto marker = std::search(file.begin(), file.end(), frame.begin(), frame.end());
  REQUIRE(marker != file.end());
  std::fill(marker + 5, marker + 9, std::byte{0xFF});
  CHECK(made::has(decode_error(file), "a.jpg", "65500"));
  std::fill(marker + 5, marker + 9, std::byte{0x7F});
  CHECK(made::has(decode_error(file), "a.jpg", "32639x32639", "cannot hold"));
  std::fill(marker + 5, marker + 9, std::byte{0});
  CHECK(made::has(decode_error(file), "a.jpg"));
}

TEST_CASE("a file that asks for passes without end is refused") {
  // The last scan is repeated.
  const made::Bytes once = made::make_jpeg({.components = 1, .two_scans = true});
  std::size_t scan = 0;
  for (std::size_t i = 0; i + 1 < once.size(); ++i) {
    if (once[i] == std::byte{0xFF} && once[i + 1] == std::byte{0xDA}) scan = i;
  }
  REQUIRE(scan > 0);
  const auto with_scans = [&](int scans) {
    made::Bytes file(once.begin(), once.end() - 2);
    for (int i = 2; i < scans; ++i) {
      file.insert(file.end(), once.begin() + static_cast<std::ptrdiff_t>(scan), once.end() - 2);
    }
    file.insert(file.end(), once.end() - 2, once.end());
    return file;
  };
  CHECK(decode_error(with_scans(20)) == "");
  CHECK(made::has(decode_error(with_scans(600)), "a.jpg", "too many scans"));
}

TEST_CASE("rasters that a JPEG cannot hold are refused") {
  const auto message = [](const Raster& raster, const JpegOptions& options = {}) {
    return made::error_of([&] { encode_jpeg(raster, "a.jpg", options); });
  };
  CHECK(made::has(message(made::random_raster({.width = 2, .height = 2, .bits = 16}, 1)), "a.jpg", "16 bits", "PNG"));
  CHECK(made::has(message(made::random_raster({.width = 2, .height = 2, .channels = 4}, 1)), "4 channels"));
  CHECK(made::has(message(made::random_palette_raster({.width = 2, .height = 2}, 1)), "a.jpg"));
  CHECK(made::has(message(made::random_raster({.width = 65501, .height = 1}, 1)), "a.jpg", "65500"));
  CHECK(made::has(message(smooth(3), {.quality = 0}), "quality 0"));
}
