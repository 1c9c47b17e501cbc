/// Several windows at one editor: each other's edits, their waiting for news, and what they open at the same time.

#include "editor_testing.hpp"

#include <pix2pixhd/store/project_file.hpp>

#include <atomic>
#include <future>
#include <memory>

using namespace editor_testing;

namespace {

/// A stroke of the brush that changes pixels.
Json painted(Client& client, const Json& request) {
  const Json done = client.done(request);
  REQUIRE(done["pixels"].get<int>() > 0);
  return done;
}

}  // namespace

TEST_CASE("a piece of a stroke is undone with the piece before it, and with nobody else's edit") {
  const Street street;
  std::vector<std::string> maps;  // after each step
  Json last;
  {
    RunningEditor editor(street);
    Client one(editor), two(editor);
    const auto step = [&] { maps.push_back(one.maps()); };
    step();
    const Json first = painted(one, stroke(10.5, 10.5, 4));
    step();
    painted(two, stroke(70.5, 50.5, 6));
    step();
    const Json second = painted(one, next_piece(stroke(16.5, 10.5, 4), first));
    painted(one, next_piece(stroke(22.5, 10.5, 4), second));
    step();
    CHECK(one.state()["undo"] == 3);

    // In one window: the stroke goes on after a step of undo.
    const Json begun = painted(one, stroke(40.5, 10.5, 7));
    one.done({{"kind", "undo"}});
    CHECK(one.maps() == maps.back());
    last = painted(one, next_piece(stroke(46.5, 10.5, 7), begun));
    step();
    CHECK(one.state()["undo"] == 4);

    Json stale = stroke(52.5, 10.5, 7);  // of a page that does not say after what
    stale["joined"] = true;
    painted(one, stale);
    step();
    CHECK(one.state()["undo"] == 5);
    CHECK_FALSE(contains(slurp(street.project.string() + ".journal"), "after"));
    editor.kill();
  }
  const RunningEditor editor(street);
  Client client(editor);
  CHECK(client.state()["undo"] == 5);

  // Versions are counted anew: a piece of a stroke that began before is not joined to what has the number now.
  painted(client, stroke(10.5, 30.5, 4));
  const Json now = painted(client, stroke(20.5, 30.5, 6));
  last["version"] = now["version"];
  painted(client, next_piece(stroke(30.5, 30.5, 4), last));
  CHECK(client.state()["undo"] == 8);

  for (int i = 0; i < 3; ++i) client.done({{"kind", "undo"}});
  for (std::size_t i = maps.size(); i-- > 0;) {
    CHECK(client.maps() == maps[i]);
    if (i > 0) client.done({{"kind", "undo"}});
  }
  CHECK(client.state()["undo"] == 0);
}

TEST_CASE("where many windows wait for news, more wait a moment before they are answered") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  const Json now = client.rendered();
  const auto counter = now["counter"].get<std::uint64_t>(), version = now["version"].get<std::uint64_t>();
  std::atomic<bool> done{false};
  std::vector<std::unique_ptr<Client>> waiting;
  std::vector<std::thread> threads;
  for (int i = 0; i < 30; ++i) {
    Client& one = *waiting.emplace_back(std::make_unique<Client>(editor));
    threads.emplace_back([&] {
      while (!done) one.state(counter, version);
    });
    // Few connections can wait to be taken; one that finds no place tries again a second later.
    std::this_thread::sleep_for(std::chrono::milliseconds(15));
  }
  std::chrono::duration<double> took{};
  for (int tries = 0; tries < 5; ++tries) {
    const auto begun = std::chrono::steady_clock::now();
    client.state(counter, version);
    took = std::chrono::steady_clock::now() - begun;
    if (took.count() < 4) break;  // else it was one of the first thirty
  }
  CHECK(took.count() > 0.4);
  CHECK(took.count() < 4);
  done = true;
  client.done(stroke(20.5, 30.5, 4));  // news for all
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("two projects that are opened at the same time are both opened") {
  const Street street;
  const StreetScene other = street_scene(9, {.width = 80, .height = 48});
  const SceneRules rules{.classes = 8, .ignore = {}, .ids = IdRule::thousands, .styles = {}};
  const fs::path one = street.folder / "one.safetensors", two = street.folder / "two.safetensors";
  save_project(one, SceneEditor({.labels = street.scene.labels, .instances = street.scene.instances}, rules));
  save_project(two, SceneEditor({.labels = other.labels, .instances = other.instances}, rules));
  const RunningEditor editor(street);
  constexpr int times = 15;
  const auto open = [&](const fs::path& project) {
    Client client(editor);
    const std::string bytes = slurp(project);
    std::string errors;
    for (int i = 0; i < times; ++i)
      errors += client.upload({{"project", bytes, "project", "application/octet-stream"}}).error();
    return errors;
  };
  auto first = std::async(std::launch::async, open, one);
  const std::string errors = open(two);
  CHECK(errors == "");
  CHECK(first.get() == "");
  CHECK_FALSE(fs::exists(street.project.string() + ".opened"));
  Client client(editor);
  const Json state = client.state();
  CHECK((state["width"] == width || state["width"] == 80));
}
