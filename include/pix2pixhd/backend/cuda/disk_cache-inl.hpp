#pragma once
/// Reading and writing the cache.

#include <pix2pixhd/backend/cuda/disk_cache.hpp>
#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/fnv1a.hpp>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <system_error>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE DiskCache::DiskCache() {
  if (const char* chosen = std::getenv("PIX2PIXHD_CACHE"))
    folder_ = chosen;
  else if (const char* caches = std::getenv("XDG_CACHE_HOME"); caches && *caches)
    folder_ = std::string(caches) + "/pix2pixhd";
  else if (const char* home = std::getenv("HOME"); home && *home)
    folder_ = std::string(home) + "/.cache/pix2pixhd";
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
  std::ifstream in(file(key), std::ios::binary);
  if (folder_.empty() || !in) return {};
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  const std::size_t length = cache_heading(key, {}).size();
  if (all.size() < length) return {};
  const std::string_view contents = std::string_view(all).substr(length);
  if (!all.starts_with(cache_heading(key, contents))) return {};
  return std::vector<char>(contents.begin(), contents.end());
}

PIX2PIXHD_INLINE void DiskCache::write(const std::string& key, const std::vector<char>& contents) const {
  if (folder_.empty()) return;
  static std::atomic<unsigned> counter{0};
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const std::string name = file(key), temporary = detail::sentence(name, ".", getpid(), ".", counter++);
  std::ofstream out(temporary, std::ios::binary);
  const std::string heading = cache_heading(key, {contents.data(), contents.size()});
  out.write(heading.data(), static_cast<std::streamsize>(heading.size()));
  out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  out.close();
  if (out)
    std::filesystem::rename(temporary, name, error);
  else
    error = std::make_error_code(std::errc::io_error);
  if (error) std::filesystem::remove(temporary, error);
}

}  // namespace pix2pixhd::inline v0::backend_cuda
