#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/mapped_file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <system_error>

namespace pix2pixhd::inline v0::detail {

/// When a file was last written to, in nanoseconds.
inline std::int64_t modified(const struct stat& status) {
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

PIX2PIXHD_INLINE MappedFile::MappedFile(std::filesystem::path path) : path_(std::move(path)) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait; it has no effect on regular files.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  require(descriptor_ >= 0, path_, " cannot be opened: ", std::generic_category().message(errno), ".");
  struct stat status {};
  const bool known = ::fstat(descriptor_, &status) == 0;
  const bool regular = known && S_ISREG(status.st_mode);
  void* address = nullptr;
  int problem = 0;
  const std::size_t size = regular ? static_cast<std::size_t>(status.st_size) : 0;
  if (size != 0) {
    address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (address == MAP_FAILED) problem = errno;
  }
  if (!regular || problem != 0) ::close(descriptor_);
  require(regular, path_, " is not a regular file; give the path of a file.");
  require(problem == 0, path_, " cannot be mapped into memory: ", std::generic_category().message(problem), ".");
  modified_ = modified(status);
  if (size != 0) bytes_ = {static_cast<const std::byte*>(address), size};
}

PIX2PIXHD_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  if (descriptor_ >= 0) ::close(descriptor_);
}

PIX2PIXHD_INLINE bool MappedFile::steady() const {
  struct statfs system {};
  if (::fstatfs(descriptor_, &system) != 0) return false;
  // NFS, SMB (three generations), FUSE, 9P, Ceph, AFS (two programs), GFS2, OCFS2, Lustre
  constexpr std::uint32_t provided[] = {0x6969,     0x517b,     0xff534d42, 0xfe534d42, 0x65735546, 0x01021997,
                                        0x00c36400, 0x5346414f, 0x6b414653, 0x01161970, 0x7461636f, 0x0bd00bd0};
  return std::ranges::find(provided, static_cast<std::uint32_t>(system.f_type)) == std::end(provided);
}

PIX2PIXHD_INLINE void MappedFile::check() const {
  struct stat status {};
  const bool same = ::fstat(descriptor_, &status) == 0 && static_cast<std::size_t>(status.st_size) == bytes_.size() &&
                    modified(status) == modified_;
  require(same, path_,
          " has been written to while its values were in use, which are lost; load it again. A file in use "
          "may be replaced by renaming another to its name, but not changed.");
}

/// The pages of `bytes` on which no other bytes lie.
inline std::span<std::byte> own_pages(std::span<const std::byte> bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data()), end = begin + bytes.size();
  const std::uintptr_t first = (begin + page - 1) / page * page, last = end / page * page;
  if (first >= last) return {};
  return {std::bit_cast<std::byte*>(first), last - first};
}

PIX2PIXHD_INLINE void MappedFile::expect(std::span<const std::byte> bytes) const {
  constexpr std::size_t most = std::size_t{256} << 10;  // of more at once the system would read the beginning only
  std::span<std::byte> left = own_pages(bytes);
  while (!left.empty()) {
    const std::span<std::byte> piece = left.first(std::min(most, left.size()));
    // To ask about one page costs far less than advice about pages that are there.
    unsigned char there = 1;
    if (::mincore(piece.data(), 1, &there) == 0 && (there & 1U) == 0)
      ::madvise(piece.data(), piece.size(), MADV_WILLNEED);  // may be refused
    left = left.subspan(piece.size());
  }
}

PIX2PIXHD_INLINE void MappedFile::release(std::span<const std::byte> bytes) const {
  const std::span<std::byte> pages = own_pages(bytes);
  if (!pages.empty()) ::madvise(pages.data(), pages.size(), MADV_DONTNEED);  // may be refused
}

}  // namespace pix2pixhd::inline v0::detail
