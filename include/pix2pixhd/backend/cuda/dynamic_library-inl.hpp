#pragma once
/// Finding and opening libraries.

#include <pix2pixhd/backend/cuda/dynamic_library.hpp>
#include <pix2pixhd/core/error.hpp>

#include <dlfcn.h>
#include <link.h>

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

/// The files in the order in which they are tried; those without a folder are for the system to find.
inline std::vector<std::string> possible_files(const LibrarySearch& search) {
  std::vector<std::string> files = search.names, folders;
  if (!search.wheel_folders.empty())
    for (const std::string& packages : python_package_folders())
      for (const std::string& folder : search.wheel_folders) folders.push_back(detail::sentence(packages, "/", folder));
  folders.insert(folders.end(), search.folders.begin(), search.folders.end());
  for (const std::string& folder : folders)
    for (const std::string& name : search.names) files.push_back(detail::sentence(folder, "/", name));
  return files;
}

/// The path of a file that may be for the system to find; empty if there is none. Loading a library and closing it
/// again leaves nothing behind as long as nothing of it is called.
inline std::string found_path(const std::string& file) {
  std::error_code ignored;
  if (file.find('/') != std::string::npos) return std::filesystem::exists(file, ignored) ? file : "";
  void* const handle = dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!handle) return "";
  const link_map* loaded = nullptr;
  std::string path = dlinfo(handle, RTLD_DI_LINKMAP, &loaded) == 0 ? loaded->l_name : "";
  dlclose(handle);
  return path;
}

PIX2PIXHD_INLINE bool DynamicLibrary::open(const std::string& file) {
  handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  const char* message = handle_ ? nullptr : dlerror();
  std::error_code ignored;
  if (handle_)
    path_ = file;
  else if (message && first_failure_.empty() && std::filesystem::exists(file, ignored))
    first_failure_ = message;  // a file that is there and cannot be used says more than the others' absence
  return handle_ != nullptr;
}

PIX2PIXHD_INLINE void DynamicLibrary::search_files(const LibrarySearch& search) {
  std::vector<std::filesystem::path> seen;  // by several names, the same file is one
  std::vector<std::string> unknown;
  for (const std::string& file : possible_files(search)) {
    if (!search.inspect) {
      if (open(file)) return;
      continue;
    }
    const std::string path = found_path(file);
    std::error_code ignored;
    const std::filesystem::path itself = std::filesystem::canonical(path, ignored);
    if (path.empty() || std::find(seen.begin(), seen.end(), itself) != seen.end()) continue;
    seen.push_back(itself);
    const LibraryVerdict verdict = search.inspect(path);
    if (!verdict.objection.empty())
      passed_over_ += detail::sentence(passed_over_.empty() ? "" : "; ", path, " ", verdict.objection);
    else if (!verdict.known)
      unknown.push_back(path);
    else if (open(path))
      return;
  }
  for (const std::string& path : unknown)
    if (open(path)) return;
}

PIX2PIXHD_INLINE DynamicLibrary::DynamicLibrary(const LibrarySearch& search) : what_(search.what) {
  const char* chosen = std::getenv(search.variable.c_str());
  if (chosen && *chosen) {
    if (!open(chosen))
      problem_ = detail::sentence(what_, ": the file that ", search.variable, " names could not be loaded: ", chosen,
                                  first_failure_.empty() ? " does not exist" : " (" + first_failure_ + ")");
    return;
  }
  search_files(search);
  if (handle_) return;
  const std::string both = passed_over_.empty() || first_failure_.empty() ? "" : "; ";
  const std::string there = passed_over_ + both + first_failure_;
  problem_ = detail::sentence(what_, " (", search.names.front(), ") was not found",
                              there.empty() ? "" : " in a usable form (" + there + ")", "; ", search.remedy,
                              ", or name the file in ", search.variable);
}

PIX2PIXHD_INLINE void DynamicLibrary::refuse(const std::string& problem) {
  handle_ = nullptr;  // never closed: other parts of the program may use it
  if (!problem_.empty()) return;
  problem_ = problem;
  if (!passed_over_.empty()) problem_ += "; passed over before: " + passed_over_;
}

PIX2PIXHD_INLINE void* DynamicLibrary::symbol(const char* name) {
  void* const found = handle_ ? dlsym(handle_, name) : nullptr;
  if (handle_ && !found) refuse(detail::sentence(what_, " (", path_, ") has no function ", name, "; it is too old"));
  return found;
}

}  // namespace pix2pixhd::inline v0::backend_cuda
