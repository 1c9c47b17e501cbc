// Damaged PNG and JPEG files: each is read whole or is an Error. Run under the address sanitizer, this also shows that
// nothing is read out of bounds and nothing leaks.
#include <images/made_jpeg.hpp>
#include <images/made_png.hpp>
#include <pix2pixhd/images/files.hpp>

#include <doctest/doctest.h>

#include <random>

using namespace pix2pixhd;

namespace {

/// Decodes and converts, and returns whether there was no Error. Any other exception fails the test.
bool survives(const made::Bytes& file, bool png) {
  try {
    const Raster raster = png ? decode_png(file, "damaged") : decode_jpeg(file, "damaged");
    check_raster(raster, "damaged");
    made::error_of([&] { to_labels(raster, "damaged"); });
    made::error_of([&] { to_instances(raster, "damaged"); });
    to_image(raster, 3, "damaged");
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::vector<made::Bytes> every_png() {
  std::vector<made::Bytes> files;
  for (const Raster& raster : made::every_png_kind()) {
    files.push_back(made::make_png(raster));
    files.push_back(made::make_png(raster, {.interlaced = true}));
    files.push_back(encode_png(raster, "whole"));
  }
  return files;
}

/// A few bytes of a file changed, some of them to values that stand for lengths and markers.
made::Bytes damaged(const made::Bytes& file, std::mt19937& random) {
  made::Bytes result = file;
  const unsigned changes = 1 + static_cast<unsigned>(random()) % 4;
  for (unsigned i = 0; i < changes; ++i) {
    const std::size_t at = random() % result.size();
    switch (random() % 4) {
      case 0:
        result[at] = std::byte{0};
        break;
      case 1:
        result[at] = std::byte{0xFF};
        break;
      default:
        result[at] ^= static_cast<std::byte>(1U << random() % 8);
    }
  }
  return result;
}

}  // namespace

TEST_CASE("a PNG cut anywhere is an Error") {
  for (const made::Bytes& file : every_png()) {
    REQUIRE(survives(file, true));
    for (std::size_t length = 0; length < file.size(); ++length) {
      CHECK_FALSE(survives(made::Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)), true));
    }
  }
}

TEST_CASE("a JPEG cut anywhere is an Error") {
  for (const made::Bytes& file : made::every_jpeg_kind()) {
    REQUIRE(survives(file, false));
    for (std::size_t length = 0; length < file.size(); ++length) {
      CHECK_FALSE(survives(made::Bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)), false));
    }
  }
}

TEST_CASE("thousands of damaged PNG files are read or refused") {
  std::mt19937 random(2018);
  int refused = 0;
  int behind_the_check_sum = 0;
  for (const made::Bytes& file : every_png()) {
    for (int i = 0; i < 150; ++i) {
      made::Bytes bad = damaged(file, random);
      refused += survives(bad, true) ? 0 : 1;
      made::repair_crcs(bad);
      behind_the_check_sum += survives(bad, true) ? 1 : 0;
    }
  }
  // The damage is such that both happens.
  CHECK(refused > 1000);
  CHECK(behind_the_check_sum > 100);
}

TEST_CASE("thousands of damaged JPEG files are read or refused") {
  std::mt19937 random(2018);
  int refused = 0;
  int read = 0;
  for (const made::Bytes& file : made::every_jpeg_kind()) {
    for (int i = 0; i < 800; ++i) ++(survives(damaged(file, random), false) ? read : refused);
  }
  CHECK(refused > 1000);
  CHECK(read > 100);
}

TEST_CASE("paths that hold no picture are refused with a sentence") {
  const made::TemporaryFolder directory;
  made::write(directory / "empty.png", {});
  std::filesystem::create_directory(directory / "folder.png");
  const auto all_refuse = [&](const std::string& name, const std::string& reason) {
    for (const std::string& message :
         {made::error_of([&] { read_image(directory / name); }), made::error_of([&] { read_labels(directory / name); }),
          made::error_of([&] { read_instances(directory / name); }),
          made::error_of([&] { read_raster(directory / name); })}) {
      CHECK(made::has(message, name, reason));
    }
  };
  all_refuse("empty.png", "empty");
  all_refuse("folder.png", "directory");
  all_refuse("absent.png", "No such file");
  made::write(directory / "short.png", {std::byte{0x89}});
  all_refuse("short.png", "neither");
  all_refuse("/dev/zero", "neither");
  made::write(directory / "begin.png", made::Bytes(made::png_begin({.width = 100000, .height = 2000})));
  all_refuse("begin.png", "begin.png");
}
