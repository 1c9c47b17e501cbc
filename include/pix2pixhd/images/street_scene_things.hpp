#pragma once
/// What stands in a street scene: cars, people, trees, street lamps.
///
/// All but a car's long side face the camera, as stage scenery does. For those, `across` is the distance from the
/// thing's middle to the right, `up` the height above the ground, both in millimetres.

#include <pix2pixhd/images/street_scene_layout.hpp>

#include <optional>

namespace pix2pixhd::inline v0::detail::street {

inline constexpr Length car_width = 1800;
inline constexpr Length car_height = 1480;
inline constexpr Length car_length = 4200;

/// The end of a car that is seen: its rear in the right lane, its front in the left one.
struct CarEnd {
  const Camera& camera;
  const Thing& thing;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

/// Where the long side of a car is that can be seen; none where the camera stands straight behind it.
std::optional<Length> seen_side(const Camera& camera, const Thing& car);

/// That side, `plane` from the middle of the road.
struct CarSide {
  const Camera& camera;
  const Thing& thing;
  Length plane;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

struct Person {
  const Camera& camera;
  const Thing& thing;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

struct Tree {
  const Camera& camera;
  const Thing& thing;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

struct Pole {
  const Camera& camera;
  const Thing& thing;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

/// Darkens the ground below and right of a thing.
void throw_shadow(Canvas& canvas, const Camera& camera, const Thing& thing);

/// Paints a thing, unless it is too far away to be made out.
void paint_thing(Canvas& canvas, const Camera& camera, const Thing& thing, const Ink& ink);

}  // namespace pix2pixhd::inline v0::detail::street

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/street_scene_things-inl.hpp>
#endif
