#include "scenes.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <vector>

using namespace scenes;

namespace {

/// What a brush covers, one pixel after the other.
bool covered(const Pixel& at, const std::vector<Place>& points, double radius) {
  const double px = at.x + 0.5, py = at.y + 0.5;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Place a = points[i == 0 ? 0 : i - 1], b = points[i];
    double nearest = std::numeric_limits<double>::max();
    for (int k = 0; k <= 4000; ++k)
      nearest = std::min(nearest, std::hypot(px - (a.x + (b.x - a.x) * k / 4000), py - (a.y + (b.y - a.y) * k / 4000)));
    if (nearest <= radius) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("boxes: intersection and union") {
  const PixelBox a{1, 2, 4, 3}, b{3, 0, 5, 3};
  CHECK(intersection(a, b) == PixelBox{3, 2, 2, 1});
  CHECK(united(a, b) == PixelBox{1, 0, 7, 5});
  CHECK(intersection(a, {9, 9, 2, 2}) == PixelBox{});
  CHECK(united(a, {}) == a);
  CHECK(PixelBox{1, 2, 0, 3}.empty());
}

TEST_CASE("a stroke covers the pixels whose centres are near the line, and no others") {
  const Sides sides{40, 60};
  const RandomStream random(7, "strokes");
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    std::vector<Place> points;
    for (std::uint64_t i = 0; i <= trial % 4; ++i)
      points.push_back(
          {random.uniform(trial * 20 + 2 * i) * 80 - 10, random.uniform(trial * 20 + 2 * i + 1) * 60 - 10});
    const double radius = 0.6 + random.uniform(trial * 20 + 19) * 9;
    const Region region = stroke_region(sides, points, radius);
    std::size_t wrong = 0, count = 0;
    for (int y = 0; y < sides.height; ++y)
      for (int x = 0; x < sides.width; ++x) {
        wrong += region.contains({x, y}) != covered({x, y}, points, radius) ? 1 : 0;
        count += region.contains({x, y}) ? 1 : 0;
      }
    CHECK(wrong <= 1);  // a centre on the very border may be sampled on either side
    CHECK(count == region.count());
    CHECK(intersection(region.box(), whole(sides)) == region.box());
  }
}

TEST_CASE("a stroke is what its distance says, to the pixel, also where it ends between them") {
  const Sides sides{30, 40};
  const RandomStream random(11, "lines");
  for (std::uint64_t trial = 0; trial < 300; ++trial) {
    // Half pixels make lines that run through centres, stand upright, lie flat, and shrink to dots.
    const auto place = [&](std::uint64_t i) { return std::floor(random.uniform(trial * 8 + i) * 100) / 2 - 8; };
    const Place a{place(0), place(1)}, b{trial % 5 == 0 ? a.x : place(2), trial % 7 == 0 ? a.y : place(3)};
    const double radius = 0.5 + std::floor(random.uniform(trial * 8 + 4) * 16) / 2;
    const Region region = stroke_region(sides, std::vector<Place>{a, b}, radius);
    const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    std::size_t wrong = 0;
    for (int y = 0; y < sides.height; ++y)
      for (int x = 0; x < sides.width; ++x) {
        const double px = x + 0.5 - a.x, py = y + 0.5 - a.y;
        const double along = length > 0 ? std::clamp((px * dx + py * dy) / length, 0.0, 1.0) : 0.0;
        const double excess = std::pow(px - along * dx, 2) + std::pow(py - along * dy, 2) - radius * radius;
        // Where the nearest place is an end of the line, nothing is rounded, and the border belongs to the stroke.
        const bool exact = along == 0.0 || along == 1.0;
        const bool may_have = exact ? excess <= 0 : excess < 1e-9, may_lack = exact ? excess > 0 : excess > -1e-9;
        wrong += (region.contains({x, y}) ? may_have : may_lack) ? 0 : 1;
      }
    CAPTURE(trial);
    CHECK(wrong == 0);
  }
}

TEST_CASE("the work of a long stroke does not grow with the brush") {
  const Sides sides{512, 1024};
  const RandomStream random(13, "scribble");
  std::vector<Place> points;
  for (std::uint64_t i = 0; i < 20'000; ++i)
    points.push_back({random.uniform(2 * i) * 1024, random.uniform(2 * i + 1) * 512});
  const std::clock_t begin = std::clock();
  CHECK(stroke_region(sides, points, 4096).count() == std::size_t{512} * 1024);
  // Ten thousand million distances, one a line and pixel, take longer on every machine.
  CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < 10);
}

TEST_CASE("a stroke beside the picture is empty; one of bad numbers is refused") {
  const Sides sides{10, 10};
  CHECK(stroke_region(sides, std::vector<Place>{{-50, -50}}, 3).empty());
  CHECK(stroke_region(sides, std::vector<Place>{{1e7, 5}}, 3).empty());
  CHECK(says(error_of([&] { stroke_region(sides, std::vector<Place>{{1e300, 5}}, 3); }), "far outside"));
  CHECK(says(error_of([&] { stroke_region(sides, std::vector<Place>{}, 3); }), "at least 1 point"));
  CHECK(says(error_of([&] { stroke_region(sides, std::vector<Place>{{std::nan(""), 1}}, 3); }), "not a number"));
  for (const double radius : {0.0, -1.0, 5000.0, std::nan("")})
    CHECK(says(error_of([&] { stroke_region(sides, std::vector<Place>{{1, 1}}, radius); }), "radius"));
}

TEST_CASE("a polygon covers the centres inside of it") {
  const Region square = polygon_region({10, 10}, std::vector<Place>{{2, 3}, {6, 3}, {6, 5}, {2, 5}});
  CHECK(square.box() == PixelBox{2, 3, 4, 2});
  CHECK(square.count() == 8);
  const Region triangle = polygon_region({10, 10}, std::vector<Place>{{0, 0}, {10, 0}, {0, 10}});
  std::size_t inside = 0;
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 10; ++x) {
      CHECK(triangle.contains({x, y}) == (x + y + 1 <= 10));
      inside += x + y + 1 <= 10 ? 1 : 0;
    }
  CHECK(triangle.count() == inside);
  // Even-odd: a square drawn around another leaves a hole.
  const Region ring = polygon_region(
      {10, 10}, std::vector<Place>{{0, 0}, {9, 0}, {9, 9}, {0, 9}, {0, 0}, {3, 3}, {3, 6}, {6, 6}, {6, 3}, {3, 3}});
  CHECK(ring.contains({1, 1}));
  CHECK_FALSE(ring.contains({4, 4}));
  CHECK(polygon_region({10, 10}, std::vector<Place>{{20, 20}, {30, 20}, {25, 30}}).empty());
  CHECK(says(error_of([&] { polygon_region({10, 10}, std::vector<Place>{{1, 1}, {2, 2}}); }), "at least 3 points"));
  const std::vector<Place> huge{{1.7e308, -1.7e308}, {-1.7e308, 5}, {3, 1.7e308}};  // whose differences are infinite
  CHECK(says(error_of([&] { polygon_region({10, 10}, huge); }), "far outside"));
}

