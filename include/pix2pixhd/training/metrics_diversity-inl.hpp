#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/metrics_diversity.hpp>

#include <algorithm>
#include <cmath>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE Diversity::Diversity(int classes) {
  detail::require(classes >= 1 && classes <= 256, "the diversity of ", classes,
                  " classes was asked for; 1 to 256 are possible.");
  by_class_.resize(static_cast<std::size_t>(classes) + 1);
}

PIX2PIXHD_INLINE void Diversity::add(const ClassArray& labels, const std::vector<PictureArray>& pictures) {
  detail::require(pictures.size() >= 2, pictures.size(), pictures.size() == 1 ? " picture was" : " pictures were",
                  " given to compare with each other; at least 2 are needed.");
  for (const PictureArray& picture : pictures) {
    const auto& shape = picture.shape();
    const auto& plane = labels.shape();
    detail::require(shape == pictures.front().shape() && shape[0] == 1 && plane[0] == 1 && shape[2] == plane[1] &&
                        shape[3] == plane[2],
                    "a picture is ", shape[3], " x ", shape[2], " pixels, its label map ", plane[2], " x ", plane[1],
                    "; pictures in several styles have the size of their map.");
  }
  const std::size_t pixels = labels.size(), channels = pictures.front().shape()[1];
  const auto count = static_cast<double>(pictures.size());
  std::vector<double> values(pictures.size());
  for (std::size_t i = 0; i < pixels; ++i) {
    Sum& sum = by_class_[std::min(std::size_t{labels.data()[i]}, by_class_.size() - 1)];
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pictures.size(); ++p)
        values[p] = static_cast<double>(pictures[p].data()[c * pixels + i]);
      // Sorted, the sum over pairs of differences is one over values: value number k is the larger of k pairs and the
      // smaller of count - 1 - k.
      std::sort(values.begin(), values.end());
      double pairs = 0;
      for (std::size_t k = 0; k < values.size(); ++k) pairs += values[k] * (2 * static_cast<double>(k) - count + 1);
      sum.difference += pairs / (count * (count - 1) / 2);
      sum.count += 1;
    }
  }
}

PIX2PIXHD_INLINE std::optional<double> Diversity::mean(const Sum& sum) {
  if (sum.count == 0) return std::nullopt;
  return 127.5 * sum.difference / sum.count;
}

PIX2PIXHD_INLINE std::optional<double> Diversity::of_class(int label) const {
  detail::require(label >= 0 && label < classes(), "class ", label, " was asked for; there are ", classes(),
                  ", counted from 0.");
  return mean(by_class_[static_cast<std::size_t>(label)]);
}

PIX2PIXHD_INLINE std::optional<double> Diversity::all() const {
  Sum sum;
  for (const Sum& one : by_class_) {
    sum.difference += one.difference;
    sum.count += one.count;
  }
  return mean(sum);
}

}  // namespace pix2pixhd::inline v0
