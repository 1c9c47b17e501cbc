#pragma once
/// The .safetensors container: a JSON header, then the tensors' bytes one after another.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/mapped_file.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Writes a .safetensors file, whole or not at all. The order of `entries` does not matter: tensors with larger
/// elements come first, then by name, as in files of the safetensors package, so that every tensor is aligned; the data
/// begin at a multiple of 64 bytes. `produce` is called once an entry. Throws Error, before anything is written, if a
/// name is used twice or a shape is impossible; and if the values do not fit, or the file cannot be written.
void write_safetensors(const std::filesystem::path& path, const std::vector<TensorEntry>& entries,
                       const TensorProducer& produce, const Metadata& metadata = {});

namespace detail {

/// Whether the bytes begin with a header length that fits and a `{`.
bool looks_like_safetensors(std::span<const std::byte> bytes);

/// Checks the whole header. Throws Error naming the file and, where it applies, the tensor.
std::unique_ptr<TensorFile> open_safetensors(MappedFile file);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/safetensors-inl.hpp>
#endif
