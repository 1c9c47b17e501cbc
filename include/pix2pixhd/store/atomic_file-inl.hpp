#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <ios>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

namespace detail {

inline constexpr std::string_view temporary_beginning = ".pix2pixhd-", temporary_ending = ".tmp";

/// A file name that no other writer of this process uses; the process number keeps processes apart.
PIX2PIXHD_INLINE std::string temporary_name() {
  static std::atomic<unsigned long> next{0};
  return sentence(temporary_beginning, ::getpid(), "-", next++, temporary_ending);
}

/// The number of the process that a temporary file's name was made by; 0 for other names.
PIX2PIXHD_INLINE long process_of(std::string_view name) {
  if (!name.starts_with(temporary_beginning) || !name.ends_with(temporary_ending)) return 0;
  name.remove_prefix(temporary_beginning.size());
  long process = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), process);
  return problem == std::errc() && end != name.data() + name.size() && *end == '-' ? process : 0;
}

/// Whether nobody writes to a temporary file any more: its process is gone, and so is its lock. The number alone would
/// not do where processes of several containers write to one folder.
PIX2PIXHD_INLINE bool abandoned(const std::filesystem::path& file) {
  const long process = process_of(file.filename().string());
  if (process <= 0 || ::kill(static_cast<pid_t>(process), 0) == 0 || errno != ESRCH) return false;
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return !locked;
}

}  // namespace detail

PIX2PIXHD_INLINE AtomicFile::AtomicFile(const std::filesystem::path& target) : shown_(target), target_(target) {
  namespace fs = std::filesystem;
  detail::require(target.has_filename(), "the output path ", shown_, " names no file.");
  follow_links();
  struct stat old {};
  const bool exists = ::stat(target_.c_str(), &old) == 0;
  detail::require(!exists || S_ISREG(old.st_mode), shown_,
                  " exists and is not a regular file, so it cannot be replaced; choose another name.");
  if (exists && ::access(target_.c_str(), W_OK) != 0) fail("cannot be written");
  const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
  do {  // A name may be taken by what a killed process left.
    temporary_ = folder / detail::temporary_name();
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) {
    temporary_.clear();
    fail("cannot be written (its directory must exist and allow new files)");
  }
  ::flock(descriptor_, LOCK_EX | LOCK_NB);  // says that the writer lives, where the file system knows locks
  if (exists && ::fchmod(descriptor_, old.st_mode & 07777) != 0) {
    const int problem = errno;
    close();
    errno = problem;
    fail("cannot be written with the permissions of the file that it replaces");
  }
}

PIX2PIXHD_INLINE AtomicFile::~AtomicFile() { close(); }

PIX2PIXHD_INLINE void AtomicFile::follow_links() {
  constexpr int most = 40;  // as the system allows
  std::error_code problem;
  for (int links = 0; std::filesystem::is_symlink(target_, problem); ++links) {
    detail::require(links < most, shown_, " is a symbolic link that leads back to itself; remove it.");
    const std::filesystem::path next = std::filesystem::read_symlink(target_, problem);
    detail::require(!problem, shown_, " is a symbolic link that cannot be read: ", problem.message(), ".");
    target_ = target_.parent_path() / next;
  }
}

PIX2PIXHD_INLINE void AtomicFile::close() noexcept {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

PIX2PIXHD_INLINE void AtomicFile::fail(const char* action) const {
  throw Error(detail::sentence(shown_, " ", action, ": ", std::generic_category().message(errno), "."));
}

PIX2PIXHD_INLINE void AtomicFile::write(std::span<const std::byte> bytes) {
  detail::require(descriptor_ >= 0, shown_, " is already complete; nothing more can be written to it.");
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(position_));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("could not be written to the end, and what stood there before is unchanged");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    position_ += static_cast<std::uint64_t>(written);
  }
}

PIX2PIXHD_INLINE void AtomicFile::commit() {
  detail::require(descriptor_ >= 0, shown_, " is already complete.");
  // Without this order a crash could leave the new name on a file whose bytes never reached the disk.
  if (::fsync(descriptor_) != 0) fail("could not be brought to the disk, and what stood there before is unchanged");
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0) fail("could not be completed, and what stood there before is unchanged");
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("could not be put in place");
  temporary_.clear();
  const std::filesystem::path folder = target_.has_parent_path() ? target_.parent_path() : std::filesystem::path(".");
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;  // A directory that may be written but not read: the file is in place all the same.
  const int result = ::fsync(directory);
  const int problem = errno;
  ::close(directory);
  errno = problem;
  // Some file systems refuse to synchronise a directory (EINVAL); there is nothing more to do on them.
  if (result != 0 && problem != EINVAL) fail("is in place, but its directory could not be brought to the disk");
}

PIX2PIXHD_INLINE void write_copy(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::ifstream source(from, std::ios::binary);
  detail::require(source.is_open(), from, " cannot be read; it is gone, or its permissions do not allow it.");
  AtomicFile copy(to);
  std::vector<char> piece(std::size_t{1} << 20);
  while (source.read(piece.data(), static_cast<std::streamsize>(piece.size())) || source.gcount() > 0)
    copy.write(std::string_view(piece.data(), static_cast<std::size_t>(source.gcount())));
  detail::require(source.eof(), from, " could not be read to its end.");
  copy.commit();
}

PIX2PIXHD_INLINE void remove_abandoned_files(const std::filesystem::path& folder) {
  std::error_code problem;
  std::filesystem::directory_iterator entry(folder, problem);
  for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
    std::error_code ignored;  // it is only in the way
    if (detail::abandoned(entry->path())) std::filesystem::remove(entry->path(), ignored);
  }
  detail::require(!problem, folder, " cannot be searched for what killed processes left: ", problem.message(),
                  ". Make it readable, or choose another folder.");
}

}  // namespace pix2pixhd::inline v0
