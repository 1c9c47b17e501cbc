#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/c_library.hpp>
#include <pix2pixhd/images/png.hpp>

#include <png.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE void png_failed(png_structp png, png_const_charp message) {
  static_cast<CLibraryFailure*>(png_get_error_ptr(png))->leave(message == nullptr ? "unknown error" : message);
}

/// Warnings speak of chunks that have no influence on the samples.
PIX2PIXHD_INLINE void png_warned(png_structp, png_const_charp) {}

/// libpng's state for one file in memory.
struct PngReader {
  explicit PngReader(std::span<const std::byte> file) : rest(file) {}
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  CLibraryFailure failure;
  std::span<const std::byte> rest;
  png_structp png = nullptr;
  png_infop info = nullptr;
};

PIX2PIXHD_INLINE void png_take_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto& rest = static_cast<PngReader*>(png_get_io_ptr(png))->rest;
  if (count > rest.size()) png_error(png, "the file ends too early");
  std::memcpy(to, rest.data(), count);
  rest = rest.subspan(count);
}

[[noreturn]] PIX2PIXHD_INLINE void throw_png_error(const CLibraryFailure& failure, std::string_view name) {
  throw Error(sentence(name, " cannot be read as PNG: ", failure.text.data(),
                       ". The file is damaged or incomplete; copy or make it anew."));
}

/// Reads everything before the pixels, and sets libpng up to give samples as Raster wants them.
PIX2PIXHD_INLINE void read_png_header(PngReader& reader, std::string_view name) {
  const bool done = run_guarded(reader.failure, [&] {
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader.failure, png_failed, png_warned);
    if (reader.png == nullptr) reader.failure.leave("libpng could not be started");
    reader.info = png_create_info_struct(reader.png);
    if (reader.info == nullptr) reader.failure.leave("libpng could not be started");
    png_set_read_fn(reader.png, &reader, png_take_bytes);
    png_set_user_limits(reader.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_cache_max(reader.png, 16);
    png_set_chunk_malloc_max(reader.png, 1 << 20);
#ifdef PNG_SET_UNKNOWN_CHUNKS_SUPPORTED
    // Text, profiles and the like are skipped unread: they carry nothing we use, and compressed data of unknown size.
    png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
#endif
    png_read_info(reader.png, reader.info);
    png_set_packing(reader.png);
    if (std::endian::native == std::endian::little) png_set_swap(reader.png);
    png_set_interlace_handling(reader.png);
  });
  if (!done) throw_png_error(reader.failure, name);
}

PIX2PIXHD_INLINE Palette png_palette(PngReader& reader) {
  png_colorp colours = nullptr;
  int count = 0;
  if (png_get_PLTE(reader.png, reader.info, &colours, &count) == 0) return {};
  Palette palette(static_cast<std::size_t>(count));
  std::transform(colours, colours + count, palette.begin(), [](const png_color& colour) {
    return Rgb{.red = colour.red, .green = colour.green, .blue = colour.blue};
  });
  return palette;
}

/// A raster of the size and format in the header. Error where the file is too short for it.
PIX2PIXHD_INLINE Raster png_raster(PngReader& reader, std::size_t file_bytes, std::string_view name) {
  const std::int64_t width = png_get_image_width(reader.png, reader.info);
  const std::int64_t height = png_get_image_height(reader.png, reader.info);
  require(width * height <= max_pixels, name, " is ", width, "x", height, " pixels; at most ", max_pixels,
          " pixels are allowed. Cut the picture into parts.");
  const int channels = png_get_channels(reader.png, reader.info);
  const int bits = png_get_bit_depth(reader.png, reader.info);
  // Deflate makes at most 1032 bytes of one. A header that claims more is refused before memory is taken for it.
  const std::int64_t packed_bytes = width * height * channels * bits / 8;
  require(packed_bytes / 1032 <= static_cast<std::int64_t>(file_bytes), name, " claims to be ", width, "x", height,
          " pixels, but its ", file_bytes, " bytes cannot hold so many. The file is damaged or incomplete.");
  Raster raster = make_raster(
      {.width = static_cast<int>(width), .height = static_cast<int>(height), .channels = channels, .bits = bits}, name);
  if (png_get_color_type(reader.png, reader.info) == PNG_COLOR_TYPE_PALETTE) raster.palette = png_palette(reader);
  return raster;
}

/// The beginning of each row.
PIX2PIXHD_INLINE std::vector<png_bytep> png_rows(Raster& raster) {
  std::vector<png_bytep> rows(static_cast<std::size_t>(raster.height));
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y] = raster.bytes.data() + y * raster.row_bytes();
  return rows;
}

