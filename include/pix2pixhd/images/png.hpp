#pragma once
/// PNG, through libpng.

#include <pix2pixhd/images/raster.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Whether these bytes begin as a PNG file does.
bool is_png(std::span<const std::byte> file);

/// Decodes a whole PNG file: grey of 1, 2, 4, 8, 16 bit, palette of 1, 2, 4, 8 bit, grey with alpha, RGB and RGBA of 8
/// and 16 bit, interlaced or not. Samples are returned as they are stored: gamma, colour profiles, a transparent colour
/// (tRNS) and all text are ignored. `name` is the file that messages speak of. Errors: damaged or incomplete files
/// (never a part of a picture), more than max_pixels pixels, a size that a file of this length cannot hold.
Raster decode_png(std::span<const std::byte> file, std::string_view name);

/// How a PNG file is written.
struct PngOptions {
  /// zlib's level: 0 stores, 1 is fast, 9 is small. For photographs, 6 takes three times as long as 3 and saves a
  /// tenth.
  int level = 3;
};

/// Encodes any raster as a PNG file. Error: a raster that check_raster() refuses, or a level outside 0 to 9.
std::vector<std::byte> encode_png(const Raster& raster, std::string_view name, const PngOptions& options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/png-inl.hpp>
#endif
