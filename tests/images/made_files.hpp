#pragma once
/// What the tests of pictures share: files in a directory of their own, random samples, the text of errors.

#include <pix2pixhd/images/raster.hpp>

#include <temporary_folder.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace made {

using Bytes = std::vector<std::byte>;

using tests::TemporaryFolder;

inline void write(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream stream(path, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

inline Bytes read(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

/// The message of the Error that `work` throws, or "" where it throws none. Other exceptions pass.
template <class Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const pix2pixhd::Error& error) {
    return error.what();
  }
  return "";
}

/// Whether `text` has all of the parts.
template <class... Parts>
bool has(const std::string& text, const Parts&... parts) {
  return ((text.find(parts) != std::string::npos) && ...);
}

/// A raster of random samples, the same everywhere.
inline pix2pixhd::Raster random_raster(const pix2pixhd::RasterShape& shape, unsigned seed) {
  std::mt19937 random(seed);
  pix2pixhd::Raster raster = pix2pixhd::make_raster(shape, "random");
  for (std::size_t i = 0; i < raster.samples(); ++i) {
    raster.set_sample(i, static_cast<unsigned>(random()) & raster.max_sample());
  }
  return raster;
}

/// The same with a palette that has a colour for each index.
inline pix2pixhd::Raster random_palette_raster(const pix2pixhd::RasterShape& shape, unsigned seed) {
  std::mt19937 random(seed + 1);
  const auto byte = [&] { return static_cast<std::uint8_t>(random() & 255U); };
  pix2pixhd::Raster raster = random_raster(shape, seed);
  for (unsigned i = 0; i <= raster.max_sample(); ++i) {
    const std::uint8_t red = byte();
    const std::uint8_t green = byte();
    raster.palette.push_back({.red = red, .green = green, .blue = byte()});
  }
  return raster;
}

inline bool same(const pix2pixhd::Raster& a, const pix2pixhd::Raster& b) {
  return a.width == b.width && a.height == b.height && a.channels == b.channels && a.bits == b.bits &&
         a.bytes == b.bytes && a.palette == b.palette;
}

}  // namespace made
