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
/// silent: the work is then done again.
class DiskCache {
 public:
  DiskCache();
  explicit DiskCache(std::string folder) : folder_(std::move(folder)) {}

  std::optional<std::vector<char>> read(const std::string& key) const;
  void write(const std::string& key, const std::vector<char>& contents) const;
  /// Where `key` is kept; empty if the cache is off.
  std::string file(const std::string& key) const;

 private:
  std::string folder_;
};

}  // namespace pix2pixhd::inline v0::backend_cuda

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cuda/disk_cache-inl.hpp>
#endif
