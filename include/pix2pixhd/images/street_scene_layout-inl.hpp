#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/images/street_scene_layout.hpp>

#include <algorithm>
#include <array>

namespace pix2pixhd::inline v0::detail::street {

/// Draws one number after the other from a stream.
class Dice {
 public:
  Dice(std::uint64_t seed, std::string_view name) : stream_(seed, name) {}

  /// An integer of low to high, both included.
  Length between(Length low, Length high) {
    const std::uint64_t count = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<Length>(((bits() >> 32) * count) >> 32);
  }
  bool chance(int percent) { return between(0, 99) < percent; }
  std::uint64_t bits() { return stream_.bits(drawn_++); }
  template <std::size_t N>
  Colour one_of(const std::array<Colour, N>& colours) {
    return colours[static_cast<std::size_t>(between(0, static_cast<Length>(N) - 1))];
  }

 private:
  RandomStream stream_;
  std::uint64_t drawn_ = 0;
};

// Six of the nine have a hue, clear enough to be seen in the shade: styles have something to tell.
inline constexpr std::array<Colour, 9> car_paints = {rgb(226, 226, 224), rgb(150, 154, 158), rgb(44, 46, 50),
                                                     rgb(32, 74, 176),   rgb(198, 32, 30),   rgb(34, 128, 66),
                                                     rgb(232, 176, 40),  rgb(64, 158, 206),  rgb(150, 56, 150)};
inline constexpr std::array<Colour, 7> clothes = {rgb(176, 44, 48), rgb(40, 62, 110), rgb(214, 208, 196),
                                                  rgb(70, 96, 62),  rgb(52, 50, 54),  rgb(206, 160, 62),
                                                  rgb(118, 78, 120)};

PIX2PIXHD_INLINE Area Camera::area(Length left, Length right, Length top, Length bottom, Length depth) const {
  return {.left = floor_divide(column(left, depth), pixel),
          .top = floor_divide(row(top, depth), pixel),
          .right = floor_divide(column(right, depth), pixel) + 1,
          .bottom = floor_divide(row(bottom, depth), pixel) + 1};
}

PIX2PIXHD_INLINE Camera make_camera(Dice dice, const PictureSize& size) {
  // The field of view belongs to a picture twice as wide as high; other shapes see more or less of the same.
  const Length unit = std::min(Length{size.width}, Length{size.height} * 2) * pixel;
  Camera camera;
  camera.focal = unit * dice.between(540, 600) / 1000;
  camera.vanishing.x = size.width * pixel * dice.between(420, 580) / 1000;
  camera.vanishing.y = size.height * pixel * dice.between(400, 470) / 1000;
  camera.height = dice.between(1350, 1750);
  camera.position = dice.between(600, 2300);
  return camera;
}

PIX2PIXHD_INLINE std::vector<House> make_houses(Dice dice) {
  std::vector<House> houses;
  Length depth = dice.between(1000, 9000);
  while (depth < street_end) {
    House house;
    house.begin = depth;
    house.end = depth + dice.between(3, 7) * 2800;
    house.floors = static_cast<int>(dice.between(2, 6));
    house.tint = static_cast<int>(dice.between(-14, 14));
    houses.push_back(house);
    depth = house.end + (dice.chance(22) ? dice.between(2500, 7000) : 0);
  }
  return houses;
}

PIX2PIXHD_INLINE void park_cars(Dice dice, Length across, std::vector<Thing>& things) {
  for (Length depth = dice.between(7000, 12000); depth < 80000; depth += dice.between(5400, 7500)) {
    const Length aside = dice.between(-120, 120);
    const Colour paint = dice.one_of(car_paints);
    if (dice.chance(55))
      things.push_back({.kind = Kind::car, .across = across + aside, .depth = depth, .paint = paint});
  }
}

PIX2PIXHD_INLINE void drive_cars(Dice dice, std::vector<Thing>& things) {
  for (const Length lane : {Length{-1650}, Length{1650}}) {
    for (Length depth = dice.between(9000, 40000); depth < 100000; depth += dice.between(14000, 60000)) {
      const Length aside = dice.between(-200, 200);
      things.push_back({.kind = Kind::car, .across = lane + aside, .depth = depth, .paint = dice.one_of(car_paints)});
    }
  }
}

PIX2PIXHD_INLINE void send_people(Dice dice, std::vector<Thing>& things) {
  const Length count = dice.between(2, 9);
  for (Length i = 0; i < count; ++i) {
    const Length side = dice.chance(50) ? -1 : 1;
    const bool crossing = dice.chance(10);
    const Length across = side * (crossing ? dice.between(200, 4800) : dice.between(6100, 8000));
    things.push_back({.kind = Kind::person,
                      .across = across,
                      .depth = dice.between(crossing ? 13000 : 9000, 42000),
                      .paint = dice.one_of(clothes),
                      .variant = dice.bits()});
  }
}

PIX2PIXHD_INLINE void plant_trees(Dice dice, std::vector<Thing>& things) {
  for (const Length side : {Length{-1}, Length{1}}) {
    if (dice.chance(25)) continue;
    for (Length depth = dice.between(10000, 18000); depth < 110000; depth += dice.between(8000, 15000)) {
      const std::uint64_t variant = dice.bits();
      if (dice.chance(65))
        things.push_back({.kind = Kind::tree, .across = side * 6300, .depth = depth, .paint = {}, .variant = variant});
    }
  }
}

PIX2PIXHD_INLINE void set_poles(Dice dice, std::vector<Thing>& things) {
  const Length side = dice.chance(50) ? -1 : 1;
  for (Length depth = dice.between(9000, 16000); depth < 90000; depth += 24000)
    things.push_back({.kind = Kind::pole, .across = side * 5500, .depth = depth});
}

PIX2PIXHD_INLINE Layout lay_out(std::uint64_t seed, const PictureSize& size) {
  Layout layout;
  layout.camera = make_camera({seed, "street camera"}, size);
  layout.exposure = static_cast<int>(Dice(seed, "street exposure").between(244, 264));
  layout.left = make_houses({seed, "street houses left"});
  layout.right = make_houses({seed, "street houses right"});
  park_cars({seed, "street parking left"}, -4150, layout.things);
  park_cars({seed, "street parking right"}, 4150, layout.things);
  drive_cars({seed, "street traffic"}, layout.things);
  send_people({seed, "street people"}, layout.things);
  plant_trees({seed, "street trees"}, layout.things);
  set_poles({seed, "street poles"}, layout.things);
  std::stable_sort(layout.things.begin(), layout.things.end(),
                   [](const Thing& a, const Thing& b) { return a.depth > b.depth; });
  return layout;
}

}  // namespace pix2pixhd::inline v0::detail::street
