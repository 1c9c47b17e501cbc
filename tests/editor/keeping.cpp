/// What the editor keeps where it cannot write, or is begun anew.

#include "editor_testing.hpp"

#include "../../examples/tools/edit/journal.hpp"

#include <pix2pixhd/store/project_file.hpp>

#include <algorithm>
#include <csignal>

using namespace editor_testing;
using tools::edit::Journal;

namespace {

/// Ignores a signal while it lives; programs that are started meanwhile ignore it too.
class Ignored {
 public:
  explicit Ignored(int signal) : signal_(signal), before_(std::signal(signal, SIG_IGN)) {}
  ~Ignored() { std::signal(signal_, before_); }
  Ignored(const Ignored&) = delete;
  Ignored& operator=(const Ignored&) = delete;

 private:
  int signal_;
  void (*before_)(int);
};

}  // namespace

TEST_CASE("a full disk leaves whole lines in the journal") {
  const TemporaryFolder folder;
  const fs::path project = folder / "project", path = folder / "project.journal";
  {
    Journal journal(project);
    journal.keep();
    journal.append(1, stroke(1, 1, 1));
    const std::string before = slurp(path);
    const Ignored ignored(SIGXFSZ);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    rlimit small = limit;
    small.rlim_cur = before.size() + 10;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::string message;
    try {
      journal.append(2, stroke(2, 2, 2));
    } catch (const Error& error) {
      message = error.what();
    }
    ::setrlimit(RLIMIT_FSIZE, &limit);
    CHECK(contains(message, path.string()));
    CHECK(slurp(path) == before);
    journal.append(3, stroke(3, 3, 3));
  }
  Journal journal(project);
  const auto entries = journal.take_entries();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].number == 1);
  CHECK(entries[1].number == 3);
  CHECK(entries[1].edit == stroke(3, 3, 3));
}

TEST_CASE("edits that a full disk does not take are made, with a warning, and kept when there is room again") {
  const Ignored ignored(SIGXFSZ);
  const Street street;
  const fs::path journal = street.project.string() + ".journal";
  std::string maps;
  {
    RunningEditor editor(street);
    Client client(editor);
    client.done(stroke(5, 5, 4));
    const std::string before = slurp(journal);
    editor.limit_files(before.size() + 10);
    client.done(stroke(15, 5, 4));
    CHECK(contains(client.state()["warning"].get<std::string>(), "would be lost"));
    CHECK(slurp(journal) == before);
    client.done(stroke(25, 5, 4));  // the journal lacks an edit: the project is to be saved, which fails too
    CHECK(contains(client.state()["warning"].get<std::string>(), "label.project.safetensors"));
    CHECK(slurp(journal) == before);
    editor.limit_files(RLIM_INFINITY);
    client.done(stroke(35, 5, 4));
    CHECK(client.state()["warning"] == "");
    client.done(stroke(45, 5, 4));
    maps = client.maps();
    editor.kill();
  }
  const RunningEditor editor(street);
  Client client(editor);
  CHECK(client.maps() == maps);
  CHECK(client.state()["undo"] == 5);
}

TEST_CASE("a scene that cannot be written is not opened, and the project stays") {
  const Ignored ignored(SIGXFSZ);
  const Street street;
  const StreetScene large = street_scene(9, {.width = 256, .height = 128});
  write_labels(street.folder / "large_label.png", large.labels);
  write_instances(street.folder / "large_instance.png", large.instances);
  const auto item = [&](const char* name, const char* file) {
    return httplib::MultipartFormData{name, slurp(street.folder / file), name, "application/octet-stream"};
  };
  const httplib::MultipartFormDataItems items = {item("labels", "large_label.png"),
                                                 item("instances", "large_instance.png")};
  std::string maps;
  {
    RunningEditor editor(street);
    Client client(editor);
    client.done(stroke(5, 5, 4));
    maps = client.maps();
    const Json before = client.state();
    editor.limit_files(5 * 256 * 128);  // the street's project fits, that of the large one does not
    const Answer refused = client.upload(items);
    CHECK(refused.status == 422);
    CHECK_MESSAGE(contains(refused.error(), "label.project.safetensors"), refused.body);
    CHECK(client.maps() == maps);
    CHECK(client.state()["session"] == before["session"]);
    CHECK(load_project(street.project).editor.history().undo_steps() == 1);
    client.done(stroke(15, 5, 4));
    maps = client.maps();
    editor.kill();
  }
  const RunningEditor editor(street);
  Client client(editor);
  CHECK(client.maps() == maps);
  CHECK(client.state()["undo"] == 2);
  CHECK(client.upload(items).status == 200);
  CHECK(client.state()["width"] == 256);
}

