#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/metrics_colour.hpp>

#include <cmath>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE ClassColours::ClassColours(int classes, std::size_t channels) : channels_(channels) {
  detail::require(classes >= 1 && classes <= 256 && channels >= 1, "Mean colours were asked for of ", classes,
                  " classes in ", channels, " channels; 1 to 256 classes and at least 1 channel are possible.");
  counts_.resize(static_cast<std::size_t>(classes));
  sums_.resize(counts_.size() * channels);
}

PIX2PIXHD_INLINE void ClassColours::add(const ClassArray& labels, const PictureArray& pictures) {
  const auto& map = labels.shape();
  const auto& shape = pictures.shape();
  detail::require(shape[0] == map[0] && shape[1] == channels_ && shape[2] == map[1] && shape[3] == map[2],
                  "Pictures of shape (", shape[0], ", ", shape[1], ", ", shape[2], ", ", shape[3],
                  ") do not fit label maps of shape (", map[0], ", ", map[1], ", ", map[2], ") and ", channels_,
                  " channels.");
  const std::size_t pixels = map[1] * map[2];
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t label = labels.data()[i];
    if (label >= counts_.size()) continue;
    ++counts_[label];
    const float* value = pictures.data() + i / pixels * channels_ * pixels + i % pixels;
    for (std::size_t c = 0; c < channels_; ++c) sums_[label * channels_ + c] += double{value[c * pixels]};
  }
}

PIX2PIXHD_INLINE std::optional<std::vector<double>> ClassColours::mean(int label) const {
  const auto count = static_cast<double>(this->count(label));
  if (count == 0) return std::nullopt;
  const auto begin = sums_.begin() + label * static_cast<std::ptrdiff_t>(channels_);
  std::vector<double> colour(begin, begin + static_cast<std::ptrdiff_t>(channels_));
  for (double& value : colour) value /= count;
  return colour;
}

PIX2PIXHD_INLINE std::vector<double> ClassColours::overall() const {
  std::vector<double> colour(channels_, 0.0);
  double count = 0;
  for (std::size_t label = 0; label < counts_.size(); ++label) {
    count += static_cast<double>(counts_[label]);
    for (std::size_t c = 0; c < channels_; ++c) colour[c] += sums_[label * channels_ + c];
  }
  for (double& value : colour) value = count > 0 ? value / count : -1.0;
  return colour;
}

PIX2PIXHD_INLINE PictureArray ClassColours::paint(const ClassArray& labels) const {
  const std::vector<double> other = overall();
  std::vector<float> colours;
  for (int label = 0; label <= classes(); ++label) {
    const std::vector<double> colour = label < classes() ? mean(label).value_or(other) : other;
    for (const double value : colour) colours.push_back(static_cast<float>(value));
  }
  const auto& map = labels.shape();
  const std::size_t pixels = map[1] * map[2];
  PictureArray picture = PictureArray::from_shape({map[0], channels_, map[1], map[2]});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::size_t label = labels.data()[i] < counts_.size() ? labels.data()[i] : counts_.size();
    float* value = picture.data() + i / pixels * channels_ * pixels + i % pixels;
    for (std::size_t c = 0; c < channels_; ++c) value[c * pixels] = colours[label * channels_ + c];
  }
  return picture;
}

PIX2PIXHD_INLINE std::vector<std::optional<double>> class_colour_errors(const ClassColours& synthesised,
                                                                        const ClassColours& real) {
  detail::require(synthesised.classes() == real.classes(), "The colours of ", synthesised.classes(),
                  " classes cannot be compared with those of ", real.classes(),
                  "; give both the same number of classes.");
  detail::require(synthesised.channels() == real.channels(), "The colours of pictures of ", synthesised.channels(),
                  " channels cannot be compared with those of ", real.channels(),
                  " channels; give pictures of one kind.");
  std::vector<std::optional<double>> errors;
  for (int label = 0; label < real.classes(); ++label) {
    const auto a = synthesised.mean(label), b = real.mean(label);
    std::optional<double> error;
    if (a && b) {
      double sum = 0;
      for (std::size_t c = 0; c < b->size(); ++c) sum += std::abs(a->at(c) - b->at(c));
      error = sum / static_cast<double>(b->size()) * 127.5;
    }
    errors.push_back(error);
  }
  return errors;
}

PIX2PIXHD_INLINE std::optional<double> mean_colour_error(const std::vector<std::optional<double>>& errors) {
  double sum = 0, count = 0;
  for (const std::optional<double>& error : errors) {
    if (!error) continue;
    sum += *error;
    ++count;
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

}  // namespace pix2pixhd::inline v0