TEST_CASE("a mask is cut at the border of the picture") {
  xt::xtensor<std::uint8_t, 2> mask = xt::xtensor<std::uint8_t, 2>::from_shape({4, 4});
  mask.fill(1);
  mask(0, 0) = 0;
  CHECK(mask_region({10, 10}, mask, {2, 3}).count() == 15);
  CHECK(mask_region({10, 10}, mask, {-2, 8}).box() == PixelBox{0, 8, 2, 2});
  CHECK(mask_region({10, 10}, mask, {10, 0}).empty());
  CHECK(says(error_of([&] { mask_region({10, 10}, mask, {std::numeric_limits<int>::max(), 0}); }), "far outside"));
}

TEST_CASE("a connected region is what a search pixel by pixel finds") {
  const Sides sides{24, 31};
  const RandomStream random(3, "connected");
  std::vector<int> map(24 * 31);
  for (std::size_t i = 0; i < map.size(); ++i) map[i] = random.uniform(i) < 0.6 ? 1 : 0;
  for (int trial = 0; trial < 20; ++trial) {
    const Pixel at{trial * 3 % 31, trial * 7 % 24};
    const int value = map[detail::index_of(sides, at)];
    const Region region = connected_region(sides, at, [&](std::size_t i) { return map[i] == value; });
    std::vector<char> reached(map.size(), 0);
    reached[detail::index_of(sides, at)] = 1;
    for (bool grown = true; grown;) {
      grown = false;
      for (int y = 0; y < sides.height; ++y)
        for (int x = 0; x < sides.width; ++x) {
          const std::size_t i = detail::index_of(sides, {x, y});
          if (reached[i] != 0 || map[i] != value) continue;
          const bool beside = (x > 0 && reached[i - 1] != 0) || (x + 1 < sides.width && reached[i + 1] != 0) ||
                              (y > 0 && reached[i - 31] != 0) || (y + 1 < sides.height && reached[i + 31] != 0);
          if (beside) reached[i] = 1, grown = true;
        }
    }
    for (std::size_t i = 0; i < map.size(); ++i)
      CHECK(region.contains({static_cast<int>(i % 31), static_cast<int>(i / 31)}) == (reached[i] != 0));
  }
}
