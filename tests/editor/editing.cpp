/// Editing through HTTP: pictures, several pages, killed and restarted servers.

#include "editor_testing.hpp"

#include <pix2pixhd/store/project_file.hpp>

#include <fstream>
#include <future>

using namespace editor_testing;

TEST_CASE("an edit changes its region alone, and undo brings every byte back") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  const std::string before = client.maps();
  const Json done = client.done(stroke(20.5, 30.5, 4));
  const std::string after = client.maps();
  std::size_t changed = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(y * width + x);
      const bool inside = (x - 20) * (x - 20) + (y - 30) * (y - 30) <= 9;
      if (inside)
        CHECK(after[i] == 4);
      else
        CHECK(after[i] == before[i]);
      changed += before[i] != after[i] || before.compare(before.size() - 4 * width * height + 4 * i, 4, after,
                                                         before.size() - 4 * width * height + 4 * i, 4) != 0
                     ? 1
                     : 0;
    }
  CHECK(done["pixels"] == changed);
  CHECK(client.state()["undo"] == 1);
  client.done({{"kind", "undo"}});
  CHECK(client.maps() == before);
  client.done({{"kind", "redo"}});
  CHECK(client.maps() == after);
}

TEST_CASE("a new object by a mask: its pixels alone, cut off at the border, and one step back") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  const std::string before = client.maps();
  // Rows of 4: .##. ###. ; its first column lies outside.
  const Json done =
      client.done({{"kind", "mask"}, {"box", {-1, 10, 4, 2}}, {"mask", {1, 2, 1, 3, 1}}, {"label", 5}, {"as", "new"}});
  const std::string after = client.maps();
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(y * width + x);
      const bool inside = x < 2 && (y == 10 || y == 11);
      CHECK(after[i] == (inside ? 5 : before[i]));
    }
  CHECK(done["pixels"] == 4);
  const Answer object = client.get("/object?x=1&y=11");
  CHECK(object.json["id"] == done["id"]);
  CHECK(object.json["pixels"] == 4);
  // What the server tells of an object is a mask that it takes.
  client.done(
      {{"kind", "mask"}, {"box", object.json["box"]}, {"mask", object.json["mask"]}, {"label", 6}, {"as", "new"}});
  CHECK(client.get("/object?x=0&y=10").json["pixels"] == 4);
  client.done({{"kind", "undo"}});
  CHECK(client.maps() == after);
  client.done({{"kind", "undo"}});
  CHECK(client.maps() == before);
}

TEST_CASE("the exact picture is that of the network, and what is downloaded is what was edited") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  client.rendered();
  client.done(stroke(40, 20, 5, 7));
  const Json early = client.state();
  if (early["render"]["exact"] != early["version"]) {
    const Answer refused = client.get("/download/picture.png");
    if (refused.status == 200) {  // it has become ready meanwhile
      const Json now = client.state();
      CHECK(now["render"]["exact"] == now["version"]);
    } else {
      CHECK(refused.status == 409);
      CHECK_MESSAGE(contains(refused.error(), "not ready yet"), refused.body);
    }
  }
  client.rendered();
  spill(street.folder / "picture.png", client.get("/download/picture.png").body);
  spill(street.folder / "labels.png", client.get("/download/labels.png").body);
  spill(street.folder / "instances.png", client.get("/download/instances.png").body);
  spill(street.folder / "project", client.get("/download/project.safetensors").body);
  const LabelArray labels = read_labels(street.folder / "labels.png");
  const InstanceArray instances = read_instances(street.folder / "instances.png");
  CHECK(labels(20, 40) == 5);
  Project project = load_project(street.folder / "project");
  CHECK(project.editor.scene().labels == labels);
  CHECK(*project.editor.scene().instances == instances);
  project.editor.undo();
  CHECK(project.editor.scene().labels == street.scene.labels);

  Device device = cpu();
  DemoGenerator network;
  load(device, network, street.weights);
  const auto picture = download(device, infer(device, network, semantic_map(device, labels, instances, 8)));
  CHECK(read_raster(street.folder / "picture.png").bytes == to_raster(picture, 8, "picture").bytes);
}

TEST_CASE("a page hears of another page's edits at once") {
  const Street street;
  const RunningEditor editor(street);
  Client one(editor), two(editor);
  const Json now = one.rendered();
  const auto counter = now["counter"].get<std::uint64_t>(), version = now["version"].get<std::uint64_t>();
  auto waiting = std::async(std::launch::async, [&] { return one.state(counter, version); });
  const Json done = two.done(stroke(70, 50, 4));
  const Json news = waiting.get();
  CHECK(news["version"] == done["version"]);
  CHECK(news["box"] == done["box"]);
}

