#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/features/style_clusters.hpp>

#include <cmath>
#include <utility>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE StyleCollector::StyleCollector(StyleClusters about) : about_(std::move(about)) {
  detail::require(about_.features >= 1 && about_.classes >= 1, "styles of ", about_.features, " features and ",
                  about_.classes, " classes were asked for; both must be at least 1.");
  detail::require(about_.min_area >= 0 && about_.min_area <= 1, "the smallest area of an instance is ", about_.min_area,
                  "; it is a share of the picture, 0 to 1.");
  about_.by_class.clear();
}

PIX2PIXHD_INLINE void StyleCollector::add(const Instances& instances, const std::vector<std::vector<float>>& features) {
  detail::require(features.size() == instances.list.size(), "features of ", features.size(),
                  " instances were given for a picture of ", instances.list.size(), ".");
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Instance& instance = instances.list[i];
    detail::require(features[i].size() == static_cast<std::size_t>(about_.features), "instance ", instance.id, " has ",
                    features[i].size(), " features; ", about_.features, " were stated.");
    for (const float value : features[i])
      detail::require(std::isfinite(value), "a feature of instance ", instance.id, " is infinite or not a number.");
    detail::require(instance.label < about_.classes || instance.label == no_class, "instance ", instance.id,
                    " is of class ", instance.label, "; there are ", about_.classes, " classes, counted from 0.");
  }
  ++pictures_;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Instance& instance = instances.list[i];
    Collected& collected = by_class_[instance.label];
    const auto pixels = static_cast<double>(instance.pixels);
    collected.sum.resize(features[i].size(), 0.0);
    for (std::size_t f = 0; f < features[i].size(); ++f)
      collected.sum[f] += pixels * static_cast<double>(features[i][f]);
    collected.pixels += pixels;
    if (pixels < about_.min_area * static_cast<double>(instances.pixels()))
      ++collected.left_out;
    else
      collected.samples.insert(collected.samples.end(), features[i].begin(), features[i].end());
  }
}

PIX2PIXHD_INLINE StyleClusters StyleCollector::clusters(const KMeansOptions& options) const {
  detail::require(pictures_ > 0, "there are no styles, because no picture was looked at.");
  StyleClusters result = about_;
  for (const auto& [label, collected] : by_class_) {
    ClassStyles& of_class = result.by_class[label];
    for (const double sum : collected.sum) of_class.mean.push_back(static_cast<float>(sum / collected.pixels));
    of_class.left_out = collected.left_out;
    if (collected.samples.empty()) continue;
    const KMeans found = kmeans(collected.samples, static_cast<std::size_t>(about_.features), options);
    of_class.samples = static_cast<std::int64_t>(found.assignment.size());
    of_class.explained_variance = found.explained_variance();
    for (std::size_t c = 0; c < found.clusters(); ++c) {
      const auto centre = found.centre(c);
      of_class.styles.push_back({.feature = {centre.begin(), centre.end()}, .count = found.counts[c]});
    }
  }
  return result;
}

}  // namespace pix2pixhd::inline v0
