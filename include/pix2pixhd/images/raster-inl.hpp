#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/images/raster.hpp>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE void check_raster_shape(const RasterShape& shape, std::string_view name) {
  require(shape.width >= 1 && shape.height >= 1, name, " is ", shape.width, "x", shape.height,
          " pixels; both sides must be at least 1.");
  require(static_cast<std::int64_t>(shape.width) * shape.height <= max_pixels, name, " is ", shape.width, "x",
          shape.height, " pixels; at most ", max_pixels, " pixels are allowed. Cut the picture into parts.");
  require(shape.channels >= 1 && shape.channels <= 4, name, " has ", shape.channels,
          " channels; 1 (grey), 2 (grey, alpha), 3 (RGB) and 4 (RGB, alpha) are possible.");
  const int bits = shape.bits;
  const bool any_depth = bits == 8 || bits == 16;
  require(any_depth || (shape.channels == 1 && (bits == 1 || bits == 2 || bits == 4)), name, " has ", bits,
          " bits a sample in ", shape.channels,
          " channels; 8 and 16 are possible, and 1, 2 and 4 for a picture of one channel.");
}

/// The grey of a colour, in the samples' own range.
PIX2PIXHD_INLINE unsigned luma(unsigned red, unsigned green, unsigned blue) {
  // The weights add up to 2^16, so white stays white; 16-bit samples need the wider type.
  const std::uint64_t sum = 19595ULL * red + 38470ULL * green + 7471ULL * blue + 0x8000ULL;
  return static_cast<unsigned>(sum >> 16);
}

/// Indices replaced by their colours.
PIX2PIXHD_INLINE Raster apply_palette(const Raster& raster, std::string_view name) {
  Raster result = make_raster({.width = raster.width, .height = raster.height, .channels = 3, .bits = 8}, name);
  for (std::size_t i = 0; i < raster.pixels(); ++i) {
    const std::size_t index = raster.bytes[i];
    if (index >= raster.palette.size()) {
      throw Error(sentence(name, " has index ", index, " at pixel ", pixel_position(i, raster.width),
                           ", but its palette has ", raster.palette.size(),
                           " colours. The file is damaged; make it anew."));
    }
    const Rgb colour = raster.palette[index];
    result.bytes[3 * i] = colour.red;
    result.bytes[3 * i + 1] = colour.green;
    result.bytes[3 * i + 2] = colour.blue;
  }
  return result;
}

}  // namespace detail

PIX2PIXHD_INLINE Raster make_raster(const RasterShape& shape, std::string_view name) {
  detail::check_raster_shape(shape, name);
  Raster raster{.width = shape.width, .height = shape.height, .channels = shape.channels, .bits = shape.bits};
  raster.bytes.resize(raster.samples() * raster.sample_bytes());
  return raster;
}

PIX2PIXHD_INLINE void check_raster(const Raster& raster, std::string_view name) {
  detail::check_raster_shape(
      {.width = raster.width, .height = raster.height, .channels = raster.channels, .bits = raster.bits}, name);
  detail::require(raster.bytes.size() == raster.samples() * raster.sample_bytes(), name, " holds ", raster.bytes.size(),
                  " bytes of samples; its size and format need ", raster.samples() * raster.sample_bytes(), ".");
  if (raster.palette.empty()) return;
  detail::require(raster.channels == 1 && raster.bits <= 8, name, " has a palette, ", raster.channels, " channels and ",
                  raster.bits, " bits; a palette goes with one channel of at most 8 bits.");
  detail::require(raster.palette.size() <= raster.max_sample() + 1U, name, " has a palette of ", raster.palette.size(),
                  " colours; ", raster.bits, " bits can name ", raster.max_sample() + 1U, ".");
}

PIX2PIXHD_INLINE Raster expand(const Raster& raster, int channels, std::string_view name) {
  check_raster(raster, name);
  detail::require(channels == 0 || channels == 1 || channels == 3, name, " was asked for with ", channels,
                  " channels; 1 (grey), 3 (RGB) or 0 (as in the file) can be asked for.");
  if (!raster.palette.empty()) return expand(detail::apply_palette(raster, name), channels, name);

  const int given = raster.channels >= 3 ? 3 : 1;
  const int wanted = channels == 0 ? given : channels;
  if (raster.bits >= 8 && wanted == raster.channels) return raster;

  Raster result = make_raster(
      {.width = raster.width, .height = raster.height, .channels = wanted, .bits = raster.bits == 16 ? 16 : 8}, name);
  const unsigned scale = raster.bits < 8 ? 255U / raster.max_sample() : 1U;
  const auto step = static_cast<std::size_t>(raster.channels);
  const auto result_step = static_cast<std::size_t>(wanted);
  for (std::size_t i = 0; i < raster.pixels(); ++i) {
    const std::size_t from = i * step;
    const std::size_t to = i * result_step;
    if (given == 3 && wanted == 1) {
      result.set_sample(to, detail::luma(raster.sample(from), raster.sample(from + 1), raster.sample(from + 2)));
    } else {
      for (std::size_t c = 0; c < result_step; ++c) {
        result.set_sample(to + c, raster.sample(given == 3 ? from + c : from) * scale);
      }
    }
  }
  return result;
}

PIX2PIXHD_INLINE Raster in_eight_bits(const Raster& raster) {
  if (raster.bits != 16) return raster;
  Raster result = raster;
  result.bits = 8;
  result.bytes.resize(raster.samples());
  constexpr unsigned step = 65535 / 255;
  for (std::size_t i = 0; i < raster.samples(); ++i) result.set_sample(i, (raster.sample(i) + step / 2) / step);
  return result;
}

}  // namespace pix2pixhd::inline v0
