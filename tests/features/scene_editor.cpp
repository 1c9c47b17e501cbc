#include "scenes.hpp"

#include <deque>
#include <optional>
#include <set>
#include <vector>

using namespace scenes;

namespace {

/// What every state of a scene has to fulfil.
void check_consistent(const SceneEditor& editor) {
  CHECK(error_of([&] { check_scene(editor.scene(), editor.rules()); }).empty());
}

/// A random edit. Returns whether it was carried out; the box is where the scene may have changed.
bool random_edit(SceneEditor& editor, const RandomStream& random, std::uint64_t& n, PixelBox& box,
                 std::size_t& pixels) {
  const Sides sides = editor.scene().sides();
  const auto below = [&](int limit) { return static_cast<int>(random.uniform(n++) * limit); };
  const Pixel at{below(sides.width + 4) - 2, below(sides.height + 4) - 2};
  const int label = below(12) == 0 ? 255 : below(5), dx = below(21) - 10, dy = below(21) - 10;
  const Paint paint{.label = label,
                    .as = below(2) == 0 ? Paint::As::surface : Paint::As::new_object,
                    .id = 0,
                    .joined = below(4) == 0};
  EditResult result;
  try {
    switch (below(8)) {
      case 0:
        result = editor.relabel(at, label);
        break;
      case 1:
        result = editor.move(at, dx, dy);
        break;
      case 2:
        result = editor.duplicate(at, dx, dy);
        break;
      case 3:
        result = editor.remove(at);
        break;
      case 4:
        result = below(2) == 0 ? editor.set_style(at, below(3)) : editor.set_class_style(label, std::nullopt);
        break;
      case 5:
        result = editor.fill(at, paint);
        break;
      case 6: {
        const std::vector<Place> corners{
            {at.x + 0.5, at.y + 0.5}, {at.x + dx * 1.0, at.y + 9.0}, {at.x - 8.0, at.y + dy * 1.0}};
        result = editor.paint(polygon_region(sides, corners), paint);
        break;
      }
      default: {
        const std::vector<Place> line{{at.x + 0.5, at.y + 0.5}, {at.x + dx * 1.0, at.y + dy * 1.0}};
        result = editor.paint(stroke_region(sides, line, 0.7 + below(4)), paint);
      }
    }
  } catch (const Error&) {
    return false;
  }
  box = result.box;
  pixels = result.pixels;
  return true;
}

}  // namespace

TEST_CASE("thousands of random edits: only the box changes, ids stay consistent, undo restores every byte") {
  for (const auto& [rule, instances] : {std::pair(IdRule::thousands, true), std::pair(IdRule::labels, true),
                                        std::pair(IdRule::red, true), std::pair(IdRule::labels, false)}) {
    SceneEditor editor(street(48, 32, rule, instances), rules_for(rule));
    const RandomStream random(17, "edits");
    std::uint64_t n = 0;
    std::vector<Scene> states{editor.scene()};
    std::vector<ChosenStyles> choices{editor.styles()};
    std::size_t done = 0, refused = 0;
    for (int i = 0; i < 2500; ++i) {
      const Scene before = editor.scene();
      const ChosenStyles styles = editor.styles();
      const std::size_t steps = editor.history().done();
      PixelBox box;
      std::size_t pixels = 0;
      if (!random_edit(editor, random, n, box, pixels)) {
        ++refused;
        REQUIRE(equal(before, editor.scene()));
        REQUIRE(styles == editor.styles());
        continue;
      }
      std::size_t changed = 0;
      bool outside = false;
      for (int y = 0; y < 32; ++y)
        for (int x = 0; x < 48; ++x) {
          if (value_at(before, {x, y}) == value_at(editor.scene(), {x, y})) continue;
          ++changed;
          outside = outside || !box.contains({x, y});
        }
      REQUIRE_FALSE(outside);
      REQUIRE(changed == pixels);
      REQUIRE(editor.history().done() == steps + (pixels > 0 || styles != editor.styles() ? 1 : 0));
      if (editor.history().done() == steps) continue;
      ++done;
      check_consistent(editor);
      if (editor.history().edits().back().joined)
        states.back() = editor.scene(), choices.back() = editor.styles();
      else
        states.push_back(editor.scene()), choices.push_back(editor.styles());
    }
    CHECK(done > 1000);
    CHECK(refused > 200);
    // The first edit of all may ask to be joined, but there is nothing before it.
    for (std::size_t i = states.size() - 1; i-- > 0;) {
      editor.undo();
      REQUIRE(equal(states[i], editor.scene()));
      REQUIRE(choices[i] == editor.styles());
    }
    CHECK(says(error_of([&] { editor.undo(); }), "nothing to undo"));
    CHECK(editor.history().undo_steps() == 0);
    CHECK(editor.history().redo_steps() == states.size() - 1);
    for (std::size_t i = 1; i < states.size(); ++i) {
      editor.redo();
      REQUIRE(equal(states[i], editor.scene()));
      REQUIRE(choices[i] == editor.styles());
    }
    CHECK(says(error_of([&] { editor.redo(); }), "nothing to redo"));
  }
}

