#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/features/region.hpp>

#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// From the picture that coordinates may be, so that sums and differences of them are exact.
inline constexpr int farthest_place = 1 << 24;

inline void check_places(std::span<const Place> points, std::size_t fewest, const char* what) {
  require(points.size() >= fewest, what, " needs at least ", fewest, fewest == 1 ? " point, " : " points, ",
          points.size(), " were given.");
  for (const Place& point : points)
    require(std::abs(point.x) <= farthest_place && std::abs(point.y) <= farthest_place, "A point of ", what,
            " is not a number, or far outside of every picture; give points near the picture.");
}

/// The pixels whose centres lie in [first, last] along one side, as far as they are below `side`: {first, one past}.
inline std::pair<int, int> centres_between(double first, double last, int side) {
  const double limit = side;
  const double from = std::clamp(std::ceil(first - 0.5), 0.0, limit);
  const double to = std::clamp(std::floor(last - 0.5) + 1, 0.0, limit);
  return {static_cast<int>(from), static_cast<int>(to)};
}

/// The square of the distance of p from the line a-b.
inline double square_distance(const Place& p, const Place& a, const Place& b) {
  const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
  const double along = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0.0;
  const double ex = p.x - (a.x + along * dx), ey = p.y - (a.y + along * dy);
  return ex * ex + ey * ey;
}

/// The box of the pixels whose centres are between the outermost points, or at most `margin` beyond.
inline PixelBox box_around(const Sides& sides, std::span<const Place> points, double margin) {
  double left = points.front().x, right = left, top = points.front().y, bottom = top;
  for (const Place& point : points) {
    left = std::min(left, point.x), right = std::max(right, point.x);
    top = std::min(top, point.y), bottom = std::max(bottom, point.y);
  }
  const auto [x, x_end] = centres_between(left - margin, right + margin, sides.width);
  const auto [y, y_end] = centres_between(top - margin, bottom + margin, sides.height);
  return {.x = x, .y = y, .width = std::max(0, x_end - x), .height = std::max(0, y_end - y)};
}

/// What a round brush covers that is drawn from a to b: of each row, pixels without a gap.
class BrushedLine {
 public:
  BrushedLine(const Sides& sides, const Place& a, const Place& b, double radius)
      : a_(a), b_(b), radius_(radius), box_(box_around(sides, std::array{a, b}, radius)) {}

  /// The pixels of row y: {first, one past the last}.
  std::pair<int, int> span(int y) const {
    const int end = box_.x + box_.width;
    if (y < box_.y || y >= box_.y + box_.height) return {end, end};
    const auto [left, right] = ends(y + 0.5);
    if (!(left <= right)) return {end, end};
    const auto [nearly_first, nearly_past] = centres_between(left, right, end);
    // The formula may be a rounding off; the distance decides about the pixels at the ends.
    int first = std::max(nearly_first - 1, box_.x), past = std::min(nearly_past + 1, end);
    for (int i = 0; i < 2 && first < past && !covers(first, y); ++i) ++first;
    for (int i = 0; i < 2 && first < past && !covers(past - 1, y); ++i) --past;
    return {first, past};
  }

 private:
  bool covers(int x, int y) const { return square_distance({x + 0.5, y + 0.5}, a_, b_) <= radius_ * radius_; }

  /// Where the row's middle enters and leaves the outline: the circles around both ends and the two sides along the
  /// line. Where it misses all, the first is larger than the second.
  std::pair<double, double> ends(double row) const {
    double left = std::numeric_limits<double>::infinity(), right = -left;
    const auto take = [&](double x) { left = std::min(left, x), right = std::max(right, x); };
    for (const Place& end : {a_, b_}) {
      const double square = radius_ * radius_ - (row - end.y) * (row - end.y);
      if (square < 0) continue;
      take(end.x - std::sqrt(square));
      take(end.x + std::sqrt(square));
    }
    const double dx = b_.x - a_.x, dy = b_.y - a_.y, length = std::hypot(dx, dy);
    if (dy == 0 || !std::isfinite(length)) return {left, right};
    for (const double side : {-radius_ / length, radius_ / length}) {
      const double share = (row - a_.y - side * dx) / dy;
      if (share >= 0 && share <= 1) take(a_.x - side * dy + share * dx);
    }
    return {left, right};
  }

  Place a_, b_;
  double radius_;
  PixelBox box_;
};

}  // namespace detail

