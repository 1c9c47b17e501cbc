#pragma once
/// Reading and writing the cache.

#include <pix2pixhd/backend/cuda/disk_cache.hpp>
#include <pix2pixhd/backend/cuda/old_files.hpp>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/fnv1a.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <mutex>
#include <sstream>
#include <system_error>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE DiskCache::DiskCache() {
  if (const char* chosen = std::getenv("PIX2PIXHD_CACHE")) {
    folder_ = chosen;
    return;  // other things may lie there
  }
  if (const char* caches = std::getenv("XDG_CACHE_HOME"); caches && *caches)
    folder_ = std::string(caches) + "/pix2pixhd";
  else if (const char* home = std::getenv("HOME"); home && *home)
    folder_ = std::string(home) + "/.cache/pix2pixhd";
  else
    return;
  static std::once_flag once;
  std::call_once(once, remove_old_files, folder_, std::uintmax_t{256} << 20);
}

PIX2PIXHD_INLINE std::string DiskCache::file(const std::string& key) const {
  if (folder_.empty()) return {};
  std::ostringstream name;
  name << std::hex << detail::fnv1a(key);
  return folder_ + "/" + name.str();
}

/// What a file of the cache begins with: key and checksum.
inline std::string cache_heading(const std::string& key, std::string_view contents) {
  std::ostringstream heading;
  heading << key << '\n' << std::hex << std::setw(16) << std::setfill('0') << detail::fnv1a(contents) << '\n';
  return heading.str();
}

PIX2PIXHD_INLINE std::optional<std::vector<char>> DiskCache::read(const std::string& key) const {
  if (folder_.empty()) return {};
  std::ifstream in(file(key), std::ios::binary);
  std::ostringstream text;
  if (!(text << in.rdbuf())) return {};  // unlike iterators, this does not throw where reading fails
  const std::string all = std::move(text).str();
  const std::size_t length = cache_heading(key, {}).size();
  if (all.size() < length) return {};
  const std::string_view contents = std::string_view(all).substr(length);
  if (!all.starts_with(cache_heading(key, contents))) return {};
  std::error_code error;
  std::filesystem::last_write_time(file(key), std::filesystem::file_time_type::clock::now(), error);  // is in use
  return std::vector<char>(contents.begin(), contents.end());
}

/// While it lives no other process or thread has one for the same folder. Where the file system has no such locks it
/// does nothing.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) : folder_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (folder_ >= 0 && flock(folder_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() {
    if (folder_ >= 0) close(folder_);
  }

 private:
  int folder_;
};

PIX2PIXHD_INLINE bool DiskCache::writable() const {
  if (folder_.empty()) return false;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  return access((folder_ + "/").c_str(), W_OK) == 0;
}

PIX2PIXHD_INLINE bool DiskCache::put(const std::string& key, const std::vector<char>& contents, bool replace) const {
  if (folder_.empty()) return false;
  static std::atomic<unsigned> counter{0};
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string name = file(key), temporary = detail::sentence(name, ".", getpid(), ".", counter++);
  std::ofstream out(temporary, std::ios::binary);
  const std::string heading = cache_heading(key, {contents.data(), contents.size()});
  out.write(heading.data(), static_cast<std::streamsize>(heading.size()));
  out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  out.close();
  // A link, unlike a renamed file, replaces nothing. Where it could not be made, a whole file is there, or a damaged
  // one to be replaced, or the file system knows no links: then one after the other looks and renames.
  bool done = out && !replace && link(temporary.c_str(), name.c_str()) == 0;
  if (out && !done) {
    const FolderLock lock(folder_);
    done = !replace && read(key);
    if (!done) {
      std::filesystem::rename(temporary, name, error);
      if (!error) return true;
    }
  }
  std::filesystem::remove(temporary, error);
  return done;
}

}  // namespace pix2pixhd::inline v0::backend_cuda
