#pragma once
/// Libraries that are found when a program runs.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <string>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// Where a library may be.
struct LibrarySearch {
  std::string what;                ///< for messages: "cuDNN"
  std::string variable;            ///< environment variable that names the file; if it is set nothing else is tried
  std::vector<std::string> names;  ///< file names, the preferred one first: "libcudnn.so.9"
  /// Folders below site-packages in which wheels from PyPI have it: "nvidia/cudnn/lib".
  std::vector<std::string> wheel_folders = {};
  std::vector<std::string> folders = {};  ///< further folders, the last resort
  std::string remedy;                     ///< what to do if it is nowhere: "install the package ..."
};

/// A library that stays loaded until the program ends, or the reason why there is none. Files are tried in this order:
/// the one that the environment variable names; what the system's search path has; wheels in the site-packages of the
/// active Python environment, of the user and of the system; the further folders.
class DynamicLibrary {
 public:
  explicit DynamicLibrary(const LibrarySearch& search);

  bool loaded() const { return handle_ != nullptr; }
  /// The file as it was asked for.
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
  void* symbol(const char* name);

  std::string what_, path_, problem_;
  void* handle_ = nullptr;
};

/// Folders named site-packages or dist-packages that exist on this machine, those of active environments first.
std::vector<std::string> python_package_folders();

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/dynamic_library-inl.hpp>
#endif
