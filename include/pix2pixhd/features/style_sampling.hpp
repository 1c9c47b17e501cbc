#pragma once
/// Which style each instance of a picture gets, and the feature map that follows.

#include <pix2pixhd/features/style_clusters.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Styles that are set by hand; all others are drawn. A style is a place in ClassStyles::styles, from 0.
struct StyleChoices {
  std::map<int, int> by_class = {};              ///< for every instance of a class
  std::map<std::int32_t, int> by_instance = {};  ///< for one instance, by its id; before the class's

  bool empty() const { return by_class.empty() && by_instance.empty(); }
};

/// The style of an instance whose class has none to choose from.
inline constexpr int no_style = -1;

/// Draws a style for each instance of a picture, or takes the one that was chosen. All styles of a class are equally
/// likely, as in the paper. A draw depends on seed, `number` (of the picture among those of one seed) and the
/// instance's id and class alone: an edit elsewhere in the picture changes no other instance's style. Instances of
/// classes without styles get no_style.
/// Throws Error for a choice that is not there: a class without styles, a number beyond the last, an id that the
/// picture does not have, or one that several classes share.
std::vector<int> sample_styles(const Instances& instances, const StyleClusters& clusters, std::uint64_t seed,
                               std::uint64_t number = 0, const StyleChoices& choices = {});

/// The features of each instance with such styles. With no_style it is the mean feature of its class, or zeros where
/// the class did not occur in the data set. feature_map() makes of them what a generator takes.
/// Throws Error for a style that is not there.
std::vector<std::vector<float>> style_features(const Instances& instances, const StyleClusters& clusters,
                                               const std::vector<int>& styles);

/// Sentences for people about the classes of a picture that have no styles to choose from; empty where there are none.
std::vector<std::string> classes_without_styles(const Instances& instances, const StyleClusters& clusters);

/// What a generator takes, channel by channel: classes, boundaries, and for the rest the features of an encoder.
struct StyledInput {
  int channels = 0;         ///< all of them, as input_channels() counts
  int classes = 0;          ///< how many of them are classes
  bool boundaries = false;  ///< whether one of them is that of instance boundaries
};

/// Error unless the clusters go with a generator that takes such input: they are of as many classes, and hold as many
/// features as it has channels left. The sentence says which number does not fit.
void check_clusters(const StyleClusters& clusters, const StyledInput& input);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/style_sampling-inl.hpp>
#endif
