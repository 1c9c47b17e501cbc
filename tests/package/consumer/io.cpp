// A program outside the project that uses the component io, with its bodies in the headers.
#include <pix2pixhd/images/png.hpp>

#include <cstdio>

int main() {
  const pix2pixhd::Raster raster{.width = 2, .height = 1, .bytes = {7, 9}};
  const auto file = pix2pixhd::encode_png(raster, "written.png");
  const auto again = pix2pixhd::decode_png(file, "read.png");
  std::printf("%zu bytes\n", file.size());
  return again.bytes == raster.bytes ? 0 : 1;
}
