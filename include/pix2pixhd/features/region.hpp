#pragma once
/// Sets of pixels: what an edit of a label map covers.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/ops/extend.hpp>
#include <pix2pixhd/ops/host_array.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A pixel, counted from the top left.
struct Pixel {
  int x = 0;
  int y = 0;
  friend constexpr bool operator==(const Pixel&, const Pixel&) = default;
};

/// A place in a picture, in pixels: (0, 0) is the upper left corner, (0.5, 0.5) the centre of the first pixel.
struct Place {
  double x = 0;
  double y = 0;
};

/// A rectangle of pixels. Empty where a side is 0.
struct PixelBox {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;

  constexpr bool empty() const { return width <= 0 || height <= 0; }
  constexpr bool contains(const Pixel& at) const {
    return at.x >= x && at.y >= y && at.x - x < width && at.y - y < height;
  }
  constexpr std::size_t pixels() const {
    return empty() ? 0 : static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
  friend constexpr bool operator==(const PixelBox&, const PixelBox&) = default;
};

/// The pixels of both. Empty boxes count for nothing.
PixelBox intersection(const PixelBox& a, const PixelBox& b);
/// The smallest box around both.
PixelBox united(const PixelBox& a, const PixelBox& b);
/// The box of a whole picture.
constexpr PixelBox whole(const Sides& sides) { return {.x = 0, .y = 0, .width = sides.width, .height = sides.height}; }

namespace detail {

/// The number of a pixel, counted from the top left, row by row.
constexpr std::size_t index_of(const Sides& sides, const Pixel& at) {
  return static_cast<std::size_t>(at.y) * static_cast<std::size_t>(sides.width) + static_cast<std::size_t>(at.x);
}

}  // namespace detail

/// A set of pixels: a box, and which of its pixels belong.
class Region {
 public:
  Region() = default;
  /// A region that lies in `box` and has no pixel yet.
  explicit Region(const PixelBox& box) : box_(box), members_(box.pixels(), 0) {}

  const PixelBox& box() const { return box_; }
  bool empty() const { return count_ == 0; }
  /// How many pixels it has.
  std::size_t count() const { return count_; }
  bool contains(const Pixel& at) const { return box_.contains(at) && members_[place(at)] != 0; }
  /// Adds a pixel of the box.
  void add(const Pixel& at) {
    std::uint8_t& member = members_[place(at)];
    count_ += member == 0 ? 1 : 0;
    member = 1;
  }

  /// Calls f(Pixel) for each pixel: rows from the top, pixels from the left.
  template <class F>
  void for_each(F&& f) const {
    std::size_t at = 0;
    for (int y = box_.y; y < box_.y + box_.height; ++y)
      for (int x = box_.x; x < box_.x + box_.width; ++x)
        if (members_[at++] != 0) f(Pixel{x, y});
  }

  /// The same pixels in the smallest box that holds them.
  Region trimmed() const;

 private:
  std::size_t place(const Pixel& at) const {
    return static_cast<std::size_t>(at.y - box_.y) * static_cast<std::size_t>(box_.width) +
           static_cast<std::size_t>(at.x - box_.x);
  }

  PixelBox box_;
  std::vector<std::uint8_t> members_;
  std::size_t count_ = 0;
};

/// What a round brush covers that is drawn through `points`: the pixels of the picture whose centres are at most
/// `radius` from the line. One point is a dot. The result may be empty, where the line passes the picture.
/// The work is that of points x rows and of the picture's pixels, whatever the radius is.
/// Throws Error unless there are points, all are numbers, and the radius is above 0 and at most 4096.
Region stroke_region(const Sides& sides, std::span<const Place> points, double radius);

/// The pixels whose centres are inside a closed polygon, by the even-odd rule. Throws Error unless there are at least
/// three points and all are numbers.
Region polygon_region(const Sides& sides, std::span<const Place> points);

/// The pixels where `mask` is not 0, its first pixel lying at `at`, as far as they are in the picture.
Region mask_region(const Sides& sides, const xt::xtensor<std::uint8_t, 2>& mask, const Pixel& at = {});

/// The pixels that are joined to `at`, sideways or up and down, through pixels for which same(index) holds; indices
/// count from the top left. `at` must be in the picture and itself be one of them.
template <class Same>
Region connected_region(const Sides& sides, const Pixel& at, Same&& same) {
  const auto width = static_cast<std::size_t>(sides.width);
  const auto index = [&](int x, int y) { return static_cast<std::size_t>(y) * width + static_cast<std::size_t>(x); };
  Region found(whole(sides));
  // Whole runs of a row at once; each pushes the runs above and below that touch it.
  std::vector<Pixel> open{at};
  while (!open.empty()) {
    const Pixel start = open.back();
    open.pop_back();
    if (found.contains(start)) continue;
    int first = start.x, last = start.x;
    while (first > 0 && same(index(first - 1, start.y))) --first;
    while (last + 1 < sides.width && same(index(last + 1, start.y))) ++last;
    for (int x = first; x <= last; ++x) found.add({x, start.y});
    for (const int y : {start.y - 1, start.y + 1}) {
      if (y < 0 || y >= sides.height) continue;
      bool inside = false;
      for (int x = first; x <= last; ++x) {
        const bool now = same(index(x, y)) && !found.contains({x, y});
        if (now && !inside) open.push_back({x, y});
        inside = now;
      }
    }
  }
  return found.trimmed();
}

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/region-inl.hpp>
#endif