TEST_CASE("a new edit forgets what was undone") {
  SceneEditor editor(street(32, 16), rules_for(IdRule::thousands));
  editor.relabel({5, 9}, 3);
  editor.undo();
  editor.remove({5, 9});
  CHECK(says(error_of([&] { editor.redo(); }), "nothing to redo"));
  CHECK(editor.history().edits().size() == 1);
}

TEST_CASE("the history keeps to its memory and can still undo the last step") {
  SceneEditor editor(street(64, 48), rules_for(IdRule::thousands), 4000);
  for (int i = 0; i < 200; ++i) {
    const std::vector<Place> line{{i % 60 + 0.5, 3.5}, {20.5, i % 40 + 0.5}};
    editor.paint(stroke_region({48, 64}, line, 2),
                 {.label = i % 4, .as = Paint::As::surface, .id = 0, .joined = false});
    CHECK((editor.history().bytes() <= 4000 || editor.history().done() == 1));
  }
  const std::size_t steps = editor.history().done();
  CHECK(steps >= 1);
  CHECK(steps < 200);
  for (std::size_t i = 0; i < steps; ++i) editor.undo();
  check_consistent(editor);
}

TEST_CASE("a patch of a surface is relabelled alone: the style of the others stays") {
  const Scene scene = drawn({"abba", "aaaa", "bbaa"});
  SceneEditor editor(scene, rules_for(IdRule::thousands));
  editor.set_style({1, 0}, 0);
  const ChosenStyles chosen = editor.styles();
  REQUIRE(chosen.size() == 1);
  CHECK(editor.relabel({1, 0}, 2).box == PixelBox{1, 0, 2, 1});
  CHECK(editor.styles() == chosen);
  CHECK(value_at(editor.scene(), {0, 2}) == PixelValue{1, 1});
}

TEST_CASE("relabelled objects get an id of their class") {
  SUBCASE("thousands") {
    SceneEditor editor(street(32, 16), rules_for(IdRule::thousands));
    CHECK(editor.relabel({5, 9}, 3).id == 3000);
    CHECK(editor.relabel({21, 9}, 3).id == 3001);
    CHECK(editor.relabel({21, 9}, 0).id == 0);  // class 0 has surfaces only
    CHECK(value_at(editor.scene(), {21, 9}) == PixelValue{0, 0});
    CHECK(editor.relabel({0, 0}, 1).id == 1);  // a surface stays one
    CHECK(says(error_of([&] { editor.relabel({5, 9}, 3); }), "already"));
  }
  SUBCASE("red") {
    SceneEditor editor(street(32, 16, IdRule::red), rules_for(IdRule::red));
    CHECK(editor.relabel({5, 9}, 3).id == 3 + 256);
    CHECK(editor.relabel({21, 9}, 3).id == 3 + 512);
  }
  SUBCASE("labels") {
    SceneEditor editor(street(32, 16, IdRule::labels), rules_for(IdRule::labels));
    CHECK(editor.relabel({5, 9}, 3).id == 11);  // the id says nothing about the class
  }
}

