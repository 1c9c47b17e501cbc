#pragma once
/// Finding and opening libraries.

#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/core/error.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace pix2pixhd::inline v0::backend_cuda {

PIX2PIXHD_INLINE std::vector<std::string> python_package_folders() {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  const auto add = [&](const fs::path& folder) {
    std::error_code ignored;
    if (fs::is_directory(folder, ignored) && std::find(found.begin(), found.end(), folder.string()) == found.end())
      found.push_back(folder.string());
  };
  const auto add_below = [&](const fs::path& lib) {  // lib/python3.11/site-packages
    std::error_code error;
    std::vector<fs::path> versions;
    for (fs::directory_iterator i(lib, error), end; !error && i != end; i.increment(error))
      if (i->path().filename().string().starts_with("python3")) versions.push_back(i->path());
    std::sort(versions.rbegin(), versions.rend());
    for (const fs::path& version : versions)
      for (const char* name : {"site-packages", "dist-packages"}) add(version / name);
  };
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const char* root = std::getenv(variable)) add_below(fs::path(root) / "lib");
  if (const char* home = std::getenv("HOME")) add_below(fs::path(home) / ".local/lib");
  add_below("/usr/local/lib");
  add_below("/usr/lib");
  return found;
}

PIX2PIXHD_INLINE DynamicLibrary::DynamicLibrary(const LibrarySearch& search) : what_(search.what) {
  std::string first_refusal;
  const auto open = [&](const std::string& file) {
    handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const char* message = handle_ ? nullptr : dlerror();
    std::error_code ignored;
    if (handle_)
      path_ = file;
    else if (message && first_refusal.empty() && std::filesystem::exists(file, ignored))
      first_refusal = message;  // a file that is there and cannot be used says more than the others' absence
    return handle_ != nullptr;
  };
  const char* chosen = std::getenv(search.variable.c_str());
  if (chosen && *chosen) {
    if (!open(chosen))
      problem_ = detail::sentence(what_, ": the file that ", search.variable, " names could not be loaded: ", chosen,
                                  first_refusal.empty() ? " does not exist" : " (" + first_refusal + ")");
    return;
  }
  for (const std::string& name : search.names)
    if (open(name)) return;
  if (!search.wheel_folders.empty())
    for (const std::string& packages : python_package_folders())
      for (const std::string& folder : search.wheel_folders)
        for (const std::string& name : search.names)
          if (open(detail::sentence(packages, "/", folder, "/", name))) return;
  for (const std::string& folder : search.folders)
    for (const std::string& name : search.names)
      if (open(detail::sentence(folder, "/", name))) return;
  problem_ = detail::sentence(what_, " (", search.names.front(), ") was not found",
                              first_refusal.empty() ? "" : " in a usable form (" + first_refusal + ")", "; ",
                              search.remedy, ", or name the file in ", search.variable);
}

PIX2PIXHD_INLINE void DynamicLibrary::refuse(const std::string& problem) {
  handle_ = nullptr;  // never closed: other parts of the program may use it
  if (problem_.empty()) problem_ = problem;
}

PIX2PIXHD_INLINE void* DynamicLibrary::symbol(const char* name) {
  void* const found = handle_ ? dlsym(handle_, name) : nullptr;
  if (handle_ && !found) refuse(detail::sentence(what_, " (", path_, ") has no function ", name, "; it is too old"));
  return found;
}

}  // namespace pix2pixhd::inline v0::backend_cuda
