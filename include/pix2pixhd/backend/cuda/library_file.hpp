#pragma once
/// What a shared library's file says without being loaded.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace pix2pixhd::inline v0::backend_cuda {

/// The constant of 32 bits that the shared library at `path` exports by this name. Empty if it exports none, and if the
/// file is not there or is not a library for this machine.
std::optional<std::uint32_t> exported_constant(const std::string& path, const std::string& name);

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/library_file-inl.hpp>
#endif