TEST_CASE("painting as surface, as a new object, and on at an object") {
  SceneEditor editor(street(32, 16), rules_for(IdRule::thousands));
  const Sides sides{16, 32};
  const Region dot = stroke_region(sides, std::vector<Place>{{2.5, 2.5}}, 1.5);
  CHECK(editor.paint(dot, {.label = 2, .as = Paint::As::new_object, .id = 0, .joined = false}).id == 2000);
  const Region next = stroke_region(sides, std::vector<Place>{{5.5, 2.5}}, 1.5);
  CHECK(editor.paint(next, {.label = 2, .as = Paint::As::object, .id = 2000, .joined = true}).id == 2000);
  CHECK(object_at(editor.scene(), editor.rules(), {2, 2}).count() == dot.count() + next.count());
  editor.undo();  // both pieces of the stroke
  CHECK(equal(editor.scene(), street(32, 16)));
  CHECK(editor.paint(dot, {.label = 1, .as = Paint::As::surface, .id = 0, .joined = false}).id == 1);
  CHECK(says(error_of([&] { editor.paint(dot, {.label = 0, .as = Paint::As::new_object, .id = 0, .joined = false}); }),
             "Class 0 has no counted objects"));
  CHECK(says(error_of([&] { editor.paint(dot, {.label = 2, .as = Paint::As::object, .id = 2999, .joined = false}); }),
             "no object 2999"));
  CHECK(says(error_of([&] { editor.paint(dot, {.label = 4, .as = Paint::As::surface, .id = 0, .joined = false}); }),
             "no class 4; the classes are 0 to 3, and 255 for none"));
  CHECK(
      says(error_of([&] { editor.paint(Region(), {.label = 1, .as = Paint::As::surface, .id = 0, .joined = false}); }),
           "covers no pixel"));
}

TEST_CASE("ids run out with a sentence") {
  Scene scene{.labels = xt::xtensor<std::uint8_t, 2>::from_shape({20, 50}),
              .instances = xt::xtensor<std::int32_t, 2>::from_shape({20, 50})};
  scene.labels.fill(2);
  for (std::size_t i = 0; i < 1000; ++i) scene.instances->data()[i] = 2000 + static_cast<std::int32_t>(i);
  SceneEditor editor(scene, rules_for(IdRule::thousands));
  CHECK(says(error_of([&] { editor.duplicate({3, 3}, 1, 0); }), "All ids of class 2 are taken"));
  CHECK(equal(editor.scene(), scene));
}

TEST_CASE("moving, duplicating and deleting") {
  SceneEditor editor(street(32, 16), rules_for(IdRule::thousands));
  const std::size_t pixels = object_at(editor.scene(), editor.rules(), {5, 9}).count();
  editor.move({5, 9}, 3, -2);
  CHECK(value_at(editor.scene(), {4, 13}) == PixelValue{1, 1});  // the place that it left is road
  CHECK(value_at(editor.scene(), {7, 6}) == PixelValue{2, 2001});
  CHECK(object_at(editor.scene(), editor.rules(), {8, 8}).count() == pixels);
  const EditResult copy = editor.duplicate({8, 8}, -3, 1);
  CHECK(copy.id == 2000);
  CHECK(object_at(editor.scene(), editor.rules(), {5, 8}).count() == pixels);
  editor.remove({5, 8});
  for (const std::int32_t id : *editor.scene().instances) REQUIRE(id != 2000);
  // Over the border: what is outside is cut off.
  editor.move({21, 9}, 8, 0);
  CHECK(object_at(editor.scene(), editor.rules(), {30, 9}).box() == PixelBox{28, 8, 4, 6});
  CHECK(says(error_of([&] { editor.move({30, 9}, 4, 0); }), "Nothing of the object would be left"));
  CHECK(says(error_of([&] { editor.move({30, 9}, 1 << 30, -(1 << 30)); }), "Nothing of the object would be left"));
  CHECK(says(error_of([&] { editor.move({30, 9}, 0, 0); }), "give a distance"));
  CHECK(says(error_of([&] { editor.remove({32, 9}); }), "outside of the picture, which is 32x16"));
  CHECK(says(error_of([&] { editor.move({0, -1}, 1, 1); }), "outside of the picture"));
}

