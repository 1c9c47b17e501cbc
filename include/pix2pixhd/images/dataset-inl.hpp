#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/checks.hpp>
#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/images/files.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// Calls work(i) for each i below `count`, on several threads. `work` must not throw anything but std::bad_alloc, which
/// is thrown here again.
template <class Work>
void for_each_index(std::size_t count, int threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int i = 1; i < threads; ++i) helpers.emplace_back(run);
    run();
  }
  if (failure) std::rethrow_exception(failure);
}

/// Sizes of the parts that a sample has.
PIX2PIXHD_INLINE void check_sizes(const RawSample& sample, const SampleFiles& files,
                                  std::vector<std::string>& problems) {
  std::vector<NamedSize> sizes;
  std::vector<std::string> names;
  names.reserve(4);
  const auto add = [&](const std::filesystem::path& path, std::size_t width, std::size_t height) {
    names.push_back(sentence(path));
    sizes.push_back({.name = names.back(), .width = width, .height = height});
  };
  const auto add_map = [&](const auto& map, const std::filesystem::path& path) {
    if (map) add(path, map->shape()[1], map->shape()[0]);
  };
  const auto add_raster = [&](const std::optional<Raster>& raster, const std::filesystem::path& path) {
    if (raster) add(path, static_cast<std::size_t>(raster->width), static_cast<std::size_t>(raster->height));
  };
  add_map(sample.labels, files.labels);
  add_map(sample.instances, files.instances);
  add_raster(sample.input, files.input);
  add_raster(sample.image, files.image);
  for (std::size_t i = 1; i < sizes.size(); ++i) {
    try {
      check_same_size(sizes[0], sizes[i]);
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
  }
}

}  // namespace detail

PIX2PIXHD_INLINE Dataset::Dataset(const std::filesystem::path& folder, DatasetOptions options)
    : folder_(folder), options_(std::move(options)), table_(options_.labels) {
  detail::require(options_.channels == 1 || options_.channels == 3, "A data set was asked for pictures of ",
                  options_.channels, " channels; 1 (grey) and 3 (RGB) are possible.");
  detail::require(detail::is_folder(folder), folder, " is no folder; the folders ", options_.phase, "_label, ",
                  options_.phase, "_inst and ", options_.phase, "_img (or ", options_.phase, "_A and ", options_.phase,
                  "_B) are expected in one.");
  DatasetReport report;
  find(report);
  require_no_problems(report, folder);
  if (options_.check == DatasetCheck::contents) {
    check_contents(report);
    require_no_problems(report, folder);
  }
  notes_ = std::move(report.notes);
}

PIX2PIXHD_INLINE void Dataset::find(DatasetReport& report) {
  const auto path = [&](const char* part) { return folder_ / (options_.phase + part); };
  const bool labels = detail::is_folder(path("_label")), pairs = detail::is_folder(path("_A"));
  detail::require(labels || pairs, folder_, " has neither ", options_.phase, "_label (with ", options_.phase,
                  "_inst and ", options_.phase, "_img) nor ", options_.phase, "_A (with ", options_.phase,
                  "_B). Give the folder that these lie in.");
  detail::require(!(labels && pairs), folder_, " has both ", options_.phase, "_label and ", options_.phase,
                  "_A; a data set has label maps or pairs of pictures. Move one of them elsewhere.");
  has_labels_ = labels;

  std::vector<DatasetFolder> folders;
  std::vector<std::filesystem::path SampleFiles::*> members;
  const auto add = [&](FolderUse use, const char* part, const char* what, std::filesystem::path SampleFiles::*member) {
    if (use == FolderUse::left_out || (use == FolderUse::if_there && !detail::is_folder(path(part)))) return false;
    folders.push_back(list_folder(what, path(part), report));
    members.push_back(member);
    return true;
  };
  if (labels) {
    add(FolderUse::required, "_label", "label map", &SampleFiles::labels);
    has_instances_ = add(options_.instances, "_inst", "instance map", &SampleFiles::instances);
    has_images_ = add(options_.images, "_img", "photograph", &SampleFiles::image);
  } else {
    add(FolderUse::required, "_A", "picture to translate", &SampleFiles::input);
    has_images_ = add(options_.images, "_B", "photograph", &SampleFiles::image);
  }
  MatchedSamples matched = match_folders(folders, report);
  for (std::size_t i = 0; i < matched.names.size(); ++i) {
    SampleFiles files{.name = matched.names[i]};
    for (std::size_t part = 0; part < members.size(); ++part) files.*members[part] = matched.files[i][part];
    samples_.push_back(std::move(files));
  }
}

