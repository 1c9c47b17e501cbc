#pragma once
/// The present container of .pth files: a zip archive with one pickle and one member per storage.

#include <pix2pixhd/store/mapped_file.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstddef>
#include <memory>
#include <span>

namespace pix2pixhd::inline v0::detail {

/// Whether the bytes begin like a zip archive.
bool looks_like_zip(std::span<const std::byte> bytes);

/// Reads the archive's pickle and checks version, byte order and that every storage is there, uncompressed and of the
/// right size. Throws Error naming the file. A storage is compared with its checksum when something of it is read
/// first; its values are then viewed where they lie in the mapping.
std::unique_ptr<TensorFile> open_pytorch_zip(MappedFile file);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/pytorch_zip-inl.hpp>
#endif
