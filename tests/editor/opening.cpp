/// Other scenes in the place of the one that is edited: what is kept of it, and what does not fit.

#include "editor_testing.hpp"

#include "../../examples/tools/edit/stored_project.hpp"

#include <pix2pixhd/store/project_file.hpp>

using namespace editor_testing;

namespace {

httplib::MultipartFormData file(const char* name, const fs::path& path) {
  return {name, slurp(path), name, "application/octet-stream"};
}

std::size_t edits_in(const fs::path& project) { return load_project(project).editor.history().undo_steps(); }

SceneRules rules() { return {.classes = 8, .ignore = {}, .ids = IdRule::thousands, .styles = {}}; }

}  // namespace

TEST_CASE("what was done is kept however often another scene is opened") {
  const Street street;
  const fs::path previous = street.project.string() + ".previous", older = street.project.string() + ".previous.1";
  {
    RunningEditor editor(street);
    Client client(editor);
    const auto open = [&] {
      CHECK(client.upload({file("labels", street.labels), file("instances", street.instances)}).status == 200);
    };
    for (int x : {5, 15, 25}) client.done(stroke(x, 5, 4));
    for (int i = 0; i < 3; ++i) {
      open();
      CHECK(edits_in(street.project) == 0);
      CHECK(edits_in(previous) == 3);
    }
    CHECK_FALSE(fs::exists(older));

    client.done(stroke(5, 5, 4));
    client.done({{"kind", "undo"}});  // can be done again, so it is something to keep
    open();
    CHECK(edits_in(previous) == 0);
    CHECK(edits_in(older) == 3);
    client.done(stroke(5, 5, 4));
    open();
    CHECK(edits_in(previous) == 1);
    CHECK(edits_in(older) == 3);
    CHECK(edits_in(street.project.string() + ".previous.2") == 0);
    CHECK(editor.end() == 0);
  }
  {
    RunningEditor editor(street, {"--fresh"});
    CHECK(edits_in(previous) == 1);
    CHECK(editor.end() == 0);
  }
  CHECK_FALSE(fs::exists(street.project.string() + ".previous.3"));
  CHECK_FALSE(fs::exists(previous.string() + ".part"));
}

TEST_CASE("projects without instances do not fit weights that need them, nor those with instances other weights") {
  const Street street;
  const Scene whole{.labels = street.scene.labels, .instances = street.scene.instances},
      bare{.labels = street.scene.labels, .instances = {}};
  const fs::path with = street.folder / "with.safetensors", without = street.folder / "without.safetensors";
  save_project(with, SceneEditor(whole, rules()));
  save_project(without, SceneEditor(bare, rules()));

  check_refused(run("edit", street.words({"--project", without}), soon), 1,
                {"without.safetensors", "These weights need an instance map too", "--fresh"});
  const fs::path plain = street.folder / "plain.safetensors";
  Workplace::write_weights(plain, 8);
  check_refused(run("edit",
                    {"--preset", "demo", "--weights", plain, "--labels", street.labels, "--classes", "8", "--port", "0",
                     "--device", "cpu", "--project", with},
                    soon),
                1, {"with.safetensors", "These weights were made without instances", "--fresh"});
  CHECK_FALSE(fs::exists(with.string() + ".journal"));
  CHECK_FALSE(fs::exists(without.string() + ".journal"));

  const RunningEditor editor(street);
  Client client(editor);
  const std::string before = client.maps();
  const Answer refused = client.upload({file("project", without)});
  CHECK(refused.status == 422);
  CHECK_MESSAGE(contains(refused.error(), "The project that was sent does not fit. These weights need"), refused.body);
  CHECK(client.maps() == before);
  CHECK_FALSE(fs::exists(street.project.string() + ".previous"));
  CHECK(client.upload({file("project", with)}).status == 200);

  const tools::edit::StoredProject other(street.folder / "other.safetensors", rules(), false);
  CHECK_THROWS_AS(other.load(with), Error);
  CHECK(other.load(without)->history().edits().empty());
}
