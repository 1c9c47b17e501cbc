#pragma once
/// Writing a file whole or not at all.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace pix2pixhd::inline v0 {

/// A file that appears under its name only when it is complete. Bytes go to a temporary file in the same directory;
/// commit() brings it to the disk and renames it over the target. Without commit(), also when an exception passes, the
/// temporary file is removed and what stood under the name before stays as it was.
///
///     AtomicFile file("picture.png");
///     file.write(bytes);
///     file.commit();
///
/// Every failure is an Error naming the target. Of a target that is a symbolic link, what it points to is replaced, or
/// made; the permissions of an existing target are kept. Writes are not buffered: hand over large pieces.
class AtomicFile {
 public:
  /// Throws Error unless the directory exists and can be written to and `target` is absent or a writable regular file.
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Writes at the current position and advances it.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

  /// Where the next byte goes.
  std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position) { position_ = position; }

  /// Makes the file permanent under the target's name. Nothing may be written afterwards.
  void commit();

 private:
  void follow_links();
  [[noreturn]] void fail(const char* action) const;
  void close() noexcept;

  std::filesystem::path shown_;      ///< As the caller wrote it, for messages.
  std::filesystem::path target_;     ///< Symbolic links resolved.
  std::filesystem::path temporary_;  ///< Empty when there is nothing to remove.
  int descriptor_ = -1;
  std::uint64_t position_ = 0;
};

/// Copies a file's bytes under another name, as AtomicFile writes them: brought to the disk before the name is given.
/// Error naming the file that cannot be read or written.
void write_copy(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes the temporary files of writers whose processes are gone: killed, or with their machine. For a folder that no
/// process of another machine writes to. Throws Error if the folder cannot be read.
void remove_abandoned_files(const std::filesystem::path& folder);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/atomic_file-inl.hpp>
#endif