TEST_CASE("--fresh keeps what a killed editor had not saved") {
  const Street street;
  const fs::path previous = street.project.string() + ".previous";
  const auto kill_after_an_edit = [&] {
    RunningEditor editor(street);
    Client(editor).done(stroke(5, 5, 4));
    editor.kill();
  };
  kill_after_an_edit();
  {
    RunningEditor editor(street, {"--fresh"});
    CHECK(Client(editor).state()["undo"] == 0);
    CHECK(load_project(previous).editor.history().undo_steps() == 1);
    editor.kill();
  }
  kill_after_an_edit();
  CHECK(load_project(previous).editor.history().undo_steps() == 1);

  // A file that is damaged cannot take them.
  const std::string whole = slurp(street.project), damaged = whole.substr(0, whole.size() - 100);
  spill(street.project, damaged);
  const RunningEditor editor(street, {"--fresh"});
  CHECK(contains(editor.errors(), "lacks 1 edit"));
  CHECK(Client(editor).state()["undo"] == 0);
  CHECK(slurp(previous) == damaged);
}

TEST_CASE("a project whose note is no number is damaged") {
  const Street street;
  {
    RunningEditor editor(street);
    CHECK(editor.end() == 0);
  }
  const Project project = load_project(street.project);
  for (const char* note : {"", "x", "-1", "7x", "99999999999999999999999"}) {
    save_project(street.project, project.editor, {{"journal", note}});
    check_refused(run("edit", street.words()), 1, {"label.project.safetensors", "number of an edit", "--fresh"});
  }
}

TEST_CASE("a journal of other things than edits and tokens is damaged") {
  const Street street;
  {
    RunningEditor editor(street);
    CHECK(editor.end() == 0);
  }
  const std::string journal = street.project.string() + ".journal";
  for (const char* line :
       {R"({"token":7})", R"({"n":"7","edit":{"kind":"undo"}})", R"({"n":-7,"edit":{}})", "7", "[]"}) {
    spill(journal, std::string(line) + "\n");
    check_refused(run("edit", street.words(), soon), 1,
                  {"label.project.safetensors.journal", "damaged", "Move it away"});
    CHECK(slurp(journal) == std::string(line) + "\n");
  }
}

TEST_CASE("what is no project, or cannot be one, is named, and nothing is left beside it") {
  const Street street;
  const fs::path place = street.folder / "place";
  const auto refused = [&](const fs::path& project, const std::vector<std::string>& parts) {
    check_refused(run("edit", street.words({"--project", project}), soon), 1, parts);
  };
  fs::create_directory(place);
  const std::string weights = slurp(street.weights);
  spill(place / "weights.safetensors", weights);
  refused(place / "weights.safetensors", {"weights.safetensors"});
  fs::create_directory(place / "m3");
  refused(place / "m3", {"m3"});
  refused(place / "absent" / "y.safetensors",
          {"The project", "absent/y.safetensors\" cannot be kept", "No such file or directory", "--project"});
  CHECK(slurp(place / "weights.safetensors") == weights);
  std::vector<std::string> left;
  for (const auto& entry : fs::recursive_directory_iterator(place)) left.push_back(entry.path().filename().string());
  std::sort(left.begin(), left.end());
  CHECK(left == std::vector<std::string>{"m3", "weights.safetensors"});
}
