#pragma once
/// Files that spare a later run some work: compiled kernels and plans of convolutions.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::backend_cuda {

/// Contents under keys of any text, in $PIX2PIXHD_CACHE, else $XDG_CACHE_HOME/pix2pixhd, else $HOME/.cache/pix2pixhd.
/// An empty PIX2PIXHD_CACHE turns it off. Each file begins with its key and a checksum of its contents, so that neither
/// a collision nor a damaged file does harm, and is written under another name first. Whatever fails on the way is
/// silent: the work is then done again. What was used longest ago goes when a process begins with more than 256 MB, but
/// not in a folder that PIX2PIXHD_CACHE names.
class DiskCache {
 public:
  DiskCache();
  explicit DiskCache(std::string folder) : folder_(std::move(folder)) {}

  std::optional<std::vector<char>> read(const std::string& key) const;
  /// Replaces what is there. Returns whether the contents are there now.
  bool write(const std::string& key, const std::vector<char>& contents) const { return put(key, contents, true); }
  /// The same, but leaves what is there, whole, under `key`: of several processes that add at once all read alike
  /// afterwards, on file systems that know hard links or lock folders (flock). Returns whether there is something to
  /// read.
  bool add(const std::string& key, const std::vector<char>& contents) const { return put(key, contents, false); }
  /// Whether files can be made, as far as the folder tells; makes it.
  bool writable() const;
  /// Where `key` is kept; empty if the cache is off.
  std::string file(const std::string& key) const;

 private:
  bool put(const std::string& key, const std::vector<char>& contents, bool replace) const;

  std::string folder_;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/disk_cache-inl.hpp>
#endif
