#pragma once
/// Curves of any length in little memory.

#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A point of a curve, in the units of its axes.
struct CurvePoint {
  double x = 0;
  double y = 0;
};

/// Takes points one after the other and keeps at most `most` means over as many neighbours each. The result is a
/// function of the points alone.
class Curve {
 public:
  Curve() = default;
  /// Error unless `most` is at least 2.
  explicit Curve(std::size_t most);

  /// A value that is not finite is passed over.
  void add(const CurvePoint& point);

  bool empty() const { return means_.empty(); }
  /// The means, in the order of the points.
  std::vector<CurvePoint> points() const;

 private:
  struct Mean {
    double x = 0, y = 0;
    std::size_t count = 0;
  };

  std::size_t most_ = 400;
  std::size_t each_ = 1;  ///< points that make a mean
  std::vector<Mean> means_ = {};
};

/// The same points with each value replaced by a mean of its neighbours, weighted by a Gaussian whose deviation is
/// `part` of the number of points. Ends keep to the neighbours that they have.
std::vector<CurvePoint> smoothed(const std::vector<CurvePoint>& points, double part = 0.02);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/report_curve-inl.hpp>
#endif
