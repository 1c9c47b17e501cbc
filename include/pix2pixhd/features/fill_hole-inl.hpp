#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/features/fill_hole.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The pixels of the picture that touch a hole.
inline Region rim_of(const Region& hole, const Sides& sides) {
  const PixelBox& box = hole.box();
  Region rim(
      intersection({.x = box.x - 1, .y = box.y - 1, .width = box.width + 2, .height = box.height + 2}, whole(sides)));
  hole.for_each([&](const Pixel& at) {
    for (const Pixel& beside :
         {Pixel{at.x, at.y - 1}, Pixel{at.x - 1, at.y}, Pixel{at.x + 1, at.y}, Pixel{at.x, at.y + 1}})
      if (rim.box().contains(beside) && !hole.contains(beside)) rim.add(beside);
  });
  return rim;
}

/// The nearest of a set of pixels to every pixel of its box, exactly: first along each column, then the lower envelope
/// of the columns' parabolas along each row (Felzenszwalb and Huttenlocher, "Distance transforms of sampled
/// functions", 2012).
class NearestPixels {
 public:
  explicit NearestPixels(const Region& sources) : box_(sources.box()), rows_(box_.pixels(), none) {
    for (int x = 0; x < box_.width; ++x) scan_column(sources, x);
  }

  /// Calls f(pixel, nearest) for each pixel of a row of the box.
  template <class F>
  void for_row(int y, F&& f) {
    const auto cost = [&](int column, int x) {  // of a column's own nearest pixel, seen from x
      const std::int64_t dx = x - column, dy = row(column, y) - y;
      return dx * dx + dy * dy;
    };
    columns_.clear();
    begins_.clear();
    for (int column = 0; column < box_.width; ++column) {
      if (row(column, y) == none) continue;
      // The first x at which `column` is strictly nearer than the last of the envelope; both costs are parabolas of the
      // same opening, so that from there on it stays nearer.
      int begin = 0;
      while (!columns_.empty()) {
        const std::int64_t c = columns_.back(), square_c = cost(columns_.back(), 0), square = cost(column, 0);
        begin = static_cast<int>(floor_quotient(square - square_c, 2 * (column - c)) + 1);
        if (begin > begins_.back()) break;
        columns_.pop_back();
        begins_.pop_back();
        begin = 0;
      }
      if (begin >= box_.width) continue;
      columns_.push_back(column);
      begins_.push_back(std::max(begin, 0));
    }
    std::size_t piece = 0;
    for (int x = 0; x < box_.width; ++x) {
      while (piece + 1 < columns_.size() && begins_[piece + 1] <= x) ++piece;
      const int column = columns_[piece];
      f(Pixel{box_.x + x, box_.y + y}, Pixel{box_.x + column, box_.y + row(column, y)});
    }
  }

 private:
  static constexpr int none = std::numeric_limits<int>::min();

  static std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {  // b > 0
    return a >= 0 ? a / b : -((-a + b - 1) / b);
  }
  int& row(int x, int y) {
    return rows_[static_cast<std::size_t>(y) * static_cast<std::size_t>(box_.width) + static_cast<std::size_t>(x)];
  }
  /// The row of the nearest source in the same column; of equals the upper one.
  void scan_column(const Region& sources, int x) {
    int last = none;
    for (int y = 0; y < box_.height; ++y) {
      if (sources.contains({box_.x + x, box_.y + y})) last = y;
      row(x, y) = last;
    }
    last = none;
    for (int y = box_.height; y-- > 0;) {
      if (sources.contains({box_.x + x, box_.y + y})) last = y;
      int& above = row(x, y);
      if (last != none && (above == none || last - y < y - above)) above = last;
    }
  }

  PixelBox box_;
  std::vector<int> rows_;
  std::vector<int> columns_, begins_;  // the envelope of a row: which column is nearest from which x on
};

}  // namespace detail

PIX2PIXHD_INLINE void fill_hole(Scene& scene, const SceneRules& rules, const Region& hole) {
  if (hole.empty()) return;
  const Sides sides = scene.sides();
  const Region rim = detail::rim_of(hole, sides);
  detail::require(!rim.empty(), "The object is the whole picture, so that nothing is left to fill its place from.");
  Region surfaces(rim.box());
  if (scene.instances)
    rim.for_each([&](const Pixel& at) {
      if (!is_counted(value_at(scene, at).id, rules.ids)) surfaces.add(at);
    });
  detail::NearestPixels nearest(surfaces.empty() ? rim : surfaces);
  for (int y = 0; y < rim.box().height; ++y)
    nearest.for_row(y, [&](const Pixel& at, const Pixel& source) {
      if (!hole.contains(at)) return;
      const PixelValue value = value_at(scene, source);
      const std::size_t i = detail::index_of(sides, at);
      scene.labels.data()[i] = value.label;
      if (scene.instances) scene.instances->data()[i] = value.id;
    });
}

}  // namespace pix2pixhd::inline v0
