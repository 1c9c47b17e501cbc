#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/report_curve.hpp>

#include <cmath>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE Curve::Curve(std::size_t most) : most_(most) {
  detail::require(most >= 2, "A curve was asked for of ", most, " points; at least 2 are needed.");
}

PIX2PIXHD_INLINE void Curve::add(const CurvePoint& point) {
  if (!std::isfinite(point.x) || !std::isfinite(point.y)) return;
  if (means_.empty() || means_.back().count == each_) {
    if (means_.size() == most_) {
      // An odd one at the end stays and is filled up.
      std::size_t kept = 0;
      for (std::size_t i = 0; i < means_.size(); i += 2, ++kept) {
        Mean sum = means_[i];
        if (i + 1 < means_.size()) {
          sum.x += means_[i + 1].x;
          sum.y += means_[i + 1].y;
          sum.count += means_[i + 1].count;
        }
        means_[kept] = sum;
      }
      means_.resize(kept);
      each_ *= 2;
    }
    if (means_.empty() || means_.back().count == each_) means_.emplace_back();
  }
  Mean& last = means_.back();
  last.x += point.x;
  last.y += point.y;
  ++last.count;
}

PIX2PIXHD_INLINE std::vector<CurvePoint> Curve::points() const {
  std::vector<CurvePoint> points;
  for (const Mean& mean : means_)
    points.push_back({.x = mean.x / static_cast<double>(mean.count), .y = mean.y / static_cast<double>(mean.count)});
  return points;
}

PIX2PIXHD_INLINE std::vector<CurvePoint> smoothed(const std::vector<CurvePoint>& points, double part) {
  const double deviation = part * static_cast<double>(points.size());
  const auto reach = static_cast<std::size_t>(3 * deviation);
  std::vector<CurvePoint> result = points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    double sum = 0, weights = 0;
    for (std::size_t j = i > reach ? i - reach : 0; j < points.size() && j <= i + reach; ++j) {
      const double distance = (static_cast<double>(i) - static_cast<double>(j)) / deviation;
      const double weight = reach == 0 ? 1 : std::exp(-distance * distance / 2);
      sum += weight * points[j].y;
      weights += weight;
    }
    result[i].y = sum / weights;
  }
  return result;
}

}  // namespace pix2pixhd::inline v0
