#pragma once
/// How much the pictures of one label map differ that were made in different styles.

#include <pix2pixhd/training/metrics_colour.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Collects differences class by class, label map by label map: the mean over pairs of pictures of one map, pixels of
/// the class and channels of the absolute difference, in levels of 0 to 255. 0 means that styles have no effect.
class Diversity {
 public:
  /// Error unless there are 1 to 256 classes.
  explicit Diversity(int classes);

  /// Adds pictures (1, C, H, W) of one map with its labels (1, H, W). Labels that are no class count for all() only.
  /// Error, before anything is added, for fewer than two pictures or other sizes.
  void add(const ClassArray& labels, const std::vector<PictureArray>& pictures);

  int classes() const { return static_cast<int>(by_class_.size()) - 1; }
  /// The difference in pixels of a class; nothing where no pixel had it.
  std::optional<double> of_class(int label) const;
  /// That of all pixels; nothing before any was added.
  std::optional<double> all() const;

 private:
  struct Sum {
    double difference = 0;
    double count = 0;
  };

  static std::optional<double> mean(const Sum& sum);

  std::vector<Sum> by_class_;  ///< the last one of pixels without a class
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/metrics_diversity-inl.hpp>
#endif
