#pragma once
/// JPEG files of kinds that encode_jpeg() does not write.

#include <images/made_files.hpp>

#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

namespace made {

struct JpegRecipe {
  int width = 24;
  int height = 20;
  /// 1: grey. 3: colour. 4: CMYK. Others are stored without a meaning.
  int components = 3;
  bool progressive = false;
  bool arithmetic = false;
  /// Whether a progressive grey file has two scans only, neither of which refines another.
  bool two_scans = false;
  /// Rows between restart markers; 0 for none.
  int restart_rows = 0;
};

/// A smooth picture as a JPEG file. A mistake in the recipe ends the test program.
inline Bytes make_jpeg(const JpegRecipe& recipe) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = static_cast<JDIMENSION>(recipe.width);
  jpeg.image_height = static_cast<JDIMENSION>(recipe.height);
  jpeg.input_components = recipe.components;
  jpeg.in_color_space = recipe.components == 1   ? JCS_GRAYSCALE
                        : recipe.components == 3 ? JCS_RGB
                        : recipe.components == 4 ? JCS_CMYK
                                                 : JCS_UNKNOWN;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 90, TRUE);
  jpeg.restart_in_rows = recipe.restart_rows;
  jpeg.arith_code = recipe.arithmetic ? TRUE : FALSE;
  if (recipe.progressive) jpeg_simple_progression(&jpeg);
  constexpr jpeg_scan_info scans[] = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
  if (recipe.two_scans) {
    jpeg.scan_info = scans;
    jpeg.num_scans = 2;
  }
  jpeg_start_compress(&jpeg, TRUE);
  std::vector<JSAMPLE> row(static_cast<std::size_t>(recipe.width) * static_cast<std::size_t>(recipe.components));
  while (jpeg.next_scanline < jpeg.image_height) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = static_cast<JSAMPLE>((i * 5 + jpeg.next_scanline * 9 + i * jpeg.next_scanline) & 255U);
    }
    JSAMPROW begin = row.data();
    jpeg_write_scanlines(&jpeg, &begin, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const auto* begin = reinterpret_cast<const std::byte*>(memory);
  Bytes file(begin, begin + size);
  std::free(memory);
  return file;
}

/// The files that are read, one of each kind.
inline std::vector<Bytes> every_jpeg_kind() {
  return {make_jpeg({.components = 1}), make_jpeg({}), make_jpeg({.progressive = true}),
          make_jpeg({.components = 1, .progressive = true}), make_jpeg({.restart_rows = 1})};
}

}  // namespace made