/// libpng's state for one file that is written into memory.
struct PngWriter {
  PngWriter() = default;
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;
  ~PngWriter() { png_destroy_write_struct(&png, &info); }

  CLibraryFailure failure;
  std::vector<std::byte> file;
  png_structp png = nullptr;
  png_infop info = nullptr;
};

/// Whether there was memory for the bytes. A function of its own: an exception must have ended before longjmp.
PIX2PIXHD_INLINE bool append_bytes(std::vector<std::byte>& to, const void* from, std::size_t count) noexcept {
  const auto* bytes = static_cast<const std::byte*>(from);
  try {
    to.insert(to.end(), bytes, bytes + count);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

PIX2PIXHD_INLINE void png_give_bytes(png_structp png, png_bytep from, std::size_t count) {
  auto& file = static_cast<PngWriter*>(png_get_io_ptr(png))->file;
  if (!append_bytes(file, from, count)) png_error(png, "there is not enough memory");
}

PIX2PIXHD_INLINE void png_flush_nothing(png_structp) {}

PIX2PIXHD_INLINE int png_colour_type(const Raster& raster) {
  if (!raster.palette.empty()) return PNG_COLOR_TYPE_PALETTE;
  switch (raster.channels) {
    case 1:
      return PNG_COLOR_TYPE_GRAY;
    case 2:
      return PNG_COLOR_TYPE_GRAY_ALPHA;
    case 3:
      return PNG_COLOR_TYPE_RGB;
    default:
      return PNG_COLOR_TYPE_RGB_ALPHA;
  }
}

}  // namespace detail

PIX2PIXHD_INLINE bool is_png(std::span<const std::byte> file) {
  // Four bytes of the eight: the others tell how the file was damaged, which libpng says.
  constexpr unsigned char begin[] = {0x89, 'P', 'N', 'G'};
  return file.size() >= sizeof(begin) && std::memcmp(file.data(), begin, sizeof(begin)) == 0;
}

PIX2PIXHD_INLINE Raster decode_png(std::span<const std::byte> file, std::string_view name) {
  detail::PngReader reader(file);
  detail::read_png_header(reader, name);
  Raster raster = detail::png_raster(reader, file.size(), name);
  const std::vector<png_bytep> rows = detail::png_rows(raster);
  const bool done = detail::run_guarded(reader.failure, [&] {
    png_read_update_info(reader.png, reader.info);
    if (png_get_rowbytes(reader.png, reader.info) != raster.row_bytes()) png_error(reader.png, "unexpected row size");
    png_read_image(reader.png, const_cast<png_bytepp>(rows.data()));
    // A file without its end is an incomplete file, even if all rows are there.
    png_read_end(reader.png, nullptr);
  });
  if (!done) detail::throw_png_error(reader.failure, name);
  return raster;
}

PIX2PIXHD_INLINE std::vector<std::byte> encode_png(const Raster& raster, std::string_view name,
                                                   const PngOptions& options) {
  check_raster(raster, name);
  detail::require(options.level >= 0 && options.level <= 9, name, " would be written with compression level ",
                  options.level, "; levels are 0 to 9.");
  detail::PngWriter writer;
  // libpng's functions for writing take pointers to non-const rows, and do not write to them.
  std::vector<png_bytep> rows = detail::png_rows(const_cast<Raster&>(raster));
  std::vector<png_color> colours;
  for (const Rgb& colour : raster.palette) colours.push_back({colour.red, colour.green, colour.blue});
  const bool done = detail::run_guarded(writer.failure, [&] {
    writer.png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer.failure, detail::png_failed, detail::png_warned);
    if (writer.png == nullptr) writer.failure.leave("libpng could not be started");
    writer.info = png_create_info_struct(writer.png);
    if (writer.info == nullptr) writer.failure.leave("libpng could not be started");
    png_set_write_fn(writer.png, &writer, detail::png_give_bytes, detail::png_flush_nothing);
    png_set_user_limits(writer.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_compression_level(writer.png, options.level);
    png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(raster.width),
                 static_cast<png_uint_32>(raster.height), raster.bits, detail::png_colour_type(raster),
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (!colours.empty()) png_set_PLTE(writer.png, writer.info, colours.data(), static_cast<int>(colours.size()));
    png_write_info(writer.png, writer.info);
    png_set_packing(writer.png);
    if (std::endian::native == std::endian::little) png_set_swap(writer.png);
    png_write_image(writer.png, rows.data());
    png_write_end(writer.png, nullptr);
  });
  detail::require(done, name, " cannot be written as PNG: ", writer.failure.text.data(), ".");
  return std::move(writer.file);
}

}  // namespace pix2pixhd::inline v0
