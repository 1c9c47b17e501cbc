#pragma once
/// Which files of several folders belong together.

#include <pix2pixhd/core/error.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0 {

/// What all files of a folder have at the end of their names to say which part of a sample they are: _gtFine_labelIds,
/// _gtFine_instanceIds, _leftImg8bit, _label, _inst, _img and the like; empty where they have nothing in common.
std::string common_ending(const std::vector<std::filesystem::path>& files);

/// A file's name without its extension and that ending. Folders before it are kept.
std::string sample_name(const std::filesystem::path& file, std::string_view ending);

/// The files of one part of all samples.
struct DatasetFolder {
  std::string what;  ///< "label map", for messages
  std::filesystem::path path;
  std::map<std::string, std::filesystem::path> files = {};  ///< by sample_name()
};

/// What was found out about a data set: problems forbid to train on it, notes do not.
struct DatasetReport {
  std::vector<std::string> problems = {};
  std::vector<std::string> notes = {};
};

/// Error with a sentence for each of the first `most` problems, if there are any.
void require_no_problems(const DatasetReport& report, const std::filesystem::path& folder, std::size_t most = 20);

/// The pictures (.png, .jpg, .jpeg, .npy) of a folder and the folders in it; hidden ones are passed over, others are
/// noted. Problems: the folder is missing, unreadable or empty; two files of the same sample.
DatasetFolder list_folder(std::string what, const std::filesystem::path& path, DatasetReport& report);

/// For each sample its files, in the order of `folders`, samples in the order of their names.
struct MatchedSamples {
  std::vector<std::string> names = {};
  std::vector<std::vector<std::filesystem::path>> files = {};
};

/// Matches files by sample_name(). Where no name of one folder occurs in the others and all have as many files, they
/// are paired in the order of their names, with a note that says so. Problems: a file without its counterparts.
MatchedSamples match_folders(const std::vector<DatasetFolder>& folders, DatasetReport& report);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/dataset_folders-inl.hpp>
#endif
