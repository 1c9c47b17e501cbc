#pragma once
/// The styles that a data set's instances have: clusters of their features, class by class (paper, section 3.4).

#include <pix2pixhd/features/instances.hpp>
#include <pix2pixhd/features/kmeans.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// One style: the centre of a cluster of features.
struct Style {
  std::vector<float> feature;
  std::int64_t count = 0;  ///< instances in the cluster
};

/// The styles of one class, the commonest first. There are none where no instance was large enough.
struct ClassStyles {
  std::vector<Style> styles = {};
  std::vector<float> mean = {};   ///< mean feature of the class's pixels, those of small instances too
  std::int64_t samples = 0;       ///< instances that were clustered
  std::int64_t left_out = 0;      ///< instances that were too small
  double explained_variance = 1;  ///< share of the samples' variance that lies between clusters
};

/// All styles that an encoder found in a data set, and what must be known to use them. StyleCollector makes it,
/// save_clusters() and load_clusters() (store/style_file.hpp) keep it in a file.
struct StyleClusters {
  int features = 0;                          ///< values of a feature
  int classes = 0;                           ///< of the label maps
  IdRule rule = IdRule::labels;              ///< by which instances were told apart
  bool on_labels = false;                    ///< each class of a picture is one instance; instance maps are not read
  double min_area = 0;                       ///< share of a picture below which an instance was left out
  std::map<int, ClassStyles> by_class = {};  ///< of classes that occurred, no_class among them

  /// The styles of a class, or null where it did not occur.
  const ClassStyles* find(int label) const {
    const auto found = by_class.find(label);
    return found == by_class.end() ? nullptr : &found->second;
  }
  /// How many styles a class has to choose from; 0 where it has none.
  int choices(int label) const {
    const ClassStyles* found = find(label);
    return found ? static_cast<int>(found->styles.size()) : 0;
  }
};

/// Collects the features of instances, picture by picture, and clusters them.
class StyleCollector {
 public:
  /// `features` values each; `clusters` holds what StyleClusters says of the data, its classes are made here.
  /// Throws Error unless features and classes are positive and min_area is a share.
  explicit StyleCollector(StyleClusters about);

  /// Adds the instances of a picture with their features, as features_of() gives them. Throws Error, before anything is
  /// added, unless each instance has as many features as were stated, all finite, and a label that is a class.
  void add(const Instances& instances, const std::vector<std::vector<float>>& features);

  /// Pictures so far.
  std::int64_t pictures() const { return pictures_; }
  /// Clusters what was collected, each class by itself. Throws Error if nothing was.
  StyleClusters clusters(const KMeansOptions& options = {}) const;

 private:
  struct Collected {
    std::vector<float> samples = {};
    std::int64_t left_out = 0;
    std::vector<double> sum = {};
    double pixels = 0;
  };

  StyleClusters about_;
  std::map<int, Collected> by_class_;
  std::int64_t pictures_ = 0;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/style_clusters-inl.hpp>
#endif
