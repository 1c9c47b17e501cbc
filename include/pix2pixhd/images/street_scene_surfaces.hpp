#pragma once
/// The large surfaces of a street scene: sky, ground, houses.
///
/// Each has `covers(Point)` and `colour(Point)` for Canvas::paint(). The rules that a network can learn from labels:
/// the sun stands on the left, so that walls on the left lie in shade and throw it to the right; the number of floors
/// chooses a house's material; windows, tiles and lane marks have fixed sizes in the street; all fades into haze.

#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/images/street_scene_layout.hpp>

namespace pix2pixhd::inline v0::detail::street {

/// How well a pattern with cells of a length can be seen where a pixel is `step` wide: 0 below one pixel, 256 from
/// three pixels on. Finer ones would turn into moire.
constexpr int visibility(Length cell, Length step) {
  const Length share = (cell * whole / (step < 1 ? 1 : step) - whole) / 2;
  return static_cast<int>(share < 0 ? 0 : share > whole ? whole : share);
}

/// What the air between leaves of a colour.
constexpr Colour hazy(const Colour& colour, Length depth) {
  const Length share = depth / 1000;
  return mix(colour, rgb(198, 212, 226), static_cast<int>(share > 130 ? 130 : share));
}

/// Smooth noise of -256 to 255, the same in every scene.
int noise(Length x, Length y, Length cell);

struct Sky {
  const Camera& camera;
  Length width;

  bool covers(const Point&) const { return true; }
  Colour colour(const Point& p) const;
};

/// The houses that close the street at its end.
struct Skyline {
  const Camera& camera;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

struct Sidewalk {
  const Layout& layout;

  bool covers(const Point& p) const { return p.y > layout.camera.vanishing.y; }
  Colour colour(const Point& p) const;
};

struct Road {
  const Layout& layout;

  bool covers(const Point& p) const {
    return p.y > layout.camera.vanishing.y && magnitude(layout.camera.ground_across(p)) < road_edge;
  }
  Colour colour(const Point& p) const;
};

/// The front of a house, along the street. `side` is house_front or its negative.
struct Front {
  const Camera& camera;
  const House& house;
  Length side;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

/// The wall of a house that faces the camera, seen through gaps and above lower houses.
struct Gable {
  const Camera& camera;
  const House& house;
  Length side;

  bool covers(const Point& p) const;
  Colour colour(const Point& p) const;
};

}  // namespace pix2pixhd::inline v0::detail::street

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/street_scene_surfaces-inl.hpp>
#endif
