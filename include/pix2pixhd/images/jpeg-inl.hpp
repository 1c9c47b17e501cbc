#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/c_library.hpp>
#include <pix2pixhd/images/jpeg.hpp>

#include <array>
#include <cstdio>
#include <cstring>
#include <new>

// They need <cstdio> before them.
#include <jpeglib.h>
//
#include <jerror.h>

namespace pix2pixhd::inline v0 {
namespace detail {

/// libjpeg's error functions for one file. `base` comes first: libjpeg knows the whole by its address.
struct JpegErrors {
  jpeg_error_mgr base{};
  CLibraryFailure failure;
};

PIX2PIXHD_INLINE void jpeg_failed(j_common_ptr jpeg) {
  std::array<char, JMSG_LENGTH_MAX> text{};
  jpeg->err->format_message(jpeg, text.data());
  reinterpret_cast<JpegErrors*>(jpeg->err)->failure.leave(text.data());
}

/// libjpeg reports damaged samples as warnings (level -1) and goes on with grey.
PIX2PIXHD_INLINE void jpeg_warned(j_common_ptr jpeg, int level) {
  const int code = jpeg->err->msg_code;
  const bool samples_are_whole =
      level >= 0 || code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM;
  if (!samples_are_whole) jpeg_failed(jpeg);
}

PIX2PIXHD_INLINE void set_jpeg_errors(JpegErrors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = jpeg_failed;
  errors.base.emit_message = jpeg_warned;
}

/// A progressive file may ask for any number of passes over the picture. More than this is an attack.
inline constexpr int max_jpeg_scans = 500;

PIX2PIXHD_INLINE void count_jpeg_scans(j_common_ptr jpeg) {
  const auto* decoder = reinterpret_cast<const jpeg_decompress_struct*>(jpeg);
  if (decoder->input_scan_number > max_jpeg_scans) {
    reinterpret_cast<JpegErrors*>(jpeg->err)->failure.leave("the file has too many scans");
  }
}

/// libjpeg's state for one file in memory.
struct JpegReader {
  JpegReader() { set_jpeg_errors(errors); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg); }

