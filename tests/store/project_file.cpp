#include "store_testing.hpp"

#include <pix2pixhd/store/project_content.hpp>
#include <pix2pixhd/store/project_file.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include "../features/scenes.hpp"

#include <random>
#include <utility>

using namespace scenes;
using store_testing::slurp;
using store_testing::spill;
using store_testing::TemporaryFolder;

namespace {

SceneEditor edited(bool instances = true) {
  SceneEditor editor(street(32, 16, IdRule::thousands, instances),
                     {.classes = 4, .ignore = {255}, .ids = IdRule::thousands, .styles = {0, 1, 3, 2}});
  editor.relabel({5, 9}, 3);
  editor.move({21, 9}, -3, -4);
  const Region dot = stroke_region({16, 32}, std::vector<Place>{{2.5, 2.5}}, 1.5);
  editor.paint(dot, {.label = 255, .as = Paint::As::surface, .id = 0, .joined = true});
  editor.set_style({18, 5}, 2);
  editor.fill({0, 15}, {.label = 0, .as = Paint::As::surface, .id = 0, .joined = false});
  editor.undo();
  return editor;
}

bool same(const SceneEditor& a, const SceneEditor& b) {
  return equal(a.scene(), b.scene()) && a.rules() == b.rules() && a.styles() == b.styles() &&
         a.history().edits() == b.history().edits() && a.history().done() == b.history().done();
}

}  // namespace

TEST_CASE("a project comes back as it was, and can be undone and redone to the ends") {
  const TemporaryFolder folder;
  for (const bool instances : {true, false}) {
    SceneEditor editor = edited(instances);
    save_project(folder / "p.safetensors", editor, {{"weights", "w.pth"}, {"odd", "\"\n\xff"}});
    Project project = load_project(folder / "p.safetensors");
    CHECK(same(editor, project.editor));
    CHECK(project.notes.at("weights") == "w.pth");
    CHECK(project.editor.history().bytes() == editor.history().bytes());  // or it would forget other edits
    project.editor.redo();
    while (project.editor.history().done() > 0) project.editor.undo();
    CHECK(equal(project.editor.scene(), street(32, 16, IdRule::thousands, instances)));
    CHECK(project.editor.styles().empty());
  }
  const SceneEditor fresh(street(32, 16), {.classes = 4, .ignore = {}, .ids = IdRule::labels, .styles = {}});
  save_project(folder / "p.safetensors", fresh);
  CHECK(same(fresh, load_project(folder / "p.safetensors").editor));
  CHECK(folder.count() == 1);
}

TEST_CASE("a project that is cut anywhere is refused by name") {
  const TemporaryFolder folder;
  save_project(folder / "whole", edited());
  const std::string bytes = slurp(folder / "whole");
  for (std::size_t length = 0; length < bytes.size(); length += length < 1500 ? 7 : 31) {
    spill(folder / "cut", bytes.substr(0, length));
    CHECK(says(error_of([&] { load_project(folder / "cut"); }), "cut"));
  }
}

TEST_CASE("every change of a byte is found") {
  const TemporaryFolder folder;
  save_project(folder / "whole", edited());
  const std::string bytes = slurp(folder / "whole");
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = bytes;
    const std::size_t at = random() % bytes.size();
    const auto bit = static_cast<char>(1U << random() % 8);
    damaged[at] = static_cast<char>(damaged[at] ^ bit);
    spill(folder / "damaged", damaged);
    const std::string error = error_of([&] { load_project(folder / "damaged"); });
    // Spaces after the header are not part of the content.
    CHECK_MESSAGE((says(error, "damaged") || bytes[at] == ' '), at);
  }
}

TEST_CASE("files that are whole but no projects, or not of one scene, are refused") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "p.safetensors";
  /// The project with one thing changed and a check sum that says so.
  const auto changed = [&](auto&& change) {
    const SceneEditor editor = edited();
    detail::ProjectBytes bytes = detail::project_bytes(editor);
    Metadata texts = detail::project_texts(editor, {});
    change(bytes, texts);
    texts["check_sum"] = detail::check_sum(bytes, texts);
    write_safetensors(
        path, bytes.entries,
        [&](const TensorEntry&, std::size_t i) { return TensorValues(std::span<const std::byte>(bytes.values[i])); },
        texts);
    return error_of([&] { load_project(path); });
  };
  using Bytes = detail::ProjectBytes;
  CHECK(changed([](Bytes&, Metadata&) {}).empty());
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts.erase("project"); }), "is not a project"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["project"] = "2"; }), "another version, 2"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts.erase("rules"); }), "is missing"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["rules"] = "[}"; }), "not those of a project"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["rules"] = R"({"classes":4})"; }), "not those of a project"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["done"] = "9"; }), "cannot be in effect"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["done"] = "1"; }), "does not belong to this scene"));
  const auto other_text = [&](const std::string& key, const std::string& from, const std::string& to) {
    return changed([&](Bytes&, Metadata& texts) {
      std::string& text = texts.at(key);
      REQUIRE(says(text, from));
      text.replace(text.find(from), from.size(), to);
    });
  };
  CHECK(says(other_text("done", "4", "4.5"), "The number of edits in effect is 4.5, where a whole number"));
  CHECK(says(other_text("done", "4", "-4"), "The number of edits in effect is -4"));
  CHECK(says(other_text("rules", "\"classes\":4", "\"classes\":4.5"), "The number of classes is 4.5"));
  CHECK(says(other_text("rules", "\"classes\":4", "\"classes\":4294967300"), "The number of classes is 4294967300"));
  CHECK(says(other_text("rules", "\"ignore\":255", "\"ignore\":1e300"), "The ignored label is 1e+300"));
  CHECK(says(other_text("rules", "[0,1,3,2]", "[0,1,3,-2]"), "A class's number of styles is -2"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["styles"] = "[[[2,null],1e300]]"; }),
             "The number of a style is 1e+300"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["styles"] = "[[[2.5,null],1]]"; }),
             "The class of a choice of a style is 2.5"));
  // Nested so deep that to write it out, call by call, would take more stack than there is.
  CHECK(says(changed([](Bytes&, Metadata& texts) {
               texts["styles"] = "[[[2,null]," + std::string(1'000'000, '[') + std::string(1'000'000, ']') + "]]";
             }),
             "The number of a style is an array, where a whole number"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["edits"] = R"([["a",0,false,[],[0,0,1e300,1]]])"; }),
             "A number of an edit's box is 1e+300"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["edits"] = R"([["a",-1,false,[],[0,0,1,1]]])"; }),
             "The number of an edit's runs is -1"));
  CHECK(says(changed([](Bytes&, Metadata& texts) { texts["edits"] = "[]"; }), "damaged"));
  CHECK(says(changed([](Bytes& bytes, Metadata&) { bytes.values[0][0] = std::byte{77}; }), "has label 77"));
  CHECK(says(changed([](Bytes& bytes, Metadata&) { bytes.values[0][40] ^= std::byte{1}; }), "(x 8, y 1)"));
  CHECK(says(changed([](Bytes& bytes, Metadata&) { bytes.values[2][3] = std::byte{0x7f}; }), "outside of the picture"));
  CHECK(says(changed([](Bytes& bytes, Metadata&) { bytes.values[3][1] = std::byte{1}; }), "a run has the label"));
  CHECK(says(changed([](Bytes& bytes, Metadata&) { bytes.entries[0].name = "classes"; }), "\"labels\""));
}
