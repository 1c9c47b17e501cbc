#pragma once
/// A file mapped into memory for reading.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/lent_memory.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// Owns a private, read-only mapping of a whole regular file. Nothing is read before it is looked at.
///
/// What is mapped is the file that was opened, whatever is renamed to its name later. Changes of its bytes in place
/// show in the mapping, though, and bytes that are cut off can no longer be read: looking at them ends the process
/// (SIGBUS).
class MappedFile final : public LentMemory {
 public:
  /// Throws Error naming the file if it does not exist, is no regular file, or cannot be read or mapped.
  explicit MappedFile(std::filesystem::path path);
  ~MappedFile() override;
  MappedFile(MappedFile&& other) noexcept
      : path_(std::move(other.path_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        modified_(other.modified_),
        bytes_(std::exchange(other.bytes_, std::span<const std::byte>())) {}
  MappedFile& operator=(MappedFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::span<const std::byte> bytes() const { return bytes_; }

  /// Not where a server or another program provides the file (NFS, SMB, FUSE), which may fail.
  bool steady() const override;
  /// Throws Error if the file has been written to, cut off or lengthened since it was opened.
  void check() const override;
  /// Lets the system read these bytes of the mapping in, in their order, where it does not have them any more.
  void expect(std::span<const std::byte> bytes) const override;
  /// Takes the whole pages within these bytes of the mapping out of the process's memory; looked at again, they are
  /// read again.
  void release(std::span<const std::byte> bytes) const override;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::int64_t modified_ = 0;  ///< nanoseconds
  std::span<const std::byte> bytes_;
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/mapped_file-inl.hpp>
#endif
