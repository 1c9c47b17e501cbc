#pragma once
/// A file mapped into memory for reading.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// Owns a private, read-only mapping of a whole regular file. Nothing is read before it is looked at.
class MappedFile {
 public:
  /// Throws Error naming the file if it does not exist, is no regular file, or cannot be read or mapped.
  explicit MappedFile(std::filesystem::path path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept
      : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, std::span<const std::byte>())) {}
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  MappedFile& operator=(MappedFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
};

/// Takes the pages on which these bytes of a mapping lie out of the process's memory; looked at again, they are read
/// again. What is copied from a large file piece by piece is then never held twice.
void drop_pages(std::span<const std::byte> bytes);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/mapped_file-inl.hpp>
#endif
