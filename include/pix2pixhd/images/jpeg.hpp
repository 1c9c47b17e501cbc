#pragma once
/// JPEG, through libjpeg or libjpeg-turbo.

#include <pix2pixhd/images/raster.hpp>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Whether these bytes begin as a JPEG file does.
bool is_jpeg(std::span<const std::byte> file);

/// Decodes a whole JPEG file, grey or colour, baseline or progressive, to 8-bit grey or RGB. Orientation and colour
/// profiles stated in the file are ignored.
/// `name` is the file that messages speak of. Errors: damaged or incomplete files (never a part of a picture; what
/// libjpeg only warns of is an error too, unless the samples are whole), CMYK, arithmetic coding, more than max_pixels
/// pixels, a size that a file of this length cannot hold. A JPEG has no check sums: damage that makes other valid codes
/// shows in the picture only.
Raster decode_jpeg(std::span<const std::byte> file, std::string_view name);

/// How a JPEG file is written.
struct JpegOptions {
  /// libjpeg's scale, 1 to 100.
  int quality = 95;
  /// Whether colours are stored at half the resolution, as most programs do.
  bool subsample = false;
};

/// Encodes 8-bit grey or RGB as a baseline JPEG file. Errors: another raster (expand() makes these), a palette, a side
/// above 65500, a quality outside 1 to 100.
std::vector<std::byte> encode_jpeg(const Raster& raster, std::string_view name, const JpegOptions& options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/jpeg-inl.hpp>
#endif
