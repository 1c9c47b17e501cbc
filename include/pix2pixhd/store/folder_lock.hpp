#pragma once
/// One program at a time in a folder.

#include <filesystem>

namespace pix2pixhd::inline v0 {

/// Keeps a folder for this process until it is destroyed or the process ends, however it ends. A file .lock stays
/// behind, which means nothing by itself.
class FolderLock {
 public:
  /// Removes what writers that were killed left half-written there (see AtomicFile). Error where another process holds
  /// the folder, or where it cannot be written to.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/folder_lock-inl.hpp>
#endif
