#pragma once
/// What stands where in a street scene, and the camera that sees it.

#include <pix2pixhd/images/street_scene_canvas.hpp>

#include <cstdint>
#include <vector>

namespace pix2pixhd::inline v0::detail::street {

/// The street in cross-section, in millimetres from its middle; both sides are alike.
inline constexpr Length road_edge = 5000;
inline constexpr Length house_front = 8500;
/// Depth at which the street ends.
inline constexpr Length street_end = 150000;

/// A pinhole camera that looks straight along the street.
struct Camera {
  Point vanishing;      ///< where the street's lines meet; its y is the horizon
  Length focal = 0;     ///< in sixteenths of a pixel
  Length height = 0;    ///< above the ground
  Length position = 0;  ///< right of the middle of the road

  /// A pixel's width in millimetres, at a depth.
  Length pixel_at(Length depth) const { return std::max(depth * pixel / focal, Length{1}); }

  // On a plane that faces the camera at a depth: distance right of the middle of the road, height above the ground.
  Length across(const Point& p, Length depth) const { return position + (p.x - vanishing.x) * depth / focal; }
  Length up(const Point& p, Length depth) const { return height - (p.y - vanishing.y) * depth / focal; }

  // On the ground, for points below the horizon.
  Length ground_depth(const Point& p) const { return focal * height / (p.y - vanishing.y); }
  Length ground_across(const Point& p) const { return position + (p.x - vanishing.x) * height / (p.y - vanishing.y); }

  /// Whether a wall along the street, at `side` right of the middle of the road, is met in the column of `p`.
  bool meets_wall(const Point& p, Length side) const {
    const Length dx = p.x - vanishing.x;
    return side > position ? dx > 0 : dx < 0;
  }
  // On such a wall.
  Length wall_depth(const Point& p, Length side) const { return focal * (side - position) / (p.x - vanishing.x); }
  Length wall_up(const Point& p, Length side) const {
    return height - (p.y - vanishing.y) * (side - position) / (p.x - vanishing.x);
  }

  /// The pixels that hold everything between two points at a depth.
  Area area(Length left, Length right, Length top, Length bottom, Length depth) const;
  Length column(Length across, Length depth) const { return vanishing.x + (across - position) * focal / depth; }
  Length row(Length up, Length depth) const { return vanishing.y + (height - up) * focal / depth; }
};

/// A house at the street, from a depth to a depth.
struct House {
  Length begin = 0;
  Length end = 0;
  int floors = 0;
  int tint = 0;  ///< a little lighter or darker than others, in 1/256

  Length height() const { return floors * Length{3200} + 1200; }
};

enum class Kind { car, person, tree, pole };

/// Something that stands in the street.
struct Thing {
  Kind kind = Kind::car;
  Length across = 0;
  Length depth = 0;
  Colour paint = {};          ///< of a car's body, a person's clothes
  std::uint64_t variant = 0;  ///< chooses among shapes
};

struct Layout {
  Camera camera;
  int exposure = whole;
  std::vector<House> left, right;  ///< from near to far
  std::vector<Thing> things;       ///< from far to near
};

/// A street by its seed. The same seed gives the same street at every size of picture.
Layout lay_out(std::uint64_t seed, const PictureSize& size);

}  // namespace pix2pixhd::inline v0::detail::street

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/street_scene_layout-inl.hpp>
#endif
