#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/training/checkpoint_folder.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

inline constexpr std::string_view checkpoint_beginning = "checkpoint_", checkpoint_ending = ".safetensors";

/// The step in a checkpoint's name; nothing for other names.
PIX2PIXHD_INLINE std::optional<std::int64_t> step_of(std::string_view name) {
  if (!name.starts_with(checkpoint_beginning) || !name.ends_with(checkpoint_ending)) return {};
  name.remove_prefix(checkpoint_beginning.size());
  name.remove_suffix(checkpoint_ending.size());
  std::int64_t step = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), step);
  if (problem != std::errc() || end != name.data() + name.size() || step < 0) return {};
  return step;
}

}  // namespace detail

PIX2PIXHD_INLINE CheckpointFolder::CheckpointFolder(std::filesystem::path folder, std::size_t keep)
    : folder_(std::move(folder)), keep_(keep) {
  detail::require(keep_ >= 1, "at least one checkpoint must be kept.");
  std::error_code problem;
  std::filesystem::create_directories(folder_, problem);
  std::error_code ignored;
  detail::require(!problem && std::filesystem::is_directory(folder_, ignored), folder_.string(),
                  " cannot be made a folder for checkpoints: ", problem ? problem.message() : "it is a file",
                  "; choose another place.");
}

PIX2PIXHD_INLINE std::filesystem::path CheckpointFolder::at(std::int64_t step) const {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%09lld", static_cast<long long>(step));
  return folder_ / std::string(detail::checkpoint_beginning).append(digits).append(detail::checkpoint_ending);
}

PIX2PIXHD_INLINE std::vector<std::int64_t> CheckpointFolder::steps() const {
  std::vector<std::int64_t> steps;
  std::error_code problem;
  std::filesystem::directory_iterator entry(folder_, problem);
  for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem)) {
    const std::filesystem::path name = entry->path().filename();
    const auto step = detail::step_of(name.string());
    // checkpoint_5 would be taken for the file of step 5, which has another name.
    if (step && at(*step).filename() == name) steps.push_back(*step);
  }
  detail::require(!problem, folder_.string(), ", the folder for checkpoints, cannot be read: ", problem.message(),
                  "; make it readable, or choose another place.");
  std::sort(steps.begin(), steps.end());
  return steps;
}

PIX2PIXHD_INLINE std::optional<std::filesystem::path> CheckpointFolder::latest() const {
  const auto all = steps();
  if (all.empty()) return {};
  return at(all.back());
}

PIX2PIXHD_INLINE std::optional<std::int64_t> CheckpointFolder::newest_before(std::int64_t step) const {
  const auto all = steps();
  const auto end = std::lower_bound(all.begin(), all.end(), step);
  if (end == all.begin()) return {};
  return *std::prev(end);
}

PIX2PIXHD_INLINE void CheckpointFolder::saved(std::int64_t step, const std::optional<CheckpointWindow>& window) const {
  std::error_code ignored;
  detail::require(std::filesystem::exists(at(step), ignored), at(step).string(), " was not saved.");
  auto all = steps();
  std::erase_if(all, [&](std::int64_t one) { return one > step; });
  std::optional<std::int64_t> before, after;  // the newest before the window, the oldest from its begin on
  for (const std::int64_t one : all) {
    if (!window || one % window->every != 0) continue;
    if (one < window->begin)
      before = one;
    else if (!after)
      after = one;
  }
  for (std::size_t i = 0; i + keep_ < all.size(); ++i)
    if (all[i] != before && all[i] != after)
      std::filesystem::remove(at(all[i]), ignored);  // it is tried again after the next one
}

PIX2PIXHD_INLINE void CheckpointFolder::mark_best(std::int64_t step) const {
  const std::filesystem::path temporary = best().string() + ".new";
  std::error_code problem;
  std::filesystem::remove(temporary, problem);
  std::filesystem::create_hard_link(at(step), temporary, problem);
  if (problem) return write_copy(at(step), best());  // there are file systems without links
  std::filesystem::rename(temporary, best(), problem);
  std::error_code ignored;
  std::filesystem::remove(temporary, ignored);  // a rename leaves it where both were one file already
  if (problem)
    throw Error(detail::sentence(best().string(), " cannot be written: ", problem.message(),
                                 "; make room, or choose another place."));
}

}  // namespace pix2pixhd::inline v0
