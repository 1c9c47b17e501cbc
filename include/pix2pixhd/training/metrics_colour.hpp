#pragma once
/// The colours of classes: how near a synthesised picture comes to them, and the picture that is made of nothing else.

#include <pix2pixhd/training/metrics.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The labels of pictures (N, H, W): classes from 0 on; any other label is no class.
using ClassArray = xt::xtensor<std::uint8_t, 3>;

/// Mean colours of classes over any number of pictures.
class ClassColours {
 public:
  /// Error unless there are 1 to 256 classes and at least 1 channel.
  explicit ClassColours(int classes, std::size_t channels = 3);

  /// Adds pictures (N, C, H, W) with their labels (N, H, W). Labels that are no class are left out. Error, before
  /// anything is added, for other sizes or another number of channels.
  void add(const ClassArray& labels, const PictureArray& pictures);

  int classes() const { return static_cast<int>(counts_.size()); }
  std::size_t channels() const { return channels_; }
  /// Pixels of a class so far.
  std::uint64_t count(int label) const { return counts_.at(static_cast<std::size_t>(label)); }
  /// The mean colour of a class, in [-1, 1]; nothing where no pixel had it.
  std::optional<std::vector<double>> mean(int label) const;
  /// The mean colour of all pixels that had a class; black where there was none.
  std::vector<double> overall() const;

  /// The baseline that every network must beat: each pixel in the mean colour of its class. Pixels whose class was
  /// never seen, or that have none, get the overall mean.
  PictureArray paint(const ClassArray& labels) const;

 private:
  std::size_t channels_;
  std::vector<std::uint64_t> counts_;
  std::vector<double> sums_;  // class by class, channels together
};

/// For each class the difference of its mean colours in two sets of pictures of the same scenes: the mean over
/// channels of the absolute difference, in levels of 0 to 255. Nothing for a class that one of the sets lacks.
/// Error unless both have the same number of classes.
std::vector<std::optional<double>> class_colour_errors(const ClassColours& synthesised, const ClassColours& real);

/// The mean over the classes that are there; nothing where none is.
std::optional<double> mean_colour_error(const std::vector<std::optional<double>>& errors);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/metrics_colour-inl.hpp>
#endif