PIX2PIXHD_INLINE PixelBox intersection(const PixelBox& a, const PixelBox& b) {
  const int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
  const PixelBox both{.x = x,
                      .y = y,
                      .width = std::min(a.x + a.width, b.x + b.width) - x,
                      .height = std::min(a.y + a.height, b.y + b.height) - y};
  return a.empty() || b.empty() || both.empty() ? PixelBox{} : both;
}

PIX2PIXHD_INLINE PixelBox united(const PixelBox& a, const PixelBox& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  const int x = std::min(a.x, b.x), y = std::min(a.y, b.y);
  return {.x = x,
          .y = y,
          .width = std::max(a.x + a.width, b.x + b.width) - x,
          .height = std::max(a.y + a.height, b.y + b.height) - y};
}

PIX2PIXHD_INLINE Region Region::trimmed() const {
  PixelBox tight;
  for_each([&](const Pixel& at) { tight = united(tight, {.x = at.x, .y = at.y, .width = 1, .height = 1}); });
  if (tight == box_) return *this;
  Region result(tight);
  for_each([&](const Pixel& at) { result.add(at); });
  return result;
}

PIX2PIXHD_INLINE Region stroke_region(const Sides& sides, std::span<const Place> points, double radius) {
  detail::check_places(points, 1, "a stroke");
  constexpr double largest = 4096;
  detail::require(radius > 0 && radius <= largest, "A brush cannot have the radius ", radius, "; above 0 and at most ",
                  largest, " pixels are possible.");
  Region region(detail::box_around(sides, points, radius));
  const PixelBox& box = region.box();
  std::vector<detail::BrushedLine> lines;
  for (std::size_t i = 0; i < points.size(); ++i)
    lines.emplace_back(sides, points[i > 0 ? i - 1 : 0], points[i], radius);
  // Row by row, the lines' spans counted where they begin and end: a line costs the same however wide the brush is, and
  // pixels that many lines cover are gone through once.
  std::vector<int> begun(static_cast<std::size_t>(box.width) + 1);
  for (int y = box.y; y < box.y + box.height; ++y) {
    std::fill(begun.begin(), begun.end(), 0);
    for (const detail::BrushedLine& line : lines) {
      const auto [first, end] = line.span(y);
      if (first >= end) continue;
      ++begun[static_cast<std::size_t>(first - box.x)];
      --begun[static_cast<std::size_t>(end - box.x)];
    }
    int open = 0;
    for (int x = box.x; x < box.x + box.width; ++x) {
      open += begun[static_cast<std::size_t>(x - box.x)];
      if (open > 0) region.add({x, y});
    }
  }
  return region.trimmed();
}

PIX2PIXHD_INLINE Region polygon_region(const Sides& sides, std::span<const Place> points) {
  detail::check_places(points, 3, "a polygon");
  Region region(detail::box_around(sides, points, 0));
  const PixelBox& box = region.box();
  std::vector<double> crossings;
  for (int y = box.y; y < box.y + box.height; ++y) {
    crossings.clear();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Place &a = points[i], &b = points[(i + 1) % points.size()];
      const double row = y + 0.5;
      if ((a.y <= row) != (b.y <= row)) crossings.push_back(a.x + (row - a.y) / (b.y - a.y) * (b.x - a.x));
    }
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const auto [first, end] = detail::centres_between(crossings[i], crossings[i + 1], sides.width);
      for (int x = std::max(first, box.x); x < std::min(end, box.x + box.width); ++x) region.add({x, y});
    }
  }
  return region.trimmed();
}

PIX2PIXHD_INLINE Region mask_region(const Sides& sides, const xt::xtensor<std::uint8_t, 2>& mask, const Pixel& at) {
  detail::require(std::abs(at.x) <= detail::farthest_place && std::abs(at.y) <= detail::farthest_place,
                  "A mask cannot be laid at ", detail::PixelPosition{at.x, at.y},
                  ", which is far outside of every picture.");
  const PixelBox box{
      .x = at.x, .y = at.y, .width = static_cast<int>(mask.shape()[1]), .height = static_cast<int>(mask.shape()[0])};
  Region region(intersection(box, whole(sides)));
  const PixelBox& inside = region.box();
  for (int y = inside.y; y < inside.y + inside.height; ++y)
    for (int x = inside.x; x < inside.x + inside.width; ++x)
      if (mask(static_cast<std::size_t>(y - at.y), static_cast<std::size_t>(x - at.x)) != 0) region.add({x, y});
  return region.trimmed();
}

}  // namespace pix2pixhd::inline v0
