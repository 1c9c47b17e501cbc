#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/mapped_file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE MappedFile::MappedFile(std::filesystem::path path) : path_(std::move(path)) {
  // O_NONBLOCK: opening a pipe that nobody writes to must not wait; it has no effect on regular files.
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  require(descriptor >= 0, path_, " cannot be opened: ", std::generic_category().message(errno), ".");
  struct stat status {};
  const bool known = ::fstat(descriptor, &status) == 0;
  const bool regular = known && S_ISREG(status.st_mode);
  void* address = nullptr;
  int problem = 0;
  const std::size_t size = regular ? static_cast<std::size_t>(status.st_size) : 0;
  if (size != 0) {
    address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (address == MAP_FAILED) problem = errno;
  }
  ::close(descriptor);
  require(regular, path_, " is not a regular file; give the path of a file.");
  require(problem == 0, path_, " cannot be mapped into memory: ", std::generic_category().message(problem), ".");
  if (size != 0) bytes_ = {static_cast<const std::byte*>(address), size};
}

PIX2PIXHD_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

PIX2PIXHD_INLINE void drop_pages(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data()), end = begin + bytes.size();
  const std::uintptr_t first = begin / page * page;
  ::madvise(reinterpret_cast<void*>(first), end - first, MADV_DONTNEED);  // advice only: it may be refused
}

}  // namespace pix2pixhd::inline v0::detail
