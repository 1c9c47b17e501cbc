#pragma once
/// Files of style clusters.

#include <pix2pixhd/features/style_clusters.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <filesystem>

namespace pix2pixhd::inline v0 {

/// Writes clusters as .safetensors, whole or not at all. The file describes itself: the metadata say features, classes,
/// id rule and smallest area, and of each class how many instances were clustered and left out and how much variance
/// the clusters explain; `class.7.centres` [styles, features], `class.7.counts` [styles] and `class.7.mean` [features]
/// are the arrays of class 7. `more` is added to the metadata. Throws Error if the file cannot be written.
void save_clusters(const std::filesystem::path& path, const StyleClusters& clusters, const Metadata& more = {});

/// Clusters and what else the file's metadata say.
struct LoadedClusters {
  StyleClusters clusters;
  Metadata more = {};
};

/// Reads what save_clusters() wrote. Throws Error that names the file if it is something else or does not agree with
/// itself.
LoadedClusters load_clusters(const std::filesystem::path& path);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/store/style_file-inl.hpp>
#endif
