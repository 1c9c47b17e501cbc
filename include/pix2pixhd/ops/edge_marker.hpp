#pragma once
/// Boundaries of instances.

#include <pix2pixhd/ops/pixel_pieces.hpp>
#include <pix2pixhd/version.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Marks the edges of pictures of one width, row by row, piece by piece. Each pair of neighbours is compared once, and
/// most not even that: where a piece is equal to the one below it, which a comparison of memory tells at once, nothing
/// differs downwards, and sideways the piece below differs in the same places.
class EdgeMarker {
 public:
  explicit EdgeMarker(std::size_t width)
      : width_(width), sideways_(width + 1), marks_above_(width), marks_below_(width) {
    for (std::size_t x = 1; x + pixels_at_once <= width; x += pixels_at_once) pieces_.push_back(x);
    if (!pieces_.empty() && pieces_.back() + pixels_at_once < width) pieces_.push_back(width - pixels_at_once);
    equal_below_.resize(pieces_.size());
  }

  /// edges = 1 where an id differs from its left, right, upper or lower neighbour's, otherwise 0.
  void mark(const std::int32_t* ids, std::size_t height, std::uint8_t* edges) {
    equal_above_.assign(pieces_.size(), 0);
    std::fill(marks_above_.begin(), marks_above_.end(), std::uint8_t{0});
    for (std::size_t y = 0; y < height; ++y, ids += width_, edges += width_) {
      const std::int32_t *above = y > 0 ? ids - width_ : ids, *below = y + 1 < height ? ids + width_ : ids;
      for (std::size_t x = 0; x < (pieces_.empty() ? width_ : 1); ++x)
        edges[x] = ids[x] != above[x] || ids[x] != below[x] || (x > 0 && ids[x] != ids[x - 1]) ||
                   (x + 1 < width_ && ids[x] != ids[x + 1]);
      for (std::size_t i = 0; i < pieces_.size(); ++i) compare(i, ids + pieces_[i], below + pieces_[i]);
      for (std::size_t i = 0; i < pieces_.size(); ++i) join(i, edges + pieces_[i]);
      std::swap(marks_above_, marks_below_);
      std::swap(equal_above_, equal_below_);
    }
  }

 private:
  /// Marks the differences of piece i from the pixels to its left and below it.
  void compare(std::size_t i, const std::int32_t* ids, const std::int32_t* below) {
    const std::size_t x = pieces_[i];
    if (!equal_above_[i]) mark_differences<pixels_at_once>(ids - 1, ids, sideways_.data() + x);
    equal_below_[i] = std::equal(ids - 1, ids + pixels_at_once, below - 1) ? 1 : 0;
    if (!equal_below_[i]) mark_differences<pixels_at_once>(ids, below, marks_below_.data() + x);
  }
  void join(std::size_t i, std::uint8_t* edges) const {
    static constexpr std::array<std::uint8_t, pixels_at_once> none{};
    const std::size_t x = pieces_[i];
    join_marks<pixels_at_once>(sideways_.data() + x, sideways_.data() + x + 1,
                               equal_above_[i] ? none.data() : marks_above_.data() + x,
                               equal_below_[i] ? none.data() : marks_below_.data() + x, edges);
  }

  std::size_t width_;
  std::vector<std::size_t> pieces_;     ///< where they begin: each has a pixel to its left; the last may overlap
  std::vector<std::uint8_t> sideways_;  ///< whether x differs from x - 1; the width from nothing
  std::vector<std::uint8_t> marks_above_, marks_below_;  ///< of pieces that are not equal to those above and below
  std::vector<char> equal_above_, equal_below_;          ///< whether a piece is, and the pixel to its left
};

}  // namespace pix2pixhd::inline v0::detail
