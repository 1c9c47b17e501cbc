// A program outside the project.
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/version.hpp>

#include <cstdio>

int main() {
  try {
    pix2pixhd::detail::require(false, "version ", PIX2PIXHD_VERSION_MAJOR, ".", PIX2PIXHD_VERSION_MINOR);
  } catch (const pix2pixhd::Error& error) {
    std::printf("pix2pixhd %s\n", error.what());
    return 0;
  }
  return 1;
}
