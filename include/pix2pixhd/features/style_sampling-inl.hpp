#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/features/style_sampling.hpp>

#include <algorithm>
#include <set>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Error unless the class has the style. `who` begins the sentence.
inline void check_style(const StyleClusters& clusters, int label, int style, const std::string& who) {
  const int count = clusters.choices(label);
  require(count > 0, who, " cannot have style ", style, ", because class ", label,
          " has no clusters: none of its instances in the data set was large enough (StyleClusters::min_area is ",
          clusters.min_area, "), or none was there.");
  require(style >= 0 && style < count, who, " cannot have style ", style, "; class ", label, " has ", count,
          count == 1 ? " style, 0" : sentence(" styles, 0 to ", count - 1), ".");
}

/// The class of an instance by its id. Error unless the picture has it, with one class.
inline int label_of(const Instances& instances, std::int32_t id) {
  int label = -1;
  for (const Instance& instance : instances.list) {
    if (instance.id != id) continue;
    require(label < 0, "the style of instance ", id, " cannot be chosen, because it has the classes ", label, " and ",
            instance.label, "; choose styles of these classes.");
    label = instance.label;
  }
  if (label >= 0) return label;
  std::string some;
  for (std::size_t i = 0; i < std::min<std::size_t>(instances.list.size(), 12); ++i)
    some += sentence(i > 0 ? ", " : "", instances.list[i].id);
  throw Error(sentence("the style of instance ", id, " was chosen, but the picture has no such instance; it has ", some,
                       instances.list.size() > 12 ? " and others" : "", "."));
}

}  // namespace detail

PIX2PIXHD_INLINE std::vector<int> sample_styles(const Instances& instances, const StyleClusters& clusters,
                                                std::uint64_t seed, std::uint64_t number, const StyleChoices& choices) {
  for (const auto& [label, style] : choices.by_class)
    detail::check_style(clusters, label, style, detail::sentence("class ", label));
  for (const auto& [id, style] : choices.by_instance)
    detail::check_style(clusters, detail::label_of(instances, id), style, detail::sentence("instance ", id));
  std::vector<int> styles;
  for (const Instance& instance : instances.list) {
    const auto of_instance = choices.by_instance.find(instance.id);
    const auto of_class = choices.by_class.find(instance.label);
    const int count = clusters.choices(instance.label);
    if (of_instance != choices.by_instance.end()) {
      styles.push_back(of_instance->second);
    } else if (of_class != choices.by_class.end()) {
      styles.push_back(of_class->second);
    } else if (count == 0) {
      styles.push_back(no_style);
    } else {
      const RandomStream random(seed,
                                detail::sentence("style of instance ", instance.id, " of class ", instance.label));
      styles.push_back(std::min(static_cast<int>(random.uniform(number) * count), count - 1));
    }
  }
  return styles;
}

PIX2PIXHD_INLINE std::vector<std::vector<float>> style_features(const Instances& instances,
                                                                const StyleClusters& clusters,
                                                                const std::vector<int>& styles) {
  detail::require(styles.size() == instances.list.size(), "styles of ", styles.size(),
                  " instances were given for a picture of ", instances.list.size(), ".");
  std::vector<std::vector<float>> features;
  for (std::size_t i = 0; i < styles.size(); ++i) {
    const Instance& instance = instances.list[i];
    const ClassStyles* found = clusters.find(instance.label);
    if (styles[i] != no_style) {
      detail::check_style(clusters, instance.label, styles[i], detail::sentence("instance ", instance.id));
      features.push_back(found->styles[static_cast<std::size_t>(styles[i])].feature);
    } else if (found) {
      features.push_back(found->mean);
    } else {
      features.emplace_back(static_cast<std::size_t>(clusters.features), 0.0f);
    }
  }
  return features;
}

PIX2PIXHD_INLINE std::vector<std::string> classes_without_styles(const Instances& instances,
                                                                 const StyleClusters& clusters) {
  std::set<int> labels;
  for (const Instance& instance : instances.list)
    if (clusters.choices(instance.label) == 0) labels.insert(instance.label);
  std::vector<std::string> sentences;
  for (const int label : labels) {
    const std::string who =
        label == no_class ? "pixels without a class have" : detail::sentence("class ", label, " has");
    sentences.push_back(detail::sentence(who, " no clusters; ",
                                         clusters.find(label)
                                             ? "the mean of its features in the data set is taken"
                                             : "it did not occur in the data set, and its features are zeros"));
  }
  return sentences;
}

PIX2PIXHD_INLINE void check_clusters(const StyleClusters& clusters, const StyledInput& input) {
  detail::require(clusters.classes == input.classes, "the clusters are those of a data set of ", clusters.classes,
                  " classes, and ", input.classes, " are given; use the clusters that were made for these classes.");
  const int features = input.channels - input.classes - (input.boundaries ? 1 : 0);
  detail::require(features == clusters.features, "the clusters hold ", clusters.features,
                  " features an instance, and the generator takes ", std::max(features, 0), ": ", input.channels,
                  " channels, of which ", input.classes, " are classes",
                  input.boundaries ? " and one is that of instance boundaries" : "",
                  "; use the clusters of the encoder that was trained with this generator.");
}

}  // namespace pix2pixhd::inline v0
