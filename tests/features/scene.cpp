/// Scenes: parts of them, and what they are refused for.

#include "scenes.hpp"

#include <limits>
#include <utility>
#include <vector>

using namespace scenes;

TEST_CASE("a part of a scene: its maps in a box, which must lie within it") {
  for (const bool ids : {true, false}) {
    const Scene scene = street(32, 16, IdRule::thousands, ids);
    const PixelBox box{.x = 7, .y = 3, .width = 20, .height = 9};
    const Scene part = crop(scene, box);
    CHECK(part.sides().width == 20);
    CHECK(part.sides().height == 9);
    CHECK(part.instances.has_value() == ids);
    for (int y = 0; y < box.height; ++y)
      for (int x = 0; x < box.width; ++x)
        if (value_at(part, {x, y}) != value_at(scene, {box.x + x, box.y + y})) FAIL("pixel ", x, ", ", y);
    CHECK(equal(crop(scene, whole(scene.sides())), scene));
    const int most = std::numeric_limits<int>::max();
    for (const PixelBox& outside : {PixelBox{-1, 0, 4, 4}, PixelBox{0, -1, 4, 4}, PixelBox{29, 0, 4, 4},
                                    PixelBox{0, 13, 4, 4}, PixelBox{0, 0, 0, 4}, PixelBox{0, 0, 4, 0}, PixelBox{},
                                    PixelBox{most, 0, most, 1}, PixelBox{-most, 0, most, 1}}) {
      CAPTURE(outside.x);
      CHECK(says(error_of([&] { crop(scene, outside); }), "is not within the scene, which is 32x16 pixels"));
    }
  }
}

TEST_CASE("the ignored label has no styles, also where it is below the number of classes") {
  SceneRules rules = rules_for(IdRule::thousands);
  const auto counts = [&] {
    std::vector<int> all;
    for (const int label : {-1, 0, 1, 2, 3, 4, 255}) all.push_back(style_count(rules, label));
    return all;
  };
  CHECK(counts() == std::vector<int>{0, 0, 1, 3, 2, 0, 0});
  rules.ignore = 2;
  CHECK(counts() == std::vector<int>{0, 0, 1, 0, 2, 0, 0});
  SceneEditor editor(street(32, 16), rules);
  CHECK(says(error_of([&] { editor.set_style({5, 9}, 0); }), "The ignored label 2 has no styles"));
  rules.styles.clear();
  CHECK(counts() == std::vector<int>(7, 0));
}

TEST_CASE("scenes that break the rules are refused with the first bad pixel") {
  const SceneRules rules = rules_for(IdRule::thousands);
  const auto error = [&](Scene scene, const SceneRules& given) {
    return error_of([&] { SceneEditor(std::move(scene), given); });
  };
  Scene scene = street(32, 16);
  scene.labels(3, 5) = 9;
  CHECK(says(error(scene, rules),
             "(x 5, y 3) has label 9, allowed are 0 to 3 and the ignore label 255; correct the map"));
  scene = street(32, 16);
  (*scene.instances)(2, 1) = -4;
  CHECK(says(error(scene, rules), "(x 1, y 2) has the id -4, allowed are 0 to 16777215; correct the map"));
  (*scene.instances)(2, 1) = 3001;
  CHECK(says(error(scene, rules), "of class 3 by the id rule thousands, but the label map has class 0"));
  CHECK(error(scene, rules_for(IdRule::labels)).empty());
  scene.instances = xt::xtensor<std::int32_t, 2>::from_shape({16, 31});
  CHECK(says(error(scene, rules), "31x16 pixels, the label map 32x16"));
  CHECK(says(error({}, rules), "no pixels"));
}
