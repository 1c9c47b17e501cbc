#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/store/folder_lock.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / ".lock";
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  detail::require(descriptor_ >= 0, folder, " cannot be written to: ", std::generic_category().message(errno),
                  ". Choose another folder.");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int problem = errno;
    ::close(descriptor_);
    detail::require(problem != EWOULDBLOCK, folder,
                    " is in use by another process; wait for its end, or choose another folder.");
    throw Error(detail::sentence(folder, " cannot be locked: ", std::generic_category().message(problem), "."));
  }
  try {
    remove_abandoned_files(folder);
  } catch (...) {
    ::close(descriptor_);  // or the folder would stay locked
    throw;
  }
}

PIX2PIXHD_INLINE FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace pix2pixhd::inline v0
