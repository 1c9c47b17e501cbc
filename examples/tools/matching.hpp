#pragma once
/// Which files belong together: one picture, or a folder of them.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/images/dataset_folders.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tools {

namespace fs = std::filesystem;

/// One run of the network. Paths that the caller did not give are empty.
struct Job {
  fs::path input;      ///< label map or plain image
  fs::path instances;  ///< instance map
  fs::path style;      ///< picture whose style is taken
  fs::path features;   ///< feature map
  fs::path output;     ///< picture
  fs::path raw;        ///< the same as float32
};

/// The name by which the files of one picture are matched: without extension and without what data sets append to tell
/// a label map from an instance map.
inline std::string picture_name(const fs::path& file) {
  return pix2pixhd::sample_name(file.filename(), pix2pixhd::common_ending({file}));
}

/// The picture files of a folder, by name and in the order of the names; of one that has none, those of the folders in
/// it, as train finds them, and where it has some a note on stderr that there are more. Hidden files and folders are
/// passed over. Error where there are none at all.
inline std::map<std::string, fs::path> pictures_in(const fs::path& folder) {
  constexpr std::array<std::string_view, 4> known = {".png", ".jpg", ".jpeg", ".npy"};
  std::map<std::string, fs::path> pictures;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::string extension = entry.path().extension().string();
    for (char& letter : extension) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (hidden || !entry.is_regular_file() || std::find(known.begin(), known.end(), extension) == known.end()) continue;
    const auto [place, added] = pictures.emplace(picture_name(entry.path()), entry.path());
    pix2pixhd::detail::require(added, place->second, " and ", entry.path(), " have the same name ", place->first,
                               "; only one of them can be meant, so move the other away.");
  }
  pix2pixhd::DatasetReport report;
  pix2pixhd::DatasetFolder below = pix2pixhd::list_folder("picture", folder, report);
  if (!pictures.empty()) {
    if (below.files.size() > pictures.size())
      std::cerr << "note: " << folder.string() << " has pictures itself, so that "
                << below.files.size() - pictures.size() << " in folders below it are left out\n";
    return pictures;
  }
  require_no_problems(report, folder);
  return std::move(below.files);
}

/// Error unless `path` is there and is a folder or a file, as `folder` says.
inline void check_kind(const fs::path& path, bool folder) {
  using pix2pixhd::detail::require;
  require(fs::exists(path), path, " does not exist.");
  require(fs::is_directory(path) == folder, path,
          folder ? " is a file, but another input is a folder; give folders for all, or files for all."
                 : " is a folder, but another input is a file; give folders for all, or files for all.");
}

/// The jobs for one picture or for folders. In a folder, the files of one picture have the same name (see
/// picture_name), and the outputs are named like the inputs, also in folders below it. Throws Error naming the file
/// that is missing.
inline std::vector<Job> list_jobs(const Job& given) {
  using pix2pixhd::detail::require;
  require(fs::exists(given.input), given.input, " does not exist.");
  const bool folder = fs::is_directory(given.input);
  for (const fs::path& other : {given.instances, given.style, given.features})
    if (!other.empty()) check_kind(other, folder);
  if (!folder) {
    require(!fs::is_directory(given.output), given.output, " is a folder; give the name of a .png or .jpg file.");
    return {given};
  }
  for (const fs::path& output : {given.output, given.raw})
    require(output.empty() || !fs::exists(output) || fs::is_directory(output), output,
            " is a file, but the input is a folder; give a folder for the output too.");
  const auto inputs = pictures_in(given.input);
  const auto partners = [&](const fs::path& where, const char* what) {
    return [where, what, files = where.empty() ? inputs : pictures_in(where)](const std::string& name,
                                                                              const fs::path& of) {
      if (where.empty()) return fs::path();
      const auto found = files.find(name);
      require(found != files.end(), where, " contains no ", what, " for ", of, "; it must be named ", name, " too.");
      return found->second;
    };
  };
  const auto instances = partners(given.instances, "instance map");
  const auto style = partners(given.style, "picture");
  const auto features = partners(given.features, "feature map");
  std::vector<Job> jobs;
  for (const auto& [name, file] : inputs) {
    const fs::path place = file.lexically_relative(given.input).parent_path() / file.stem();
    jobs.push_back({.input = file,
                    .instances = instances(name, file),
                    .style = style(name, file),
                    .features = features(name, file),
                    .output = given.output / (place.string() + ".png"),
                    .raw = given.raw.empty() ? fs::path() : given.raw / (place.string() + ".npy")});
  }
  return jobs;
}

/// Makes the folder in which a file of a folder of results will lie.
inline void make_folder_of(const fs::path& file) {
  std::error_code problem;
  fs::create_directories(file.parent_path(), problem);
  pix2pixhd::detail::require(!problem, file.parent_path(), " cannot be made a folder: ", problem.message(), ".");
}

}  // namespace tools
