#pragma once
/// Writing a zip archive of uncompressed, aligned members, whole or not at all.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Copies bytes of a member from `offset` on into the span and returns how many, at least one before the end. Called
/// with growing offsets, from 0 on (also once for an empty member).
using ZipContent = std::function<std::size_t(std::uint64_t offset, std::span<std::byte> out)>;

/// Collects members and writes them in one go. The bytes of each member begin at a multiple of 64.
class ZipWriter {
 public:
  /// Throws Error if the file cannot be written.
  explicit ZipWriter(const std::filesystem::path& path);
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  /// Announces a member; its bytes are asked for in commit().
  void add(const std::string& name, std::uint64_t size, ZipContent content);

  /// Writes everything and puts the file in place. Throws what a content function throws, and Error if writing fails.
  void commit();

 private:
  struct Member;
  struct Libzip;  ///< The callbacks and the handle.

  std::filesystem::path path_;
  AtomicFile file_;
  std::exception_ptr problem_;
  std::uint64_t length_ = 0;   ///< Of the file written so far.
  std::uint64_t planned_ = 0;  ///< Of the file as announced.
  std::vector<std::unique_ptr<Member>> members_;
  std::unique_ptr<Libzip> libzip_;
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/zip_writer-inl.hpp>
#endif
