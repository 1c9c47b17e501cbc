#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/dataset_folders.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Endings that data sets give the parts of a sample; of several that fit, the first is meant.
inline constexpr std::array<std::string_view, 18> part_endings = {"_gtFine_labelIds",
                                                                  "_gtFine_instanceIds",
                                                                  "_gtFine_labelTrainIds",
                                                                  "_gtFine_color",
                                                                  "_gtCoarse_labelIds",
                                                                  "_gtCoarse_instanceIds",
                                                                  "_leftImg8bit",
                                                                  "_labelIds",
                                                                  "_instanceIds",
                                                                  "_labels",
                                                                  "_label",
                                                                  "_instances",
                                                                  "_instance",
                                                                  "_inst",
                                                                  "_images",
                                                                  "_image",
                                                                  "_img",
                                                                  "_gtFine"};

PIX2PIXHD_INLINE std::string small_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return extension;
}

PIX2PIXHD_INLINE bool is_picture_name(const std::filesystem::path& path) {
  const std::string extension = small_extension(path);
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg" || extension == ".npy";
}

/// All files below a folder except hidden ones, in the order of their paths, which must not depend on the file system.
/// Links to folders are followed, but not into a folder that the link lies in.
PIX2PIXHD_INLINE std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder,
                                                                std::error_code& error) {
  std::vector<std::filesystem::path> result;
  std::vector<std::filesystem::path> around;  // the folders that the entry lies in
  auto entry = std::filesystem::recursive_directory_iterator(
      folder, std::filesystem::directory_options::follow_directory_symlink, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    const bool hidden = entry->path().filename().string().starts_with(".");
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      around.resize(static_cast<std::size_t>(entry.depth()) + 1);
      around.front() = std::filesystem::canonical(folder, ignored);
      const std::filesystem::path place = std::filesystem::canonical(entry->path(), ignored);
      if (hidden || std::find(around.begin(), around.end(), place) != around.end())
        entry.disable_recursion_pending();
      else
        around.push_back(place);
    } else if (!hidden) {
      result.push_back(entry->path());
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

/// A name, its last number and what stands before and behind that; without a number all of it stands before.
struct NumberedName {
  std::string_view before, number, behind;

  explicit NumberedName(std::string_view name) {
    constexpr std::string_view digits = "0123456789";
    const std::size_t last = name.find_last_of(digits);
    const std::size_t end = last == name.npos ? name.size() : last + 1;
    const std::size_t begin = last == name.npos ? end : name.find_last_not_of(digits, last) + 1;
    before = name.substr(0, begin);
    number = name.substr(begin, end - begin);
    behind = name.substr(end);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
  }
  bool above(const NumberedName& other) const {
    return before == other.before && behind == other.behind &&
           (number.size() != other.number.size() ? number.size() > other.number.size() : number > other.number);
  }
};

/// A problem if a name stands before one of a lower number, as "10" does before "2": the order in which names are
/// paired would not be the one that is meant.
PIX2PIXHD_INLINE void require_numerical_order(const DatasetFolder& folder, DatasetReport& report) {
  const auto wrong = std::adjacent_find(
      folder.files.begin(), folder.files.end(),
      [](const auto& file, const auto& next) { return NumberedName(file.first).above(NumberedName(next.first)); });
  if (wrong == folder.files.end()) return;
  report.problems.push_back(sentence("The files in ", folder.path,
                                     " have names of their own, and cannot be paired with others in order: ",
                                     wrong->second.filename(), " comes before ", std::next(wrong)->second.filename(),
                                     ". Name the files of a sample alike, or fill the numbers up with zeros."));
}

PIX2PIXHD_INLINE MatchedSamples match_by_order(const std::vector<DatasetFolder>& folders, DatasetReport& report) {
  MatchedSamples result;
  for (const DatasetFolder& folder : folders) require_numerical_order(folder, report);
  for (const auto& [name, path] : folders.front().files) {
    result.names.push_back(name);
    result.files.push_back({path});
  }
  for (std::size_t i = 1; i < folders.size(); ++i) {
    auto sample = result.files.begin();
    for (const auto& file : folders[i].files) (sample++)->push_back(file.second);
    report.notes.push_back(
        sentence("No file in ", folders.front().path, " has the name of one in ", folders[i].path,
                 ", so they were paired in the order of their names, from ", result.files.front().front().filename(),
                 " with ", result.files.front().back().filename(), " to ", result.files.back().front().filename(),
                 " with ", result.files.back().back().filename(), "."));
  }
  return result;
}

/// Whether the folders have nothing in common but the number of their files.
PIX2PIXHD_INLINE bool only_order_matches(const std::vector<DatasetFolder>& folders) {
  const auto& first = folders.front().files;
  return !first.empty() && std::all_of(folders.begin() + 1, folders.end(), [&](const DatasetFolder& other) {
    return other.files.size() == first.size() &&
           std::none_of(first.begin(), first.end(), [&](const auto& file) { return other.files.count(file.first); });
  });
}

}  // namespace detail

PIX2PIXHD_INLINE std::string common_ending(const std::vector<std::filesystem::path>& files) {
  const auto found =
      std::find_if(detail::part_endings.begin(), detail::part_endings.end(), [&](std::string_view ending) {
        return std::all_of(files.begin(), files.end(), [&](const std::filesystem::path& file) {
          const std::string stem = file.stem().string();
          return stem.size() > ending.size() && stem.ends_with(ending);
        });
      });
  return files.empty() || found == detail::part_endings.end() ? std::string() : std::string(*found);
}

PIX2PIXHD_INLINE std::string sample_name(const std::filesystem::path& file, std::string_view ending) {
  std::string stem = file.stem().string();
  if (stem.ends_with(ending)) stem.resize(stem.size() - ending.size());
  return (file.parent_path() / stem).generic_string();
}

PIX2PIXHD_INLINE void require_no_problems(const DatasetReport& report, const std::filesystem::path& folder,
                                          std::size_t most) {
  const std::size_t count = report.problems.size();
  if (count == 0) return;
  std::string text = detail::sentence("The data in ", folder, " cannot be used, for ",
                                      count == 1 ? "this reason:" : detail::sentence(count, " reasons:"));
  for (std::size_t i = 0; i < std::min(count, most); ++i) text += "\n  " + report.problems[i];
  if (count > most) text += detail::sentence("\n  ... and ", count - most, " more of the kind.");
  throw Error(text);
}

PIX2PIXHD_INLINE DatasetFolder list_folder(std::string what, const std::filesystem::path& path, DatasetReport& report) {
  DatasetFolder folder{.what = std::move(what), .path = path};
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    report.problems.push_back(detail::sentence(path, ", the folder of the ", folder.what, "s, is missing."));
    return folder;
  }
  std::vector<std::filesystem::path> files = detail::files_below(path, error);
  const auto others = std::stable_partition(files.begin(), files.end(), detail::is_picture_name);
  if (others != files.end())
    report.notes.push_back(detail::sentence(files.end() - others, " files in ", path,
                                            " are no pictures by their names and were passed over, among them ",
                                            others->filename(), "."));
  files.erase(others, files.end());
  const std::string ending = common_ending(files);
  for (const std::filesystem::path& file : files) {
    const auto [place, fresh] = folder.files.emplace(sample_name(file.lexically_relative(path), ending), file);
    if (!fresh)
      report.problems.push_back(detail::sentence(place->second, " and ", file.filename(), " are both the ", folder.what,
                                                 " of ", place->first, "; remove one of them."));
  }
  if (error)
    report.problems.push_back(detail::sentence(path, " cannot be read to its end: ", error.message(), "."));
  else if (folder.files.empty())
    report.problems.push_back(
        detail::sentence(path, " holds no PNG, JPEG or .npy file; ", folder.what, "s are expected there."));
  return folder;
}

