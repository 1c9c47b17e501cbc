#pragma once
/// The older container of .pth files: pickles and raw storages in one stream.

#include <pix2pixhd/store/mapped_file.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace pix2pixhd::inline v0::detail {

/// Whether the bytes begin like a pickle of protocol 2 or more.
bool looks_like_legacy_pytorch(std::span<const std::byte> bytes);

/// Reads the pickles: magic number, protocol 1001, system information (little-endian), the object, the storages' keys;
/// then locates the storages, each an element count of eight bytes and the elements. Throws Error naming the file.
std::unique_ptr<TensorFile> open_pytorch_legacy(MappedFile file);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/pytorch_legacy-inl.hpp>
#endif
