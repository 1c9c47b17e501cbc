#pragma once
/// Where a tool will write, looked at before it begins its work.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include <filesystem>
#include <initializer_list>
#include <set>
#include <string_view>
#include <system_error>

namespace tools {

/// Files that are read, and files that are to be written: each is told first, then checked. An Error says which result
/// could not be written, or would replace a file that is read or another result. Nothing is written. A path that was
/// not given is empty.
class Outputs {
 public:
  /// Files that are read.
  Outputs(std::initializer_list<std::filesystem::path> inputs) {
    for (const std::filesystem::path& input : inputs) reads(input);
  }
  void reads(const std::filesystem::path& input) {
    if (!input.empty()) inputs_.insert(place(input));
  }

  /// A file in a folder that is there. `ending`: of its name; empty: any.
  void writes(const std::filesystem::path& output, std::string_view ending = {}) {
    using pix2pixhd::detail::require;
    if (output.empty()) return;
    require(ending.empty() || output.extension() == ending, output, " must end in ", ending, ".");
    require_own(output);
    const std::filesystem::path folder = output.parent_path();
    require(folder.empty() || std::filesystem::is_directory(folder), output, " cannot be written: the folder ", folder,
            " does not exist; make it, or write into another one.");
    const pix2pixhd::AtomicFile trial(output);
  }

  /// A file in a folder of results, which the tool makes for the first one if it is not there.
  void writes_in_folder(const std::filesystem::path& output) {
    if (output.empty()) return;
    require_own(output);
    const std::filesystem::path folder = place(output).parent_path();
    if (!folders_.insert(folder).second) return;
    std::error_code problem;
    if (std::filesystem::exists(folder, problem))
      const pix2pixhd::AtomicFile trial(output);
    else
      require_possible(output.parent_path());
  }

 private:
  /// Error unless a folder that is not there can be made, which is tried with the first of those that it lies in. In
  /// that, files can be written: it belongs to who makes it.
  static void require_possible(const std::filesystem::path& folder) {
    std::error_code problem;
    std::filesystem::path missing = place(folder);
    while (!std::filesystem::exists(missing.parent_path(), problem)) missing = missing.parent_path();
    const bool made = std::filesystem::create_directory(missing, problem);
    pix2pixhd::detail::require(!problem, "the folder ", folder, " cannot be made: ", problem.message(),
                               "; write into another one.");
    if (made) std::filesystem::remove(missing, problem);
  }
  /// The same for every way to name a file.
  static std::filesystem::path place(const std::filesystem::path& file) {
    std::error_code problem;
    const std::filesystem::path whole = std::filesystem::absolute(file);
    std::filesystem::path result = std::filesystem::weakly_canonical(whole, problem);
    return problem ? whole : result;
  }
  void require_own(const std::filesystem::path& output) {
    using pix2pixhd::detail::require;
    const std::filesystem::path file = place(output);
    require(!inputs_.contains(file), output, " is read, and what is written would replace it; give another name.");
    require(outputs_.insert(file).second, output, " would be written twice; give each result a name of its own.");
  }

  std::set<std::filesystem::path> inputs_, outputs_, folders_;
};

}  // namespace tools
