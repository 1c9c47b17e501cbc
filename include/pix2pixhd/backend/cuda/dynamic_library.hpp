#pragma once
/// Libraries that are found when a program runs.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <functional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// What can be said of a library's file before it is used.
struct LibraryVerdict {
  bool known = true;           ///< false: that it fits is only known when it has been loaded
  std::string objection = {};  ///< why it cannot be used: "is version 9.14.0"; empty if nothing is known against it
};

/// Where a library may be.
struct LibrarySearch {
  std::string what;                ///< for messages: "cuDNN"
  std::string variable;            ///< environment variable that names the file; if it is set nothing else is tried
  std::vector<std::string> names;  ///< file names, the preferred one first: "libcudnn.so.9"
  /// Folders below site-packages in which wheels from PyPI have it: "nvidia/cudnn/lib".
  std::vector<std::string> wheel_folders = {};
  std::vector<std::string> folders = {};  ///< further folders, the last resort
  std::string remedy;                     ///< what to do if it is nowhere: "install the package ..."
  /// Looks at a file that is there, without calling what is in it. Those known to fit are tried first, then those of
  /// which that is not known; those with an objection never. Empty: the first file is taken.
  std::function<LibraryVerdict(const std::string& path)> inspect = {};
};

/// A library that stays loaded until the program ends, or the reason why there is none. Files are tried in this order:
/// the one that the environment variable names; what the system's search path has; wheels in the site-packages of the
/// active Python environment, of the user and of the system; the further folders. Where `inspect` objects to some, the
/// problem names them.
class DynamicLibrary {
 public:
  explicit DynamicLibrary(const LibrarySearch& search);

  bool loaded() const { return handle_ != nullptr; }
  /// The file as it was asked for, or, where it was inspected, as it was found.
  const std::string& path() const { return path_; }
  /// Why it is not to be had, in a sentence; empty if it is.
  const std::string& problem() const { return problem_; }

  /// Sets `function` to the function `name`. Where it is missing the library becomes unusable and problem() says so.
  template <class Function>
  void resolve(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(symbol(name));
  }

  /// Makes the library unusable, for a reason found later: a version that does not fit.
  void refuse(const std::string& problem);

 private:
  bool open(const std::string& file);
  void search_files(const LibrarySearch& search);
  void* symbol(const char* name);

  std::string what_, path_, problem_;
  std::string passed_over_;    ///< "/lib/libcudnn.so.9 is version 9.14.0; ..."
  std::string first_failure_;  ///< what the system says of the first file that is there and cannot be loaded
  void* handle_ = nullptr;
};

/// Folders named site-packages or dist-packages that exist on this machine, those of active environments first.
std::vector<std::string> python_package_folders();

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/dynamic_library-inl.hpp>
#endif
