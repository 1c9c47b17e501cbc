#pragma once
/// Reading the uncompressed members of a zip archive.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// libzip's types, so that its header is needed by the bodies only.
struct zip;
struct zip_file;

namespace pix2pixhd::inline v0::detail {

/// An open zip archive whose members are stored without compression, so that no member can be larger than the file.
class ZipReader {
 public:
  using Sink = std::function<void(std::span<const std::byte>)>;

  /// Throws Error naming the file if it cannot be opened as a zip archive.
  explicit ZipReader(std::filesystem::path path);

  /// The names of all members.
  std::vector<std::string> names() const;

  /// The number of the member of that name, or nothing.
  std::optional<std::uint64_t> find(const std::string& name) const;

  /// The size of a member in bytes. Throws Error if it is compressed, encrypted, or larger than the file.
  std::uint64_t size(std::uint64_t member) const;

  /// Hands bytes [first, first + count) of a member to the sink in pieces of at most 1 MiB, all but the last of which
  /// are a multiple of 8. The member's checksum is verified the first time that something of it is read; a part is only
  /// read afterwards.
  void read(std::uint64_t member, std::uint64_t first, std::uint64_t count, const Sink& sink);

  /// Where in the archive, all bytes of which are given, those of each member begin; nothing where that is not clear.
  /// libzip does not tell it, so the headers before the members are followed in the order of the directory. Whoever
  /// takes bytes from there compares them with what read() gives.
  std::vector<std::optional<std::uint64_t>> locate(std::span<const std::byte> archive) const;

  /// A whole small member.
  std::string text(std::uint64_t member);

 private:
  struct Close {
    void operator()(zip* archive) const;
    void operator()(zip_file* file) const;
  };
  using Member = std::unique_ptr<zip_file, Close>;

  Member open(std::uint64_t member) const;
  void read_some(zip_file* file, std::uint64_t member, std::span<std::byte> out) const;
  [[noreturn]] void fail(std::uint64_t member, std::string_view problem) const;

  std::filesystem::path path_;
  std::uint64_t file_size_ = 0;
  std::unique_ptr<zip, Close> archive_;
  std::set<std::uint64_t> verified_;
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/zip_reader-inl.hpp>
#endif
