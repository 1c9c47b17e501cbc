#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/features/region.hpp>

#include <cmath>
#include <cstdlib>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE std::string place_text(const Sides& sides, std::size_t index) {
  const auto width = static_cast<std::size_t>(sides.width);
  return sentence("(x ", index % width, ", y ", index / width, ")");
}

inline void check_places(std::span<const Place> points, std::size_t fewest, const char* what) {
  require(points.size() >= fewest, what, " needs at least ", fewest, fewest == 1 ? " point, " : " points, ",
          points.size(), " were given.");
  for (const Place& point : points)
    require(std::isfinite(point.x) && std::isfinite(point.y), "A point of ", what, " is not a number.");
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
  for (std::size_t i = 0; i < points.size(); ++i) {
    const std::span<const Place> piece = points.subspan(i > 0 ? i - 1 : 0, i > 0 ? 2 : 1);
    const PixelBox box = detail::box_around(sides, piece, radius);
    for (int y = box.y; y < box.y + box.height; ++y)
      for (int x = box.x; x < box.x + box.width; ++x)
        if (detail::square_distance({x + 0.5, y + 0.5}, piece.front(), piece.back()) <= radius * radius)
          region.add({x, y});
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
  constexpr int farthest = 1 << 24;
  detail::require(std::abs(at.x) <= farthest && std::abs(at.y) <= farthest, "A mask cannot be laid at (x ", at.x,
                  ", y ", at.y, "), which is far outside of every picture.");
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