PIX2PIXHD_INLINE MatchedSamples match_folders(const std::vector<DatasetFolder>& folders, DatasetReport& report) {
  if (folders.size() > 1 && detail::only_order_matches(folders)) return detail::match_by_order(folders, report);
  std::set<std::string> names;
  for (const DatasetFolder& folder : folders) {
    for (const auto& file : folder.files) names.insert(file.first);
    const DatasetFolder& first = folders.front();
    if (!folder.files.empty() && !first.files.empty() && folder.files.size() != first.files.size())
      report.problems.push_back(detail::sentence(first.path, " has ", first.files.size(), " ", first.what, "s, ",
                                                 folder.path, " has ", folder.files.size(), " ", folder.what, "s."));
  }
  MatchedSamples result;
  for (const std::string& name : names) {
    std::vector<std::filesystem::path> files;
    const DatasetFolder* owner = nullptr;
    for (const DatasetFolder& folder : folders) {
      const auto file = folder.files.find(name);
      if (file == folder.files.end()) continue;
      files.push_back(file->second);
      owner = &folder;
    }
    if (files.size() == folders.size()) {
      result.names.push_back(name);
      result.files.push_back(std::move(files));
      continue;
    }
    for (const DatasetFolder& folder : folders)
      if (!folder.files.empty() && folder.files.count(name) == 0)
        report.problems.push_back(detail::sentence(owner->files.at(name), " has no ", folder.what, ": ", folder.path,
                                                   " has no file for ", name, "."));
  }
  return result;
}

}  // namespace pix2pixhd::inline v0
