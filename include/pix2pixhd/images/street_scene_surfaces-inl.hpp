#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/street_scene_surfaces.hpp>

#include <array>

namespace pix2pixhd::inline v0::detail::street {

inline constexpr int shade = 158;  ///< light where the sun does not shine
inline constexpr Length storey = 3200;
inline constexpr Length shop_height = 3600;

PIX2PIXHD_INLINE int noise(Length x, Length y, Length cell) {
  const Length column = floor_divide(x, cell), row = floor_divide(y, cell);
  const auto right = static_cast<int>(floor_modulo(x, cell) * whole / cell);
  const auto down = static_cast<int>(floor_modulo(y, cell) * whole / cell);
  const RandomStream stream(0, {});
  const auto at = [&](Length i, Length j) {
    const auto key = static_cast<std::uint64_t>(i) << 32 ^ (static_cast<std::uint64_t>(j) & 0xffffffffU);
    return static_cast<int>(stream.bits(key) & 511U) - whole;
  };
  const auto between = [](int a, int b, int share) { return a + (b - a) * share / whole; };
  return between(between(at(column, row), at(column + 1, row), right),
                 between(at(column, row + 1), at(column + 1, row + 1), right), down);
}

PIX2PIXHD_INLINE Colour Sky::colour(const Point& p) const {
  const auto low = static_cast<int>(std::clamp(p.y * whole / camera.vanishing.y, Length{0}, Length{whole}));
  const auto sunny = static_cast<int>(whole - p.x * whole / (width * pixel));
  const Colour air = mix(rgb(84, 138, 206), rgb(208, 224, 238), low);
  return mix(air, rgb(255, 242, 214), sunny * low / whole * 110 / whole);
}

PIX2PIXHD_INLINE bool Skyline::covers(const Point& p) const {
  const Length house = floor_divide(camera.across(p, street_end), 14000);
  const Length top = 9000 + floor_modulo(house * 5, 7) * 900;
  const Length up = camera.up(p, street_end);
  return up >= 0 && up < top;
}

PIX2PIXHD_INLINE Colour Skyline::colour(const Point& p) const {
  const Length house = floor_divide(camera.across(p, street_end), 14000);
  return hazy(rgb(150 + static_cast<int>(floor_modulo(house, 3)) * 12, 150, 148), street_end);
}

/// The light on the ground: the houses on the left shade their sidewalk and a strip of the road.
PIX2PIXHD_INLINE int ground_light(Length across) { return across < 1500 - road_edge ? shade : whole; }

/// A pixel's depth on the ground.
PIX2PIXHD_INLINE Length ground_step(const Camera& camera, Length depth) {
  return std::max(depth * depth / camera.focal * pixel / camera.height, camera.pixel_at(depth));
}

PIX2PIXHD_INLINE Colour Sidewalk::colour(const Point& p) const {
  const Camera& camera = layout.camera;
  const Length depth = camera.ground_depth(p), across = camera.ground_across(p), aside = magnitude(across);
  const Length step = ground_step(camera, depth);
  Colour stone = rgb(168, 160, 148);
  if (aside < road_edge + 300) {
    stone = rgb(196, 194, 188);
  } else {
    const Length column = floor_modulo(aside - road_edge - 300, 800), row = floor_modulo(depth, 800);
    const bool odd = floor_modulo(floor_divide(aside - road_edge - 300, 800) + floor_divide(depth, 800), 2) != 0;
    const bool joint = column < 50 || row < 50;
    stone = lit(stone, whole + (odd ? 14 : -14) * visibility(800, step) / whole);
    if (joint) stone = lit(stone, whole - 60 * visibility(200, step) / whole);
  }
  stone = lit(stone, whole + noise(across, depth, 90) * 14 / whole * visibility(90, step) / whole);
  return hazy(lit(stone, ground_light(across)), depth);
}

/// Whether a lane mark lies there: a dashed line in the middle, a full one beside the gutter.
PIX2PIXHD_INLINE bool is_marked(Length across, Length depth) {
  const Length aside = magnitude(across);
  return (aside < 90 && floor_modulo(depth, 7500) < 3600) || (aside >= road_edge - 560 && aside < road_edge - 380);
}

PIX2PIXHD_INLINE Colour Road::colour(const Point& p) const {
  const Camera& camera = layout.camera;
  const Length depth = camera.ground_depth(p), across = camera.ground_across(p), aside = magnitude(across);
  const Length step = ground_step(camera, depth);
  Colour asphalt = rgb(96, 97, 102);
  const Length from_track = magnitude(magnitude(aside - 1650) - 750);
  if (from_track < 300) asphalt = lit(asphalt, whole - static_cast<int>((300 - from_track) / 12));
  if (aside > road_edge - 350) asphalt = lit(asphalt, 210);
  asphalt = lit(asphalt, whole + noise(across, depth, 700) * 9 / whole * visibility(700, step) / whole);
  asphalt = lit(asphalt, whole + noise(across, depth, 45) * 22 / whole * visibility(45, step) / whole);
  if (is_marked(across, depth)) asphalt = rgb(204, 204, 198);
  return hazy(lit(asphalt, ground_light(across)), depth);
}

/// What a house is made of, by its floors.
PIX2PIXHD_INLINE Colour material(const House& house) {
  constexpr std::array<Colour, 5> materials = {rgb(194, 178, 150), rgb(178, 128, 108), rgb(190, 160, 120),
                                               rgb(168, 162, 152), rgb(152, 160, 166)};
  const auto choice = std::clamp(house.floors, 2, 6) - 2;
  return lit(materials[static_cast<std::size_t>(choice)], whole + house.tint);
}

/// Window glass, which mirrors a brighter sky higher up. `share` is the height within the pane.
PIX2PIXHD_INLINE Colour glass(int share) { return mix(rgb(82, 92, 106), rgb(132, 154, 176), share); }

/// The shop on the ground floor, `along` the house and `up` from the ground.
PIX2PIXHD_INLINE Colour shop_colour(const House& house, Length along, Length up) {
  if (up >= 2900 && up < 3300) return mix(material(house), rgb(60, 50, 58), 170);
  const Length pane = floor_modulo(along, 2800);
  if (up >= 450 && up < 2800 && pane >= 250 && pane < 2550) return glass(static_cast<int>(up * 60 / 2800));
  return mix(material(house), rgb(96, 92, 90), 120);
}

/// A house's front, `along` the house and `up` from the ground; `fine` is how well its narrow parts can be seen.
PIX2PIXHD_INLINE Colour front_colour(const House& house, Length along, Length up, int fine) {
  if (up < shop_height) return shop_colour(house, along, up);
  const Colour wall = material(house);
  const auto narrow = [&](int light) { return lit(wall, whole + light * fine / whole); };
  if (up >= house.height() - 450) return narrow(40);
  if (up >= house.height() - 650) return narrow(-66);
  const Length column = magnitude(floor_modulo(along, 2800) - 1400), row = floor_modulo(up - shop_height, storey);
  if (row < 130) return narrow(28);
  if (column < 620 && row >= 850 && row < 2500) return glass(static_cast<int>((row - 850) * whole / 1650));
  if (column < 780 && row >= 650 && row < 2640) return narrow(50);
  return wall;
}

PIX2PIXHD_INLINE bool Front::covers(const Point& p) const {
  if (!camera.meets_wall(p, side)) return false;
  const Length depth = camera.wall_depth(p, side);
  if (depth < house.begin || depth >= house.end) return false;
  const Length up = camera.wall_up(p, side);
  return up >= 0 && up < house.height();
}

PIX2PIXHD_INLINE Colour Front::colour(const Point& p) const {
  const Length depth = camera.wall_depth(p, side), up = camera.wall_up(p, side);
  // Along the street a pixel is wider than across it, the flatter the wall is seen.
  const Length reach = magnitude(side - camera.position);
  const Length step = std::max(depth * depth / camera.focal * pixel / reach, camera.pixel_at(depth));
  const Colour far = mix(material(house), glass(whole / 2), up < shop_height ? 130 : 64);
  const Colour colour =
      mix(far, front_colour(house, depth - house.begin, up, visibility(250, step)), visibility(1300, step));
  return hazy(lit(colour, side < 0 ? shade : whole), depth);
}

PIX2PIXHD_INLINE bool Gable::covers(const Point& p) const {
  const Length across = camera.across(p, house.begin), up = camera.up(p, house.begin);
  const Length behind = side < 0 ? side - across : across - side;
  return behind >= 0 && behind < 11000 && up >= 0 && up < house.height();
}

PIX2PIXHD_INLINE Colour Gable::colour(const Point& p) const {
  const Length up = camera.up(p, house.begin);
  const Colour wall = lit(material(house), up >= house.height() - 450 ? 220 : 196);
  return hazy(wall, house.begin);
}

}  // namespace pix2pixhd::inline v0::detail::street
