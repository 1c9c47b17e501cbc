#pragma once
/// A data set of which every file is looked at before it is used.

#include <pix2pixhd/images/dataset.hpp>

#include "progress.hpp"

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

namespace tools {

/// Opens it, showing how far that is, and writes what the user should know to stderr, behind `prefix`. Error that lists
/// what is wrong, file by file.
inline std::unique_ptr<pix2pixhd::Dataset> open_dataset(const std::filesystem::path& folder,
                                                        pix2pixhd::DatasetOptions options, const std::string& prefix) {
  Progress progress("looking at the files of " + options.phase);
  options.progress = [&](std::size_t done, std::size_t all) {
    progress(static_cast<double>(done) / static_cast<double>(all));
  };
  auto dataset = std::make_unique<pix2pixhd::Dataset>(folder, std::move(options));
  progress.clear();
  for (const std::string& note : dataset->notes()) std::cerr << prefix << note << '\n';
  return dataset;
}

}  // namespace tools
