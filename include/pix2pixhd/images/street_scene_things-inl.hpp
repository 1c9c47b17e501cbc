#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/street_scene_surfaces.hpp>
#include <pix2pixhd/images/street_scene_things.hpp>

#include <algorithm>
#include <array>

namespace pix2pixhd::inline v0::detail::street {

/// Light that falls from the left on something round: `across` of `half` its width.
PIX2PIXHD_INLINE int round_light(Length across, Length half) {
  return 240 - static_cast<int>(std::clamp(across * 64 / half, Length{-64}, Length{64}));
}

constexpr bool in_disc(Length x, Length y, Length radius) { return x * x + y * y < radius * radius; }

/// A car's window, `up` from its lower rim: the left mirrors more of the sky.
PIX2PIXHD_INLINE Colour car_glass(Length across, Length up) {
  const Length share = 60 + up / 6 - across / 12;
  return mix(rgb(34, 42, 52), rgb(150, 178, 200), static_cast<int>(std::clamp(share, Length{0}, Length{200})));
}

PIX2PIXHD_INLINE bool CarEnd::covers(const Point& p) const {
  const Length aside = magnitude(camera.across(p, thing.depth) - thing.across), up = camera.up(p, thing.depth);
  if (up < 0 || up >= car_height) return false;
  if (up < 180) return aside >= 560 && aside < 860;
  if (up < 900) return aside < (up < 320 ? 880 : 900);
  return aside < 800 - (up - 900) * 190 / 580;
}

PIX2PIXHD_INLINE Colour CarEnd::colour(const Point& p) const {
  const Length across = camera.across(p, thing.depth) - thing.across, aside = magnitude(across);
  const Length up = camera.up(p, thing.depth);
  const bool rear = thing.across > 0;
  Colour result = lit(thing.paint, round_light(across, car_width / 2) + (up >= 1400 ? 24 : 0));
  if (up < 320 && aside >= 560)
    result = rgb(24, 24, 26);
  else if (up < 420)
    result = lit(result, 150);
  else if (up < 540 && aside < 270)
    result = rgb(224, 222, 206);
  else if (up >= 560 && up < 760 && aside >= 600)
    result = rear ? rgb(186, 28, 26) : rgb(240, 238, 220);
  else if (!rear && up >= 500 && up < 720 && aside < 520)
    result = rgb(46, 46, 50);
  else if (up >= 930 && up < 1390 && aside < 720 - (up - 900) * 190 / 580)
    result = car_glass(across, up - 930);
  return hazy(result, thing.depth);
}

PIX2PIXHD_INLINE std::optional<Length> seen_side(const Camera& camera, const Thing& car) {
  if (camera.position < car.across - car_width / 2) return car.across - car_width / 2;
  if (camera.position > car.across + car_width / 2) return car.across + car_width / 2;
  return std::nullopt;
}

PIX2PIXHD_INLINE bool CarSide::covers(const Point& p) const {
  if (!camera.meets_wall(p, plane)) return false;
  const Length along = camera.wall_depth(p, plane) - thing.depth, up = camera.wall_up(p, plane);
  if (along < 0 || along >= car_length || up < 0) return false;
  if (in_disc(along - 780, up - 310, 310) || in_disc(along - 3400, up - 310, 310)) return true;
  if (up < 200) return false;
  return up < 880 || (up < car_height - 30 && along >= (up - 880) / 3 + 60 && along < 3100 - (up - 880));
}

PIX2PIXHD_INLINE Colour CarSide::colour(const Point& p) const {
  const Length along = camera.wall_depth(p, plane) - thing.depth, up = camera.wall_up(p, plane);
  const bool sunny = plane < thing.across;
  Colour result = lit(thing.paint, sunny ? 262 : 150);
  if (in_disc(along - 780, up - 310, 310) || in_disc(along - 3400, up - 310, 310)) {
    const bool rim = in_disc(along - 780, up - 310, 170) || in_disc(along - 3400, up - 310, 170);
    result = rim ? rgb(128, 130, 132) : rgb(24, 24, 26);
  } else if (up < 330) {
    result = lit(result, 150);
  } else if (up >= 930 && up < 1360 && along >= (up - 880) / 3 + 200 && along < 2950 - (up - 880) &&
             magnitude(along - 1500) >= 50) {
    result = car_glass(sunny ? -400 : 400, up - 930);
  }
  return hazy(result, thing.depth);
}

PIX2PIXHD_INLINE bool Person::covers(const Point& p) const {
  const Length across = camera.across(p, thing.depth) - thing.across, aside = magnitude(across);
  const Length up = camera.up(p, thing.depth);
  // One that is seen very small keeps the width of a pixel.
  const Length least = camera.pixel_at(thing.depth) * 5 / 8;
  if (in_disc(across, up - 1590, 135)) return true;
  if (up < 0 || up >= 1470) return up >= 0 && up < 1720 && aside < std::min(least, Length{100});
  if (up >= 1380) return aside < std::max(Length{180}, least);
  if (up >= 800) return aside < std::max(Length{270}, least);
  // The legs stride, the one or the other way.
  const Length stride = (800 - up) / 5 * ((thing.variant & 1U) != 0 ? 1 : -1) / 2;
  return magnitude(across - 95 - stride) < std::max(Length{85}, least) ||
         magnitude(across + 95 + stride / 2) < std::max(Length{85}, least);
}

PIX2PIXHD_INLINE Colour Person::colour(const Point& p) const {
  const Length across = camera.across(p, thing.depth) - thing.across, up = camera.up(p, thing.depth);
  Colour result = thing.paint;
  if (up >= 1460)
    result = up >= 1650 ? rgb(62, 46, 38) : rgb(214, 168, 138);
  else if (up < 90)
    result = rgb(34, 30, 30);
  else if (up < 830)
    result = rgb(54, 58, 76);
  else if (magnitude(across) >= 190)
    result = up < 930 ? rgb(214, 168, 138) : lit(result, 220);
  return hazy(lit(result, round_light(across, 300)), thing.depth);
}

/// The discs of foliage, by their middle and radius.
struct Foliage {
  Length across, up, radius;
};
inline constexpr std::array<Foliage, 6> foliage = {
    {{0, 4300, 1500}, {-950, 3900, 1000}, {1000, 4000, 950}, {-600, 5100, 1050}, {650, 5200, 950}, {0, 5700, 850}}};

PIX2PIXHD_INLINE bool Tree::covers(const Point& p) const {
  const Length across = camera.across(p, thing.depth) - thing.across, up = camera.up(p, thing.depth);
  if (up >= 0 && up < 3200 && magnitude(across) < std::max(Length{150}, camera.pixel_at(thing.depth) / 2)) return true;
  const Length mirror = (thing.variant & 1U) != 0 ? 1 : -1;
  const Length larger = 100 + static_cast<Length>((thing.variant >> 1) % 25);
  // Leaves make the outline uneven.
  const Length rough = noise(across + static_cast<Length>(thing.variant >> 40), up, 420) * 160 / whole;
  for (const Foliage& disc : foliage) {
    if (in_disc(mirror * across - disc.across, up - disc.up * (100 + larger) / 200, disc.radius * larger / 100 + rough))
      return true;
  }
  return false;
}

PIX2PIXHD_INLINE Colour Tree::colour(const Point& p) const {
  const Length across = camera.across(p, thing.depth) - thing.across, up = camera.up(p, thing.depth);
  const Length step = camera.pixel_at(thing.depth);
  if (up < 2700) return hazy(lit(rgb(98, 76, 58), round_light(across, 200)), thing.depth);
  const auto sunlight = static_cast<int>(std::clamp((up - 4500 - across) * 90 / 2000, Length{-110}, Length{100}));
  const int leaves = noise(across + thing.across, up + thing.depth, 260) * 60 / whole * visibility(260, step) / whole;
  return hazy(lit(rgb(84, 122, 56), 224 + sunlight + leaves), thing.depth);
}

PIX2PIXHD_INLINE bool Pole::covers(const Point& p) const {
  const Length inwards = (thing.across > 0 ? -1 : 1) * (camera.across(p, thing.depth) - thing.across);
  const Length up = camera.up(p, thing.depth);
  const Length half = std::max(Length{70}, camera.pixel_at(thing.depth) * 9 / 16);
  if (up >= 0 && up < 6400) return magnitude(inwards) < half || (up < 900 && magnitude(inwards) < half + 50);
  const Length thickness = std::max(Length{110}, camera.pixel_at(thing.depth) * 9 / 8);
  return up >= 6400 && up < 6400 + thickness + (inwards >= 1200 ? 80 : 0) && inwards >= -half && inwards < 2000;
}

PIX2PIXHD_INLINE Colour Pole::colour(const Point& p) const {
  const Length across = camera.across(p, thing.depth) - thing.across;
  const Length inwards = thing.across > 0 ? -across : across;
  if (inwards >= 1200) return rgb(244, 240, 222);
  return hazy(lit(rgb(88, 94, 100), round_light(across, 100)), thing.depth);
}

/// Shade on the ground within an ellipse.
struct Pool {
  Length across, depth, half_width, half_depth;
};

PIX2PIXHD_INLINE Pool shadow_of(const Thing& thing) {
  switch (thing.kind) {
    case Kind::car:
      return {thing.across + 350, thing.depth + 1900, 1500, 2700};
    case Kind::tree:
      return {thing.across + 1500, thing.depth, 2100, 1700};
    case Kind::person:
      return {thing.across + 350, thing.depth, 620, 330};
    case Kind::pole:
      break;
  }
  return {thing.across + 150, thing.depth, 320, 200};
}

PIX2PIXHD_INLINE void throw_shadow(Canvas& canvas, const Camera& camera, const Thing& thing) {
  const Pool pool = shadow_of(thing);
  const Length near = std::max(pool.depth - pool.half_depth, Length{500}), far = pool.depth + pool.half_depth;
  const Area low = camera.area(pool.across - pool.half_width, pool.across + pool.half_width, 0, 0, near);
  const Area high = camera.area(pool.across - pool.half_width, pool.across + pool.half_width, 0, 0, far);
  const Area area{std::min(low.left, high.left), high.top, std::max(low.right, high.right), low.bottom};
  canvas.shade(area, [&](const Ink&, const Point& p) {
    if (p.y <= camera.vanishing.y) return whole;
    const Length x = (camera.ground_across(p) - pool.across) * whole / pool.half_width;
    const Length y = (camera.ground_depth(p) - pool.depth) * whole / pool.half_depth;
    const Length from_middle = (x * x + y * y) / whole;
    if (from_middle >= whole) return whole;
    // A soft rim.
    return whole - static_cast<int>(std::min((whole - from_middle) * 2, Length{whole})) * 110 / whole;
  });
}

PIX2PIXHD_INLINE void paint_thing(Canvas& canvas, const Camera& camera, const Thing& thing, const Ink& ink) {
  const Length depth = thing.depth;
  const auto area = [&](Length half, Length top) {
    return camera.area(thing.across - half, thing.across + half, top, 0, depth);
  };
  // Below three pixels nobody could tell what it is.
  const auto visible = [&](Length height) { return height >= 3 * camera.pixel_at(depth); };
  switch (thing.kind) {
    case Kind::car: {
      if (!visible(car_height)) return;
      if (const auto plane = seen_side(camera, thing)) {
        const Area near = camera.area(*plane, *plane, car_height, 0, depth);
        const Area far = camera.area(*plane, *plane, car_height, 0, depth + car_length);
        canvas.paint({std::min(near.left, far.left), near.top, std::max(near.right, far.right), near.bottom}, ink,
                     CarSide{camera, thing, *plane});
      }
      canvas.paint(area(car_width / 2, car_height), ink, CarEnd{camera, thing});
      return;
    }
    case Kind::person:
      if (visible(1720)) canvas.paint(area(800, 1750), ink, Person{camera, thing});
      return;
    case Kind::tree:
      if (visible(6000)) canvas.paint(area(3000, 8500), ink, Tree{camera, thing});
      return;
    case Kind::pole:
      if (visible(6400)) canvas.paint(area(2800, 9000), ink, Pole{camera, thing});
      return;
  }
}

}  // namespace pix2pixhd::inline v0::detail::street
