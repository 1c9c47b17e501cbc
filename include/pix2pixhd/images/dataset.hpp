#pragma once
/// Folders of training data.

#include <pix2pixhd/images/dataset_folders.hpp>
#include <pix2pixhd/images/dataset_labels.hpp>
#include <pix2pixhd/images/dataset_sample.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Whether a folder of a data set is read.
enum class FolderUse { required, if_there, left_out };

/// What is looked at before a data set is used: the names of its files, or also what is in each of them.
enum class DatasetCheck { names, contents };

/// The files of one sample. Those that it lacks are empty paths.
struct SampleFiles {
  std::string name;
  std::filesystem::path labels = {};
  std::filesystem::path instances = {};
  std::filesystem::path input = {};
  std::filesystem::path image = {};
};

/// Which folders of a data set are read, what their files hold, and how closely they are looked at first.
struct DatasetOptions {
  /// The folders are <phase>_label, <phase>_inst and <phase>_img, or <phase>_A and <phase>_B.
  std::string phase = "train";
  LabelPolicy labels = {};
  FolderUse instances = FolderUse::if_there;
  /// The photographs: <phase>_img, or <phase>_B.
  FolderUse images = FolderUse::required;
  /// 3: pictures are read as RGB. 1: as grey.
  int channels = 3;
  DatasetCheck check = DatasetCheck::contents;
  /// Threads that look at the files; 0: one a core, at most 8.
  int threads = 0;
  /// A check of the caller's own, called, from several threads, for each sample whose contents are in order so far. The
  /// Error that it throws is listed with what else is wrong.
  std::function<void(const RawSample&, const SampleFiles&)> further_check = {};
  /// Called with the number of samples looked at and of all, from one thread at a time.
  std::function<void(std::size_t, std::size_t)> progress = {};
};

/// Samples in folders: label maps with or without instance maps and photographs, or pairs of pictures. Files belong
/// together by name, see match_folders().
///
/// Nothing but names and sizes is kept in memory. One Dataset may be read by several threads at once.
class Dataset {
 public:
  /// Finds and checks the samples. Error that lists what is wrong, file by file (the first 20): missing folders,
  /// files without their counterparts, files that cannot be read, unequal sizes, labels out of range (with the pixel),
  /// what DatasetOptions::further_check finds.
  explicit Dataset(const std::filesystem::path& folder, DatasetOptions options = {});

  std::size_t size() const { return samples_.size(); }
  const SampleFiles& files(std::size_t index) const;
  /// Whether samples have label maps; otherwise they are pairs of pictures.
  bool has_labels() const { return has_labels_; }
  bool has_instances() const { return has_instances_; }
  bool has_images() const { return has_images_; }
  /// Classes of the labels that read() gives; 0 for pairs of pictures.
  int classes() const { return has_labels_ ? network_classes(options_.labels) : 0; }
  /// The size of each sample; empty where contents were not looked at.
  const std::vector<PictureSize>& sizes() const { return sizes_; }
  /// What the user should know although it is no error, in sentences.
  const std::vector<std::string>& notes() const { return notes_; }

  /// Reads a sample. Errors as above: files may have changed.
  RawSample read(std::size_t index) const;

 private:
  /// A sample with all that is wrong with it.
  struct Inspected {
    RawSample sample;
    std::vector<std::string> problems = {};
  };

  void find(DatasetReport& report);
  Inspected inspect(const SampleFiles& files) const;
  void check_contents(DatasetReport& report);

  std::filesystem::path folder_;
  DatasetOptions options_;
  LabelTable table_;
  bool has_labels_ = false;
  bool has_instances_ = false;
  bool has_images_ = false;
  std::vector<SampleFiles> samples_;
  std::vector<PictureSize> sizes_;
  std::vector<std::string> notes_;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/dataset-inl.hpp>
#endif
