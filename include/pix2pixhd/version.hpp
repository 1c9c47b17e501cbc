#pragma once
/// The version of the library. CMake reads the three numbers from this file.

#define PIX2PIXHD_VERSION_MAJOR 0
#define PIX2PIXHD_VERSION_MINOR 1
#define PIX2PIXHD_VERSION_PATCH 0

/// Everything lives in `pix2pixhd::v0`, an inline namespace, so that two versions of the library in one
/// program are two sets of symbols and not one by accident. Write `pix2pixhd::` in code that uses the library.
namespace pix2pixhd::inline v0 {}
