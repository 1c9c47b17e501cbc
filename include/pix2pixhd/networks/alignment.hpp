#pragma once
/// Sides that a network with downsampling and upsampling can take.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/shape.hpp>
#include <pix2pixhd/ops/extend.hpp>

#include <algorithm>

namespace pix2pixhd::inline v0 {

/// The smallest side that is a multiple of `alignment`, at least twice it and at least `side`.
constexpr int aligned_side(int side, int alignment) {
  const int multiple = (side + alignment - 1) / alignment * alignment;
  return multiple < 2 * alignment ? 2 * alignment : multiple;
}

namespace detail {

/// The multiple of `alignment` that is nearest to `side` (the larger of two), and at least twice `alignment`.
constexpr int nearest_side(int side, int alignment) {
  return std::max(2 * alignment, (side + alignment / 2) / alignment * alignment);
}

/// Throws unless both sides are multiples of `alignment` and at least twice it.
inline void check_alignment(const Shape& shape, int alignment, const char* who) {
  const Sides larger{aligned_side(shape.h, alignment), aligned_side(shape.w, alignment)};
  if (larger == Sides{shape.h, shape.w}) return;
  const Sides nearest{nearest_side(shape.h, alignment), nearest_side(shape.w, alignment)};
  throw Error(sentence(who, ": a picture of ", shape.w, " x ", shape.h,
                       " pixels was given; both sides must be multiples of ", alignment, " and at least ",
                       2 * alignment, ", the nearest are ", nearest.width, " x ", nearest.height,
                       ", the next larger ones ", larger.width, " x ", larger.height,
                       "; infer takes any size of a network that has a member `alignment`, as generators do."));
}

}  // namespace detail
}  // namespace pix2pixhd::inline v0
