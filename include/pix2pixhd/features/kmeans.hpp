#pragma once
/// K-means clustering of feature vectors.

#include <pix2pixhd/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How many clusters k-means looks for, and how long.
struct KMeansOptions {
  int clusters = 10;       ///< at most; there are fewer where there are fewer distinct samples
  std::uint64_t seed = 0;  ///< the same seed gives the same clusters
  int restarts = 30;       ///< runs from other seedings, of which the best one counts
  int iterations = 300;    ///< of a run at most; it ends earlier when no sample changes its cluster
};

/// Clusters of samples. Those with more samples come first.
struct KMeans {
  std::size_t dimensions = 0;
  std::vector<float> centres = {};           ///< cluster by cluster
  std::vector<std::int64_t> counts = {};     ///< samples of each cluster; none is empty
  std::vector<std::size_t> assignment = {};  ///< cluster of each sample
  double inertia = 0;                        ///< sum of squared distances of the samples to their centres
  double total = 0;                          ///< sum of squared distances to the mean of all samples

  std::size_t clusters() const { return counts.size(); }
  std::span<const float> centre(std::size_t cluster) const {
    return std::span(centres).subspan(cluster * dimensions, dimensions);
  }
  /// Share of the samples' variance that lies between clusters, 0 to 1; 1 where the samples do not vary.
  double explained_variance() const { return total > 0 ? std::max(0.0, 1 - inertia / total) : 1; }
};

/// Minimises the sum of squared distances to the nearest centre: Lloyd's iterations from a greedy k-means++ seeding
/// (Arthur and Vassilvitskii 2007), several times. A cluster that loses all its samples gets the sample that is
/// farthest from its own centre. `samples` are vectors of `dimensions` values, one after the other.
/// Throws Error for no samples, a number of values that is no multiple of `dimensions`, values that are not finite, and
/// options that are not positive.
KMeans kmeans(std::span<const float> samples, std::size_t dimensions, const KMeansOptions& options = {});

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/kmeans-inl.hpp>
#endif
