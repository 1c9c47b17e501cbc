#pragma once
/// PNG files made byte by byte from the PNG specification, without libpng: an encoder of its own for the tests to
/// compare with, and files that no encoder would make.

#include <images/made_files.hpp>

#include <algorithm>
#include <string_view>

namespace made {

inline void put_u32(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
}

inline std::uint32_t get_u32(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

inline void put_text(Bytes& bytes, std::string_view text) {
  for (const char letter : text) bytes.push_back(static_cast<std::byte>(letter));
}

/// The check sum of a chunk's type and data.
inline std::uint32_t png_crc(const std::byte* begin, const std::byte* end) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (; begin != end; ++begin) {
    crc ^= std::to_integer<std::uint32_t>(*begin);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

inline void put_chunk(Bytes& file, std::string_view type, const Bytes& data) {
  put_u32(file, static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = file.size();
  put_text(file, type);
  file.insert(file.end(), data.begin(), data.end());
  put_u32(file, png_crc(file.data() + begin, file.data() + file.size()));
}

/// Puts the right check sum on every chunk, so that damage gets past it.
inline void repair_crcs(Bytes& file) {
  std::size_t at = 8;
  while (at + 12 <= file.size()) {
    const std::size_t length = get_u32(file, at);
    if (length > file.size() - at - 12) return;
    Bytes crc;
    put_u32(crc, png_crc(file.data() + at + 4, file.data() + at + 8 + length));
    std::copy(crc.begin(), crc.end(), file.begin() + static_cast<std::ptrdiff_t>(at + 8 + length));
    at += length + 12;
  }
}

/// A zlib stream of stored blocks.
inline Bytes zlib_stored(const Bytes& data) {
  Bytes stream = {std::byte{0x78}, std::byte{0x01}};
  for (std::size_t at = 0; at < data.size() || at == 0; at += 65535) {
    const std::size_t size = std::min<std::size_t>(65535, data.size() - at);
    stream.push_back(static_cast<std::byte>(at + size == data.size()));
    for (const std::size_t field : {size, ~size}) {
      stream.push_back(static_cast<std::byte>(field));
      stream.push_back(static_cast<std::byte>(field >> 8));
    }
    const auto begin = data.begin() + static_cast<std::ptrdiff_t>(at);
    stream.insert(stream.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
  }
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::byte byte : data) {
    a = (a + std::to_integer<std::uint32_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  put_u32(stream, b << 16 | a);
  return stream;
}

struct PngHeader {
  std::uint32_t width = 1;
  std::uint32_t height = 1;
  int bits = 8;
  int colour_type = 0;
  bool interlaced = false;
};

/// Signature and IHDR.
inline Bytes png_begin(const PngHeader& header) {
  Bytes file = {std::byte{0x89}, std::byte{'P'}, std::byte{'N'}, std::byte{'G'}};
  put_text(file, "\r\n\x1a\n");
  Bytes ihdr;
  put_u32(ihdr, header.width);
  put_u32(ihdr, header.height);
  for (const int field : {header.bits, header.colour_type, 0, 0, header.interlaced ? 1 : 0}) {
    ihdr.push_back(static_cast<std::byte>(field));
  }
  put_chunk(file, "IHDR", ihdr);
  return file;
}

/// Every step-th pixel from `first` on, in both directions.
struct PngPass {
  int first_x = 0;
  int first_y = 0;
  int step_x = 1;
  int step_y = 1;
};

/// The rows of a pass: each a filter byte of 0 and the packed samples.
inline void put_pass(Bytes& data, const pix2pixhd::Raster& raster, const PngPass& pass) {
  if (pass.first_x >= raster.width) return;
  for (int y = pass.first_y; y < raster.height; y += pass.step_y) {
    data.push_back(std::byte{0});
    unsigned pending = 0;
    int pending_bits = 0;
    for (int x = pass.first_x; x < raster.width; x += pass.step_x) {
      for (int c = 0; c < raster.channels; ++c) {
        const int position = (y * raster.width + x) * raster.channels + c;
        pending = pending << raster.bits | raster.sample(static_cast<std::size_t>(position));
        pending_bits += raster.bits;
        for (; pending_bits >= 8; pending_bits -= 8) {
          data.push_back(static_cast<std::byte>(pending >> (pending_bits - 8)));
        }
      }
    }
    if (pending_bits > 0) data.push_back(static_cast<std::byte>(pending << (8 - pending_bits)));
  }
}

struct PngRecipe {
  bool interlaced = false;
  /// The data of a tRNS chunk.
  Bytes transparency = {};
  /// How many colours of the palette the file has.
  std::size_t colours = 256;
  /// Rows that are left out at the end, without a sign of it in the header.
  int missing_rows = 0;
};

/// A PNG file of any raster.
inline Bytes make_png(const pix2pixhd::Raster& raster, const PngRecipe& recipe = {}) {
  constexpr int colour_types[] = {0, 4, 2, 6};
  Bytes file = png_begin({.width = static_cast<std::uint32_t>(raster.width),
                          .height = static_cast<std::uint32_t>(raster.height),
                          .bits = raster.bits,
                          .colour_type = raster.palette.empty() ? colour_types[raster.channels - 1] : 3,
                          .interlaced = recipe.interlaced});
  put_chunk(file, "tEXt", Bytes(20, std::byte{'a'}));
  if (!raster.palette.empty()) {
    Bytes colours;
    for (std::size_t i = 0; i < std::min(raster.palette.size(), recipe.colours); ++i) {
      const pix2pixhd::Rgb colour = raster.palette[i];
      for (const std::uint8_t value : {colour.red, colour.green, colour.blue}) colours.push_back(std::byte{value});
    }
    put_chunk(file, "PLTE", colours);
  }
  if (!recipe.transparency.empty()) put_chunk(file, "tRNS", recipe.transparency);

  pix2pixhd::Raster kept = raster;
  kept.height -= recipe.missing_rows;
  Bytes data;
  if (recipe.interlaced) {
    constexpr PngPass passes[] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                  {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    for (const PngPass& pass : passes) put_pass(data, kept, pass);
  } else {
    put_pass(data, kept, {});
  }
  // Two chunks, as large files have.
  const Bytes stream = zlib_stored(data);
  const auto half = stream.begin() + static_cast<std::ptrdiff_t>(stream.size() / 2);
  put_chunk(file, "IDAT", Bytes(stream.begin(), half));
  put_chunk(file, "IDAT", Bytes(half, stream.end()));
  put_chunk(file, "IEND", {});
  return file;
}

/// One small raster of every kind that PNG has.
inline std::vector<pix2pixhd::Raster> every_png_kind() {
  std::vector<pix2pixhd::Raster> rasters;
  unsigned seed = 1;
  for (const int bits : {1, 2, 4, 8, 16}) {
    rasters.push_back(random_raster({.width = 13, .height = 11, .channels = 1, .bits = bits}, seed++));
    if (bits <= 8) {
      rasters.push_back(random_palette_raster({.width = 13, .height = 11, .channels = 1, .bits = bits}, seed++));
    }
    if (bits < 8) continue;
    for (const int channels : {2, 3, 4}) {
      rasters.push_back(random_raster({.width = 13, .height = 11, .channels = channels, .bits = bits}, seed++));
    }
  }
  return rasters;
}

}  // namespace made
