#pragma once
/// The brush of street scenes: labels, instances and picture painted together, from far to near.
///
/// Everything is integer arithmetic, so that every compiler and machine makes the same bits.

#include <pix2pixhd/images/raster.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pix2pixhd::inline v0::detail::street {

/// Positions in the picture are counted in sixteenths of a pixel, lengths in the street in millimetres.
using Length = std::int64_t;
inline constexpr Length pixel = 16;

/// What factors and shares are fractions of: a share of 256 is all.
inline constexpr int whole = 256;

/// A colour with 8 bits below the levels of the picture.
struct Colour {
  int red = 0;
  int green = 0;
  int blue = 0;
};

constexpr Colour rgb(int red, int green, int blue) { return {red * whole, green * whole, blue * whole}; }

/// The colour under a light of `factor` / 256.
constexpr Colour lit(const Colour& colour, int factor) {
  return {colour.red * factor / whole, colour.green * factor / whole, colour.blue * factor / whole};
}

/// `share` / 256 of `b`, the rest of `a`.
constexpr Colour mix(const Colour& a, const Colour& b, int share) {
  const auto one = [share](int from, int to) { return from + (to - from) * share / whole; };
  return {one(a.red, b.red), one(a.green, b.green), one(a.blue, b.blue)};
}

/// Division that rounds down, so that patterns go on evenly across zero.
constexpr Length floor_divide(Length a, Length b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }
constexpr Length floor_modulo(Length a, Length b) { return a - floor_divide(a, b) * b; }
constexpr Length magnitude(Length a) { return a < 0 ? -a : a; }

struct Point {
  Length x = 0;
  Length y = 0;
};

/// Pixels: columns left to right - 1, rows top to bottom - 1.
struct Area {
  Length left = 0;
  Length top = 0;
  Length right = 0;
  Length bottom = 0;
};

/// What a pixel is said to be.
struct Ink {
  std::uint8_t label = 0;
  std::int32_t instance = 0;
};

class Canvas {
 public:
  explicit Canvas(const PictureSize& size)
      : width_(size.width),
        height_(size.height),
        inks_(static_cast<std::size_t>(width_ * height_)),
        samples_(3 * inks_.size()) {}

  Length width() const { return width_; }
  Length height() const { return height_; }
  Area all() const { return {.left = 0, .top = 0, .right = width_, .bottom = height_}; }
  const std::vector<Ink>& inks() const { return inks_; }
  /// Levels 0 to 255; red, green, blue of one pixel after the other.
  const std::vector<std::uint8_t>& samples() const { return samples_; }

  /// Paints the pixels of `area` whose centre `surface.covers(Point)`, in the mean of `surface.colour(Point)` at those
  /// of four points that it covers. Labels so stay sharp, and patterns of the picture are smoothed.
  template <class Surface>
  void paint(const Area& area, const Ink& ink, const Surface& surface) {
    for_pixels(area, [&](std::size_t at, const Point& corner) {
      if (!surface.covers({corner.x + pixel / 2, corner.y + pixel / 2})) return;
      inks_[at] = ink;
      Colour sum;
      int count = 0;
      for (const Point& offset : subpixels) {
        const Point point{corner.x + offset.x, corner.y + offset.y};
        if (!surface.covers(point)) continue;
        add(sum, surface.colour(point));
        ++count;
      }
      if (count == 0) {
        sum = surface.colour({corner.x + pixel / 2, corner.y + pixel / 2});
        count = 1;
      }
      samples_[3 * at] = level(sum.red / count);
      samples_[3 * at + 1] = level(sum.green / count);
      samples_[3 * at + 2] = level(sum.blue / count);
    });
  }

  /// Multiplies the picture by `factor(ink, Point)` / 256 at the pixel centres of `area`.
  template <class Factor>
  void shade(const Area& area, const Factor& factor) {
    for_pixels(area, [&](std::size_t at, const Point& corner) {
      const int light = factor(inks_[at], Point{corner.x + pixel / 2, corner.y + pixel / 2});
      for (std::size_t c = 3 * at; c < 3 * at + 3; ++c) samples_[c] = level(samples_[c] * light);
    });
  }

 private:
  static constexpr std::array<Point, 4> subpixels = {{{4, 4}, {12, 4}, {4, 12}, {12, 12}}};

  static void add(Colour& sum, const Colour& colour) {
    sum.red += colour.red;
    sum.green += colour.green;
    sum.blue += colour.blue;
  }
  static std::uint8_t level(int value) {
    return static_cast<std::uint8_t>(std::clamp((value + whole / 2) / whole, 0, 255));
  }

  template <class Work>
  void for_pixels(const Area& area, const Work& work) {
    const Length left = std::max(area.left, Length{0}), right = std::min(area.right, width_);
    const Length top = std::max(area.top, Length{0}), bottom = std::min(area.bottom, height_);
    for (Length y = top; y < bottom; ++y)
      for (Length x = left; x < right; ++x) work(static_cast<std::size_t>(y * width_ + x), Point{x * pixel, y * pixel});
  }

  Length width_, height_;
  std::vector<Ink> inks_;
  std::vector<std::uint8_t> samples_;
};

}  // namespace pix2pixhd::inline v0::detail::street
