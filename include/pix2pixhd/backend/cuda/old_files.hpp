#pragma once
/// Keeping the folder of a cache small.

#include <pix2pixhd/version.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// Removes files of DiskCache from a folder that is its own: those that a process left unfinished when it was killed,
/// and then those used longest ago, until the rest holds at most `most` bytes. Whatever fails is silent.
inline void remove_old_files(const std::string& folder, std::uintmax_t most) {
  namespace fs = std::filesystem;
  struct File {
    fs::file_time_type used;
    std::uintmax_t bytes;
    fs::path path;
  };
  constexpr std::chrono::hours abandoned{
      1};  // writing takes milliseconds; other containers' processes are unknown here
  std::vector<File> files;
  std::uintmax_t held = 0;
  std::error_code problem, ignored;
  fs::directory_iterator entry(folder, problem);
  for (; !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789abcdef.") != std::string::npos) continue;
    std::error_code gone;
    const fs::file_time_type used = entry->last_write_time(gone);
    if (gone || !entry->is_regular_file(gone)) continue;
    const std::uintmax_t bytes = entry->file_size(gone);
    if (gone) continue;
    if (name.find('.') == std::string::npos) {
      files.push_back({used, bytes, entry->path()});
      held += bytes;
    } else if (fs::file_time_type::clock::now() - used > abandoned) {
      fs::remove(entry->path(), ignored);
    }
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.used < b.used; });
  for (auto file = files.begin(); file != files.end() && held > most; held -= file++->bytes)
    fs::remove(file->path, ignored);
}

}  // namespace pix2pixhd::inline v0::backend_cuda
