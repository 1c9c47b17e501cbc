#pragma once
/// Folders and variables of the environment for tests of what is found where.

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace tests {

/// A folder that goes when the test ends.
struct Folder {
  static inline int made = 0;
  std::filesystem::path path = std::filesystem::temp_directory_path() /
                               ("pix2pixhd_loading_" + std::to_string(getpid()) + "_" + std::to_string(made++));
  Folder() { std::filesystem::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
};

/// The value of an environment variable for the duration of a test; then it is what it was before.
struct Variable {
  const char* name;
  std::optional<std::string> before;
  Variable(const char* variable, const std::string& value) : name(variable) {
    if (const char* old = std::getenv(name)) before = old;
    setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before)
      setenv(name, before->c_str(), 1);
    else
      unsetenv(name);
  }
};

inline void check_says(const std::string& sentence, const std::string& part) {
  CHECK_MESSAGE(sentence.find(part) != std::string::npos, "it says: ", sentence);
}

}  // namespace tests
