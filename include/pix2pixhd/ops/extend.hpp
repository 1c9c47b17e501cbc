#pragma once
/// Continuation of pictures by reflection, and cropping.

#include <pix2pixhd/ops/resolve.hpp>

#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The sides of a picture.
struct Sides {
  int height = 0;
  int width = 0;
  friend constexpr bool operator==(const Sides&, const Sides&) = default;
};

namespace detail {

inline void check_sides(Sides sides) {
  require(sides.height >= 1 && sides.width >= 1, "a picture cannot be made ", sides.width, " x ", sides.height,
          " pixels; both sides must be at least 1.");
}

}  // namespace detail

/// `x` with rows below and columns at the right, by reflection with period 2 (side - 1), repeated as needed; where the
/// new side is smaller, cut off.
inline Tensor extend(Device& device, Tensor x, Sides sides) {
  detail::check_activation(device, x, "the picture to extend");
  detail::check_sides(sides);
  const Shape& in = x.shape();
  if (in.h == sides.height && in.w == sides.width) return x;
  x = resolve(device, std::move(x));
  Tensor y = device.empty({in.n, in.c, sides.height, sides.width});
  device.backend().extend(x, y);
  return y;
}

/// The same for a semantic map at level 0: labels, boundaries and parts alike.
inline SemanticMap extend(Device& device, const SemanticMap& map, Sides sides) {
  detail::require(map.level() == 0, "a pooled semantic map cannot be extended; extend it before pooling.");
  detail::check_sides(sides);
  const Shape from = map.plane();
  if (from.h == sides.height && from.w == sides.width) return map;
  const Shape to{from.n, 1, sides.height, sides.width};
  const auto plane = [&](const std::shared_ptr<Storage>& x) -> std::shared_ptr<Storage> {
    if (!x) return nullptr;
    detail::check_storage(device, *x, "the semantic map", "make it by semantic_map on the device that is to read it");
    auto y = device.allocate(to.count());
    device.backend().extend_plane(*x, from, *y, to);
    return y;
  };
  auto labels = plane(map.labels());
  auto edges = plane(map.edges());
  SemanticMap result = map.without_parts(std::move(labels), std::move(edges), to);
  for (const Tensor& part : map.parts()) result = result.joined(extend(device, part, sides));
  return result;
}

}  // namespace pix2pixhd::inline v0
