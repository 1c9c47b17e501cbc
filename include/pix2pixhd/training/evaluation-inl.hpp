#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/evaluation.hpp>

#include <algorithm>
#include <iomanip>
#include <locale>
#include <sstream>
#include <utility>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE double Figures::texture_distance() const {
  const std::size_t levels = std::min<std::size_t>(sliced_wasserstein.size(), 2);
  detail::require(levels > 0, "Figures without a sliced Wasserstein distance cannot be ranked.");
  double sum = 0;
  for (std::size_t i = 0; i < levels; ++i) sum += sliced_wasserstein[i];
  return sum / static_cast<double>(levels);
}

PIX2PIXHD_INLINE std::string to_string(const Figures& figures) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::fixed << "PSNR " << std::setprecision(2) << figures.psnr << " dB, SSIM " << std::setprecision(3)
       << figures.ssim << ", sliced Wasserstein";
  for (const double distance : figures.sliced_wasserstein) text << " " << distance;
  if (figures.colour_error) text << ", colour error " << std::setprecision(1) << *figures.colour_error;
  return text.str();
}

PIX2PIXHD_INLINE Evaluation::Evaluation(const EvaluationOptions& options)
    : sliced_wasserstein_(options.sliced_wasserstein) {
  if (options.classes == 0) return;
  synthesised_colours_.emplace(options.classes, options.channels);
  real_colours_.emplace(options.classes, options.channels);
}

PIX2PIXHD_INLINE void Evaluation::add(const PictureArray& synthesised, const PictureArray& real) {
  const double similarity = ssim(synthesised, real), error = mean_square_error(synthesised, real);
  sliced_wasserstein_.add(synthesised, real);
  const std::size_t count = real.shape()[0];
  pictures_ += count;
  error_sum_ += error * static_cast<double>(count);
  ssim_sum_ += similarity * static_cast<double>(count);
}

PIX2PIXHD_INLINE void Evaluation::add(const PictureArray& synthesised, const PictureArray& real,
                                      const ClassArray& labels) {
  detail::require(real_colours_.has_value(),
                  "Labels were given to an evaluation that was made for pictures without; state its classes.");
  check_pictures(synthesised, real);
  ClassColours made = *synthesised_colours_, given = *real_colours_;
  made.add(labels, synthesised);
  given.add(labels, real);
  add(synthesised, real);
  synthesised_colours_ = std::move(made);
  real_colours_ = std::move(given);
}

PIX2PIXHD_INLINE Figures Evaluation::figures() const {
  detail::require(pictures_ > 0, "The figures of no pictures were asked for.");
  const auto count = static_cast<double>(pictures_);
  Figures figures{.pictures = pictures_,
                  .psnr = psnr_of(error_sum_ / count),
                  .ssim = ssim_sum_ / count,
                  .sliced_wasserstein = sliced_wasserstein_.distances()};
  if (real_colours_) {
    figures.class_colour_errors = class_colour_errors(*synthesised_colours_, *real_colours_);
    figures.colour_error = mean_colour_error(figures.class_colour_errors);
  }
  return figures;
}

}  // namespace pix2pixhd::inline v0
