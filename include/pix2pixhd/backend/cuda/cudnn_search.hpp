#pragma once
/// Which of the cuDNNs of a machine fits.
///
/// One that does not fit must not be asked: its first call loads parts that are never unloaded, and that a second cuDNN
/// then takes for its own, since they have the same names. So the version is read from the files.

#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <string>

namespace pix2pixhd::inline v0::backend_cuda::cudnn {

/// The versions that this library is made for: [oldest, next_major).
inline constexpr std::size_t oldest_version = 91500, next_major_version = 100000;
/// cuDNN 9 is made for this version of CUDA and for earlier ones.
inline constexpr int newest_cuda_major = 13;

/// 91400 as people write it: "9.14.0".
std::string version_text(std::size_t version);

/// Why this version cannot be used: "is version 9.14.0"; empty if it can.
std::string version_objection(std::size_t version);

/// Why a cuDNN cannot be used that was made for one version of CUDA (13000 is 13.0) beside a driver for another (0:
/// there is no driver): "is made for CUDA 13, but the driver for CUDA 12.4"; empty if it can.
std::string cuda_objection(std::size_t made_for, int driver_version);

/// The version of the cuDNN whose main file is at `path`: 91400 is 9.14.0; 0 if the files do not tell.
std::size_t version_of_file(const std::string& path);

/// The version of CUDA for which the cuDNN at `path` was made, if it came as a package of Python: 12000 or 13000; 0 if
/// it did not or the packages there do not tell.
std::size_t cuda_of_package(const std::string& path);

/// Where cuDNN is looked for beside a driver of this version (13000 is CUDA 13.0; 0: there is none).
LibrarySearch library_search(int driver_version);

}  // namespace pix2pixhd::inline v0::backend_cuda::cudnn

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/cudnn_search-inl.hpp>
#endif