TEST_CASE("ten thousand strokes, a killed server, and nothing is lost") {
  const Street street;
  std::string maps;
  Json undo;
  std::string token;
  {
    RunningEditor editor(street);
    token = editor.token();
    Client client(editor);
    std::size_t refused = 0;
    Json last_answer;
    for (int i = 0; i < 10'000; ++i) {
      Json request = stroke(i * 7 % width + 0.5, i * 13 % height + 0.5, i % 8, 1 + i % 5);
      if (i % 3 != 0) request = next_piece(request, last_answer);
      const Answer a = client.edit(request);
      refused += a.status == 200 ? 0 : 1;
      last_answer = a.json;
    }
    CHECK(refused == 0);
    client.done({{"kind", "undo"}});
    client.done({{"kind", "move"}, {"x", 3}, {"y", 3}, {"dx", 9}, {"dy", 4}});
    const Json last = client.rendered();  // after ten thousand edits the newest one is what is rendered
    CHECK(last["version"].get<int>() >= 10'000);
    undo = last["undo"];
    maps = client.maps();
    editor.kill();
  }
  RunningEditor editor(street);
  CHECK(contains(editor.errors(), "going on"));
  CHECK(editor.token() == token);  // a page that is open goes on
  Client client(editor);
  CHECK(client.maps() == maps);
  CHECK(client.state()["undo"] == undo);
  client.done({{"kind", "undo"}});
  client.done({{"kind", "redo"}});
  CHECK(client.maps() == maps);
  CHECK(editor.end() == 0);
  CHECK(contains(editor.errors(), "saved"));
  CHECK(load_project(street.project).editor.history().undo_steps() == undo);
}

TEST_CASE("killed at any moment: every edit that was acknowledged is there again") {
  const Street street;
  std::string maps;
  for (int round = 0; round < 5; ++round) {
    RunningEditor editor(street);
    Client client(editor);
    if (round > 0) CHECK(client.maps() == maps);
    for (int i = 0; i < 3 + 7 * round; ++i)
      client.done(stroke(i * 5 % width, (i + round) * 11 % height, (i + round) % 8));
    if (round == 2) CHECK(client.post("/save", "").status == 200);
    maps = client.maps();
    editor.kill();
  }
  // A line that was being written when the program was killed is no edit.
  std::ofstream(street.project.string() + ".journal", std::ios::app) << R"({"n":999999,"edit":{"kind":"fi)";
  {
    RunningEditor editor(street);
    CHECK(Client(editor).maps() == maps);
    editor.kill();
  }
  std::ofstream(street.project.string() + ".journal", std::ios::app) << "what?\n";
  check_refused(run("edit", street.words()), 1, {".journal", "damaged"});
}

TEST_CASE("a damaged project is named and left as it is; --fresh begins again and keeps it") {
  const Street street;
  {
    RunningEditor editor(street);
    Client client(editor);
    client.done(stroke(5, 5, 4));
    CHECK(editor.end() == 0);
  }
  const std::string whole = slurp(street.project), damaged = whole.substr(0, whole.size() - 100);
  spill(street.project, damaged);
  check_refused(run("edit", street.words()), 1, {"label.project.safetensors"});
  CHECK(slurp(street.project) == damaged);
  spill(street.project, whole);
  check_refused(run("edit", street.words({"--ignore-label", "255"})), 1, {"other classes", "--fresh"});
  RunningEditor editor(street, {"--fresh"});
  CHECK(Client(editor).state()["undo"] == 0);
  CHECK(slurp(street.project.string() + ".previous") == whole);
}

TEST_CASE("another picture is opened, and the project before is kept") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  client.done(stroke(5, 5, 4));
  const StreetScene other = street_scene(9, {.width = 80, .height = 48});
  write_labels(street.folder / "other_label.png", other.labels);
  write_instances(street.folder / "other_instance.png", other.instances);
  const std::string labels = slurp(street.folder / "other_label.png"),
                    ids = slurp(street.folder / "other_instance.png");
  const auto item = [](const char* name, const std::string& content) {
    return httplib::MultipartFormData{name, content, name, "application/octet-stream"};
  };
  const std::string before = client.maps();
  const Answer alone = client.upload({item("labels", labels)});
  CHECK(alone.status == 422);
  CHECK(contains(alone.error(), "instance map too"));
  CHECK(client.upload({item("labels", "no picture"), item("instances", ids)}).status == 422);
  CHECK(client.upload({item("labels", ids), item("instances", ids)}).status == 422);
  CHECK(client.upload({item("project", labels)}).status == 422);
  CHECK(client.upload({item("other", labels)}).status == 400);
  CHECK(client.maps() == before);
  CHECK(client.state()["undo"] == 1);

  CHECK(client.upload({item("labels", labels), item("instances", ids)}).status == 200);
  const Json state = client.rendered();
  CHECK(state["width"] == 80);
  CHECK(state["undo"] == 0);
  CHECK(client.maps(80, 48).size() == 5 * 80 * 48);
  const std::string previous = slurp(street.project.string() + ".previous");
  CHECK(client.upload({item("project", previous)}).status == 200);
  CHECK(client.maps() == before);
  CHECK(client.state()["undo"] == 1);
  client.rendered();
}
