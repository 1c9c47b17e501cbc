#pragma once
/// The format of numpy's .npy files: header and bytes.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/stored_type.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// What an .npy file says of its array.
struct NpyHeader {
  StoredType type = StoredType::u8;
  bool fortran_order = false;  ///< The first index varies fastest in the file.
  std::vector<std::int64_t> shape = {};
  std::size_t bytes = 0;  ///< Length of the header itself.
};

/// Parses the header of an .npy file of version 1, 2 or 3 and checks that exactly the array's bytes follow. Throws
/// Error naming `file`.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::filesystem::path& file);

/// The header of a row-major array, padded so that the data begin at a multiple of 64 bytes.
std::string make_npy_header(StoredType type, std::span<const std::int64_t> shape);

/// The array in the bytes of an .npy file, which must outlive it.
class NpyView {
 public:
  /// Throws Error naming the file that the bytes are of, `path`, if they are damaged.
  NpyView(std::span<const std::byte> bytes, std::filesystem::path path)
      : bytes_(bytes), path_(std::move(path)), header_(parse_npy_header(bytes, path_)) {}

  const std::filesystem::path& path() const { return path_; }
  StoredType type() const { return header_.type; }
  const std::vector<std::int64_t>& shape() const { return header_.shape; }

  /// Hands all elements, row-major, to the sink in pieces of whole elements.
  void stream(const std::function<void(std::span<const std::byte>)>& sink) const;

 private:
  std::span<const std::byte> bytes_;
  std::filesystem::path path_;
  NpyHeader header_;
};

/// Writes an .npy file, whole or not at all, from row-major bytes. Throws Error naming the file.
void write_npy_bytes(const std::filesystem::path& path, StoredType type, std::span<const std::int64_t> shape,
                     std::span<const std::byte> bytes);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/npy_file-inl.hpp>
#endif