  JpegErrors errors;
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct jpeg{};
};

[[noreturn]] PIX2PIXHD_INLINE void throw_jpeg_error(const JpegErrors& errors, std::string_view name) {
  throw Error(sentence(name, " cannot be read as JPEG: ", errors.failure.text.data(),
                       ". The file is damaged or incomplete; copy or make it anew."));
}

/// Reads everything before the pixels.
PIX2PIXHD_INLINE void read_jpeg_header(JpegReader& reader, std::span<const std::byte> file, std::string_view name) {
  const bool done = run_guarded(reader.errors.failure, [&] {
    reader.jpeg.err = &reader.errors.base;
    jpeg_create_decompress(&reader.jpeg);
    reader.progress.progress_monitor = count_jpeg_scans;
    reader.jpeg.progress = &reader.progress;
    jpeg_mem_src(&reader.jpeg, reinterpret_cast<const unsigned char*>(file.data()),
                 static_cast<unsigned long>(file.size()));
    jpeg_read_header(&reader.jpeg, TRUE);
  });
  if (!done) throw_jpeg_error(reader.errors, name);
}

/// A raster of the size and format in the header. Error where it is of a kind that is not read, or the file too short.
PIX2PIXHD_INLINE Raster jpeg_raster(JpegReader& reader, std::size_t file_bytes, std::string_view name) {
  const jpeg_decompress_struct& jpeg = reader.jpeg;
  require(jpeg.jpeg_color_space != JCS_CMYK && jpeg.jpeg_color_space != JCS_YCCK, name,
          " is a CMYK JPEG, a picture for printing. Grey and RGB are read; convert it to RGB.");
  require(jpeg.num_components == 1 || jpeg.num_components == 3, name, " is a JPEG of ", jpeg.num_components,
          " channels; 1 (grey) and 3 (colour) are read. Convert it to RGB.");
  require(jpeg.arith_code == FALSE, name,
          " is a JPEG with arithmetic coding, which is not read. Save it as an ordinary JPEG or as PNG.");
  const std::int64_t pixels = static_cast<std::int64_t>(jpeg.image_width) * jpeg.image_height;
  // Huffman coding needs a bit for a block of 64 pixels, and a component of its own may have half as many blocks. A
  // header that claims more is refused before memory is taken for it.
  require(pixels / 1024 <= static_cast<std::int64_t>(file_bytes), name, " claims to be ", jpeg.image_width, "x",
          jpeg.image_height, " pixels, but its ", file_bytes,
          " bytes cannot hold so many. The file is damaged or incomplete.");
  return make_raster({.width = static_cast<int>(jpeg.image_width),
                      .height = static_cast<int>(jpeg.image_height),
                      .channels = jpeg.num_components,
                      .bits = 8},
                     name);
}

/// Where libjpeg writes a file to. `base` comes first: libjpeg knows the whole by its address.
struct JpegOutput {
  jpeg_destination_mgr base{};
  std::array<JOCTET, 1 << 14> part{};
  std::vector<std::byte> file;
};

/// Whether there was memory for the bytes. A function of its own: an exception must have ended before longjmp.
PIX2PIXHD_INLINE bool append_part(JpegOutput& output, std::size_t count) noexcept {
  const auto* bytes = reinterpret_cast<const std::byte*>(output.part.data());
  try {
    output.file.insert(output.file.end(), bytes, bytes + count);
  } catch (const std::bad_alloc&) {
    return false;
  }
  output.base.next_output_byte = output.part.data();
  output.base.free_in_buffer = output.part.size();
  return true;
}

PIX2PIXHD_INLINE void give_jpeg_part(j_compress_ptr jpeg, std::size_t count) {
  if (append_part(*reinterpret_cast<JpegOutput*>(jpeg->dest), count)) return;
  reinterpret_cast<JpegErrors*>(jpeg->err)->failure.leave("there is not enough memory");
}

PIX2PIXHD_INLINE void begin_jpeg_output(j_compress_ptr jpeg) { give_jpeg_part(jpeg, 0); }

PIX2PIXHD_INLINE boolean jpeg_part_is_full(j_compress_ptr jpeg) {
  // The buffer is full whatever free_in_buffer says at this moment.
  give_jpeg_part(jpeg, std::tuple_size_v<decltype(JpegOutput::part)>);
  return TRUE;
}

PIX2PIXHD_INLINE void end_jpeg_output(j_compress_ptr jpeg) {
  give_jpeg_part(jpeg, std::tuple_size_v<decltype(JpegOutput::part)> - jpeg->dest->free_in_buffer);
}

/// libjpeg's state for one file that is written into memory.
struct JpegWriter {
  JpegWriter() {
    set_jpeg_errors(errors);
    output.base.init_destination = begin_jpeg_output;
    output.base.empty_output_buffer = jpeg_part_is_full;
    output.base.term_destination = end_jpeg_output;
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() { jpeg_destroy_compress(&jpeg); }

  JpegErrors errors;
  JpegOutput output;
  jpeg_compress_struct jpeg{};
};

}  // namespace detail

PIX2PIXHD_INLINE bool is_jpeg(std::span<const std::byte> file) {
  constexpr unsigned char begin[] = {0xFF, 0xD8, 0xFF};
  return file.size() >= sizeof(begin) && std::memcmp(file.data(), begin, sizeof(begin)) == 0;
}

PIX2PIXHD_INLINE Raster decode_jpeg(std::span<const std::byte> file, std::string_view name) {
  detail::JpegReader reader;
  detail::read_jpeg_header(reader, file, name);
  Raster raster = detail::jpeg_raster(reader, file.size(), name);
  const bool done = detail::run_guarded(reader.errors.failure, [&] {
    jpeg_decompress_struct& jpeg = reader.jpeg;
    jpeg.out_color_space = raster.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&jpeg);
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW row = raster.bytes.data() + jpeg.output_scanline * raster.row_bytes();
      jpeg_read_scanlines(&jpeg, &row, 1);
    }
    // Reads on to the end of the file: one without its end is incomplete, even if all rows are there.
    jpeg_finish_decompress(&jpeg);
  });
  if (!done) detail::throw_jpeg_error(reader.errors, name);
  return raster;
}

PIX2PIXHD_INLINE std::vector<std::byte> encode_jpeg(const Raster& raster, std::string_view name,
                                                    const JpegOptions& options) {
  check_raster(raster, name);
  detail::require((raster.channels == 1 || raster.channels == 3) && raster.bits == 8 && raster.palette.empty(), name,
                  " would hold ", raster.channels, " channels of ", raster.bits,
                  " bits; a JPEG holds 8-bit grey or RGB. Write a PNG instead.");
  detail::require(options.quality >= 1 && options.quality <= 100, name, " would be written with quality ",
                  options.quality, "; qualities are 1 to 100.");
  detail::JpegWriter writer;
  const bool done = detail::run_guarded(writer.errors.failure, [&] {
    jpeg_compress_struct& jpeg = writer.jpeg;
    jpeg.err = &writer.errors.base;
    jpeg_create_compress(&jpeg);
    jpeg.dest = &writer.output.base;
    jpeg.image_width = static_cast<JDIMENSION>(raster.width);
    jpeg.image_height = static_cast<JDIMENSION>(raster.height);
    jpeg.input_components = raster.channels;
    jpeg.in_color_space = raster.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, options.quality, TRUE);
    // libjpeg's defaults halve the chroma; the first component's factors decide.
    const int factor = options.subsample && raster.channels == 3 ? 2 : 1;
    jpeg.comp_info[0].h_samp_factor = factor;
    jpeg.comp_info[0].v_samp_factor = factor;
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
      // libjpeg takes pointers to non-const rows, and does not write to them.
      JSAMPROW row = const_cast<JSAMPROW>(raster.bytes.data() + jpeg.next_scanline * raster.row_bytes());
      jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
  });
  detail::require(done, name, " cannot be written as JPEG: ", writer.errors.failure.text.data(), ".");
  return std::move(writer.output.file);
}

}  // namespace pix2pixhd::inline v0