TEST_CASE("styles belong to objects and classes, and follow copies") {
  SceneEditor editor(street(32, 16), rules_for(IdRule::thousands));
  editor.set_class_style(2, 0);
  editor.set_style({5, 9}, 2);
  CHECK(editor.style_of(2, 2001) == 2);
  CHECK(editor.style_of(2, 2002) == 0);
  CHECK_FALSE(editor.style_of(1, 1).has_value());
  const std::int32_t id = editor.duplicate({5, 9}, 1, -3).id;
  CHECK(editor.style_of(2, id) == 2);
  editor.relabel({5, 13}, 3);  // a style of another class means nothing
  CHECK_FALSE(editor.style_of(3, 3000).has_value());
  CHECK(editor.style_of(2, 2001) == 0);
  editor.undo();
  CHECK(editor.style_of(2, 2001) == 2);
  editor.set_style({5, 13}, std::nullopt);
  CHECK(editor.style_of(2, 2001) == 0);
  CHECK(says(error_of([&] { editor.set_style({5, 13}, 3); }), "no style 3 for class 2; it has 0 to 2"));
  CHECK(says(error_of([&] { editor.set_style({0, 0}, 0); }), "no styles for class 0"));
}

TEST_CASE("a history is refused that passes through what the rules do not allow, although its ends are sound") {
  const SceneRules rules = rules_for(IdRule::thousands);
  const Scene scene = street(32, 16);
  // From the sky to something and back: neither end shows it.
  const auto there_and_back = [&](const PixelValue& between) {
    const PixelValue sky{0, 0};
    return std::deque<Edit>{{.what = "there", .runs = {{.first = 5, .count = 3, .before = sky, .after = between}}},
                            {.what = "back", .runs = {{.first = 5, .count = 3, .before = between, .after = sky}}}};
  };
  const auto error = [&](const std::deque<Edit>& edits) {
    std::string all;
    for (std::size_t done = 0; done <= edits.size(); done += 2) {
      all = error_of([&] { SceneEditor(scene, rules, {}, EditHistory(edits, done)); });
      if (all.empty()) break;
    }
    return all;
  };
  CHECK(error(there_and_back({1, 1})).empty());
  CHECK(error(there_and_back({255, 7})).empty());
  CHECK(says(error(there_and_back({200, 200})), "\"there\": in the label map pixel (x 5, y 0) has label 200"));
  CHECK(says(error(there_and_back({2, -9})), "\"there\": in the instance map pixel (x 5, y 0) has the id -9"));
  CHECK(says(error(there_and_back({2, 3001})), "of class 3 by the id rule thousands"));
  const auto chosen_and_back = [&](const StyleTarget& target, int style) {
    return std::deque<Edit>{{.what = "choose", .styles = {{.target = target, .before = {}, .after = style}}},
                            {.what = "undo", .styles = {{.target = target, .before = style, .after = {}}}}};
  };
  CHECK(error(chosen_and_back({.label = 2, .id = {}}, 1)).empty());
  CHECK(says(error(chosen_and_back({.label = 2, .id = {}}, -1)), "cannot have the number -1"));
  CHECK(says(error(chosen_and_back({.label = 9, .id = {}}, 1)), "no class 9"));
}
