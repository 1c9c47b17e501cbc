#pragma once
/// The JSON header of .safetensors files.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// What a header says. Entry i occupies the bytes [begin[i], end[i]) of the data; entries are in the order of their
/// data.
struct SafetensorsHeader {
  std::vector<TensorEntry> entries;
  std::vector<std::uint64_t> begin, end;
  Metadata metadata;
};

/// The header's largest length in bytes that readers of the format accept.
inline constexpr std::uint64_t longest_safetensors_header = 100'000'000;

/// Parses and checks a header whose data have `data_bytes` bytes: types and shapes are known and do not
/// overflow, every tensor's bytes are exactly its elements, and the tensors cover the data without gap or overlap.
/// Throws Error naming `file`.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t data_bytes,
                                           const std::filesystem::path& file);

/// The header of a new file, its length field and padding included, so that the data follow at a multiple of
/// 64 bytes. The entries must be in the order of their data. Throws Error if a name or text is not valid UTF-8.
std::string make_safetensors_header(const std::vector<TensorEntry>& entries, const Metadata& metadata);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/safetensors_header-inl.hpp>
#endif
