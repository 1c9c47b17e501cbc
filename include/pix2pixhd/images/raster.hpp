#pragma once
/// Pictures as files hold them: integer samples, before anything is made of them.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The largest picture that is read or written, in pixels. A file that claims more is refused before memory is taken.
inline constexpr std::int64_t max_pixels = std::int64_t{1} << 28;

/// A colour of 8 bits a channel.
struct Rgb {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  friend constexpr bool operator==(const Rgb&, const Rgb&) = default;
};

/// Colours by index: of a palette file, or of the classes of a label map.
using Palette = std::vector<Rgb>;

/// A decoded picture: the samples exactly as the file states them. Indices stay indices, 1, 2 and 4 bit are unpacked
/// but not scaled, alpha is kept.
struct Raster {
  int width = 0;
  int height = 0;
  /// 1: grey, or indices where there is a palette. 2: grey and alpha. 3: red, green, blue. 4: the same and alpha.
  int channels = 1;
  /// Bits of a sample: 1, 2, 4, 8 or 16.
  int bits = 8;
  /// Rows from the top, pixels from the left, channels together. A sample takes one byte, or two in the byte order of
  /// the machine where `bits` is 16.
  std::vector<std::uint8_t> bytes = {};
  /// Not empty for a palette picture only.
  Palette palette = {};

  std::size_t sample_bytes() const { return bits > 8 ? 2 : 1; }
  std::size_t pixels() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
  std::size_t samples() const { return pixels() * static_cast<std::size_t>(channels); }
  std::size_t row_bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(channels) * sample_bytes();
  }

  /// The largest value of a sample.
  unsigned max_sample() const { return (1U << bits) - 1U; }

  /// The sample at a position counted in samples. Not checked.
  unsigned sample(std::size_t position) const {
    if (bits <= 8) return bytes[position];
    std::uint16_t value = 0;
    std::memcpy(&value, bytes.data() + 2 * position, sizeof(value));
    return value;
  }

  /// Writes the sample at a position counted in samples. Not checked; `value` is at most max_sample().
  void set_sample(std::size_t position, unsigned value) {
    const auto narrow = static_cast<std::uint16_t>(value);
    if (bits <= 8) {
      bytes[position] = static_cast<std::uint8_t>(narrow);
    } else {
      std::memcpy(bytes.data() + 2 * position, &narrow, sizeof(narrow));
    }
  }
};

/// How make_raster() is told what to make.
struct RasterShape {
  int width = 0;
  int height = 0;
  int channels = 1;
  int bits = 8;
};

namespace detail {

/// Error as make_raster() throws it.
void check_raster_shape(const RasterShape& shape, std::string_view name);

}  // namespace detail

/// A raster of zeros. Error unless both sides are at least 1, the pixels at most max_pixels, and channels and bits
/// among those that Raster names. `name` is the file that messages speak of.
Raster make_raster(const RasterShape& shape, std::string_view name);

/// Error unless the raster is one that make_raster() could have made and a palette could fit.
void check_raster(const Raster& raster, std::string_view name);

/// The samples that images are made of: 8 or 16 bit, grey or RGB. Indices become colours; 1, 2 and 4 bit are scaled to
/// 8; alpha is dropped and the colours below it stay as they are stored (as Pillow's convert("RGB") does). `channels`
/// is 1, 3, or 0 for what the file has. Grey becomes RGB by repetition; RGB becomes grey by the weights 0.299, 0.587,
/// 0.114 in fixed point, as Pillow's convert("L") does. Errors: another number of channels; an index without a colour
/// (file and pixel are named).
Raster expand(const Raster& raster, int channels, std::string_view name);

/// A raster of 16 bits with samples of 8 bits, rounded to the nearest; others as they are.
Raster in_eight_bits(const Raster& raster);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/raster-inl.hpp>
#endif
