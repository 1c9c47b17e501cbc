#pragma once
/// All figures of a hold-out set together.

#include <pix2pixhd/training/metrics_colour.hpp>
#include <pix2pixhd/training/metrics_wasserstein.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How close synthesised pictures are to the real ones.
struct Figures {
  std::size_t pictures = 0;
  double psnr = 0;                              ///< of the mean square error over all pictures, in decibels
  double ssim = 0;                              ///< mean over pictures
  std::vector<double> sliced_wasserstein = {};  ///< by level, finest first
  std::optional<double> colour_error = {};      ///< mean over classes, in levels of 0 to 255
  std::vector<std::optional<double>> class_colour_errors = {};  ///< by class

  /// Mean sliced Wasserstein distance of the two finest levels: what the best checkpoint has least of, because this
  /// figure follows best what people see.
  double texture_distance() const;
};

/// "PSNR 21.34 dB, SSIM 0.712, sliced Wasserstein 0.213 0.154 0.120, colour error 4.1".
std::string to_string(const Figures& figures);

/// What the pictures to be compared hold, and how they are compared.
struct EvaluationOptions {
  int classes = 0;  ///< 0: pictures have no labels, and there are no colour errors
  std::size_t channels = 3;
  SlicedWassersteinOptions sliced_wasserstein = {};
};

/// Collects the figures of synthesised pictures beside the real ones, picture by picture.
class Evaluation {
 public:
  explicit Evaluation(const EvaluationOptions& options = {});

  /// Adds pictures (N, C, H, W) in [-1, 1]. Errors: those of ssim(), SlicedWasserstein::add() and ClassColours::add();
  /// nothing is added then.
  void add(const PictureArray& synthesised, const PictureArray& real);
  /// The same with their labels (N, H, W).
  void add(const PictureArray& synthesised, const PictureArray& real, const ClassArray& labels);

  /// Error before anything was added.
  Figures figures() const;

 private:
  std::size_t pictures_ = 0;
  double error_sum_ = 0;
  double ssim_sum_ = 0;
  SlicedWasserstein sliced_wasserstein_;
  std::optional<ClassColours> synthesised_colours_;
  std::optional<ClassColours> real_colours_;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/evaluation-inl.hpp>
#endif