PIX2PIXHD_INLINE Dataset::Inspected Dataset::inspect(const SampleFiles& files) const {
  Inspected result{.sample = {.name = files.name}};
  const auto attempt = [&](const std::filesystem::path& path, const auto& read) {
    if (path.empty()) return;
    try {
      read(path);
    } catch (const Error& error) {
      result.problems.emplace_back(error.what());
    }
  };
  RawSample& sample = result.sample;
  attempt(files.labels, [&](const std::filesystem::path& path) {
    sample.labels = read_labels(path);
    table_.apply(*sample.labels, detail::sentence(path));
  });
  attempt(files.instances, [&](const std::filesystem::path& path) { sample.instances = read_instances(path); });
  const auto picture = [&](const std::filesystem::path& path) {
    return expand(read_raster(path), options_.channels, detail::sentence(path));
  };
  attempt(files.input, [&](const std::filesystem::path& path) { sample.input = picture(path); });
  attempt(files.image, [&](const std::filesystem::path& path) { sample.image = picture(path); });
  detail::check_sizes(sample, files, result.problems);
  return result;
}

namespace detail {

inline PictureSize size_of_sample(const RawSample& sample) {
  if (sample.labels)
    return {.width = static_cast<int>(sample.labels->shape()[1]),
            .height = static_cast<int>(sample.labels->shape()[0])};
  const std::optional<Raster>& picture = sample.image ? sample.image : sample.input;
  if (!picture) return {.width = 1, .height = 1};
  return {.width = picture->width, .height = picture->height};
}

}  // namespace detail

PIX2PIXHD_INLINE void Dataset::check_contents(DatasetReport& report) {
  const int cores = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 8);
  std::vector<std::vector<std::string>> problems(samples_.size());
  sizes_.resize(samples_.size());
  std::mutex mutex;
  std::size_t done = 0;
  detail::for_each_index(samples_.size(), options_.threads > 0 ? options_.threads : cores, [&](std::size_t i) {
    Inspected inspected = inspect(samples_[i]);
    sizes_[i] = detail::size_of_sample(inspected.sample);
    if (options_.further_check && inspected.problems.empty()) {
      try {
        options_.further_check(inspected.sample, samples_[i]);
      } catch (const Error& error) {
        inspected.problems.emplace_back(error.what());
      }
    }
    problems[i] = std::move(inspected.problems);
    const std::lock_guard lock(mutex);
    ++done;
    if (options_.progress) options_.progress(done, samples_.size());
  });
  for (std::vector<std::string>& some : problems) {
    for (std::string& problem : some) report.problems.push_back(std::move(problem));
  }
}

PIX2PIXHD_INLINE const SampleFiles& Dataset::files(std::size_t index) const {
  detail::require(index < samples_.size(), "Sample ", index, " was asked for of the data in ", folder_, ", which has ",
                  samples_.size(), " samples.");
  return samples_[index];
}

PIX2PIXHD_INLINE RawSample Dataset::read(std::size_t index) const {
  Inspected result = inspect(files(index));
  if (!result.problems.empty()) throw Error(result.problems.front());
  return std::move(result.sample);
}

}  // namespace pix2pixhd::inline v0
