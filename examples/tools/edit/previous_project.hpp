#pragma once
/// Projects that others take the place of.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include <exception>
#include <filesystem>
#include <string>
#include <system_error>

namespace tools::edit {

/// Where the project that was replaced last is kept.
inline std::filesystem::path previous_of(const std::filesystem::path& file) { return file.string() + ".previous"; }

/// Copies a project, which is about to be replaced, to its .previous; the one that is there goes to .previous.1 or the
/// next number that is free. A project in which nothing was done (`edited`) does not push out another.
inline void keep_previous(const std::filesystem::path& file, bool edited) {
  namespace fs = std::filesystem;
  const fs::path previous = previous_of(file), copy = previous.string() + ".part";
  if (!edited && fs::exists(previous)) return;
  // The file stays where it is, and the copy is on the disk before it is renamed, so that there is a project at every
  // moment.
  try {
    pix2pixhd::write_copy(file, copy);
    if (fs::exists(previous)) {
      int number = 1;
      while (fs::exists(previous.string() + "." + std::to_string(number))) ++number;
      fs::rename(previous, previous.string() + "." + std::to_string(number));
    }
    fs::rename(copy, previous);
  } catch (const std::exception& problem) {
    std::error_code ignored;
    fs::remove(copy, ignored);
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(file, " cannot be kept as ", previous, ": ", problem.what(),
                                                       " Make room there, or give another project by --project."));
  }
}

}  // namespace tools::edit
