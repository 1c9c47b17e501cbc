#include "scenes.hpp"

#include <pix2pixhd/features/fill_hole.hpp>

#include <limits>

using namespace scenes;

TEST_CASE("every pixel of a hole takes the nearest value beside it") {
  const RandomStream random(11, "holes");
  const SceneRules rules{.classes = 200, .ignore = {}, .ids = IdRule::labels, .styles = {}};
  for (std::uint64_t trial = 0; trial < 30; ++trial) {
    Scene scene{.labels = xt::xtensor<std::uint8_t, 2>::from_shape({20, 27}),
                .instances = xt::xtensor<std::int32_t, 2>::from_shape({20, 27})};
    for (std::size_t i = 0; i < scene.labels.size(); ++i) {
      scene.labels.data()[i] = static_cast<std::uint8_t>(i % 200);
      scene.instances->data()[i] = static_cast<std::int32_t>(i);
    }
    // Blots, also at the border; holes may be in several pieces and have islands.
    Region hole(whole(scene.sides()));
    for (std::uint64_t blot = 0; blot < 1 + trial % 4; ++blot) {
      const std::vector<Place> at{
          {random.uniform(trial * 50 + 3 * blot) * 27, random.uniform(trial * 50 + 3 * blot + 1) * 20}};
      stroke_region(scene.sides(), at, 1 + random.uniform(trial * 50 + 3 * blot + 2) * 6).for_each([&](const Pixel& p) {
        if (random.uniform(trial * 50 + 40) < 0.5 || (p.x + p.y) % 5 != 0) hole.add(p);
      });
    }
    hole = hole.trimmed();
    const Scene before = scene;
    fill_hole(scene, rules, hole);
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 27; ++x) {
        const PixelValue now = value_at(scene, {x, y});
        if (!hole.contains({x, y})) {
          CHECK(now == value_at(before, {x, y}));
          continue;
        }
        int best = std::numeric_limits<int>::max();
        for (int v = 0; v < 20; ++v)
          for (int u = 0; u < 27; ++u) {
            const bool beside = !hole.contains({u, v}) && (hole.contains({u - 1, v}) || hole.contains({u + 1, v}) ||
                                                           hole.contains({u, v - 1}) || hole.contains({u, v + 1}));
            if (beside) best = std::min(best, (u - x) * (u - x) + (v - y) * (v - y));
          }
        const int u = now.id % 27, v = now.id / 27;  // each pixel had its number as id
        CHECK((u - x) * (u - x) + (v - y) * (v - y) == best);
        CHECK_FALSE(hole.contains({u, v}));
        CHECK(now.label == now.id % 200);
      }
  }
}

TEST_CASE("surfaces go before objects; objects count where there is nothing else") {
  const SceneRules rules{.classes = 4, .ignore = {}, .ids = IdRule::thousands, .styles = {}};
  Scene scene = drawn({"XXYYZZ", "XXYYZZ", "bbbbbb"}, {{'X', {2, 2001}}, {'Y', {2, 2002}}, {'Z', {2, 2003}}});
  fill_hole(scene, rules, object_at(scene, rules, {2, 0}));
  CHECK(equal(scene, drawn({"XXbbZZ", "XXbbZZ", "bbbbbb"}, {{'X', {2, 2001}}, {'Z', {2, 2003}}})));

  Scene crowd = drawn({"XYYZ"}, {{'X', {2, 2001}}, {'Y', {2, 2002}}, {'Z', {2, 2003}}});
  fill_hole(crowd, rules, object_at(crowd, rules, {1, 0}));
  CHECK(equal(crowd, drawn({"XXZZ"}, {{'X', {2, 2001}}, {'Z', {2, 2003}}})));

  Scene full = drawn({"XX"}, {{'X', {2, 2001}}});
  CHECK(says(error_of([&] { fill_hole(full, rules, object_at(full, rules, {0, 0})); }), "whole picture"));
}
