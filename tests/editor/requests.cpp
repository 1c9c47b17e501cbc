/// Who may ask the editor what, and what it answers to what it cannot do.

#include "editor_testing.hpp"

#include "../../examples/tools/edit/guard.hpp"

#include <pix2pixhd/store/style_file.hpp>

using namespace editor_testing;

namespace {

std::vector<Word> joined(std::vector<Word> words, const std::vector<Word>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace

TEST_CASE("the page and what it asks for") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  const Answer page = client.get("/");
  CHECK(page.status == 200);
  CHECK(contains(page.body, "<!doctype html>"));
  CHECK(contains(page.body, "follow();"));
  CHECK_FALSE(contains(page.body, "@SCRIPT@"));
  // It is whole: nothing is loaded from elsewhere.
  for (const char* elsewhere : {"https://", "http://", "src=\"", "@import", "url("})
    CHECK_MESSAGE(!contains(page.body, elsewhere), elsewhere);

  const Json about = client.get("/about").json;
  CHECK(about["classes"].size() == 8);
  CHECK(about["classes"][5]["name"] == "car");
  CHECK(about["instances"] == true);
  const Json state = client.state();
  CHECK(state["width"] == width);
  CHECK(state["height"] == height);
  CHECK(state["undo"] == 0);

  const std::string maps = client.maps();
  REQUIRE(maps.size() == 5 * width * height);
  CHECK(maps.compare(0, width * height, reinterpret_cast<const char*>(street.scene.labels.data()), width * height) ==
        0);
  CHECK(maps.compare(width * height, std::string::npos, reinterpret_cast<const char*>(street.scene.instances.data()),
                     4 * width * height) == 0);
}

TEST_CASE("without the token, from another page, or under another name nothing is answered") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  const std::string port = std::to_string(editor.port()), here = "127.0.0.1:" + port;
  const auto status = [&](const std::string& path, const httplib::Headers& headers) {
    const Answer a = client.get(path, headers);
    CHECK((a.status == 200 || !a.error().empty()));
    return a.status;
  };
  for (const char* path : {"/", "/about", "/state?after=0&seen=0", "/picture", "/download/labels.png", "/nothing"}) {
    CHECK(status(path, {}) == 403);
    CHECK(status(path, {{"X-Token", "0123456789abcdef0123456789abcdef"}}) == 403);
    CHECK(status(path, {{"X-Token", ""}}) == 403);
  }
  CHECK(status("/?token=" + editor.token(), {}) == 200);
  CHECK(status("/about", {{"X-Token", editor.token()}, {"Origin", "http://" + here}}) == 200);
  CHECK(status("/about", {{"X-Token", editor.token()}, {"Origin", "http://evil.example"}}) == 403);
  CHECK(status("/about", {{"X-Token", editor.token()}, {"Origin", "null"}}) == 403);
  CHECK(status("/about", {{"X-Token", editor.token()}, {"Host", "localhost:" + port}}) == 200);
  CHECK(status("/about", {{"X-Token", editor.token()}, {"Host", "evil.example:" + port}}) == 403);
  CHECK(status("/about", {{"X-Token", editor.token()}, {"Host", "127.0.0.1:1"}}) == 403);
}

TEST_CASE("addresses of IPv6 stand in brackets") {
  using tools::edit::authority;
  CHECK(authority("127.0.0.1", 80) == "127.0.0.1:80");
  CHECK(authority("::1", 8484) == "[::1]:8484");
  CHECK(authority("fe80::2", 8484) == "[fe80::2]:8484");
  const tools::edit::Guard guard("token", "fe80::2", 8484);
  const auto refusal = [&](const char* host) {
    httplib::Request request;
    request.headers = {{"Host", host}, {"X-Token", "token"}};
    return guard.refusal(request);
  };
  for (const char* host : {"[fe80::2]:8484", "[::1]:8484", "localhost:8484"})
    CHECK_MESSAGE(refusal(host).empty(), host);
  for (const char* host : {"fe80::2:8484", "[fe80::3]:8484", "[fe80::2]"}) CHECK_MESSAGE(!refusal(host).empty(), host);
}

TEST_CASE("names of machines mean the same in capitals, and port 80 goes without saying") {
  const auto refused = [](const tools::edit::Guard& guard, const std::string& host, const std::string& origin = "") {
    httplib::Request request;
    request.headers = {{"Host", host}, {"X-Token", "token"}};
    if (!origin.empty()) request.headers.emplace("Origin", origin);
    return !guard.refusal(request).empty();
  };
  const tools::edit::Guard usual("token", "My-Machine.local", 80);
  for (const char* host : {"my-machine.local", "my-machine.local:80", "MY-MACHINE.local", "localhost", "127.0.0.1:80",
                           "127.0.0.1", "[::1]", "[::1]:80"})
    CHECK_MESSAGE(!refused(usual, host), host);
  CHECK_FALSE(refused(usual, "my-machine.local", "http://my-machine.local"));
  CHECK(refused(usual, "my-machine.local", "http://evil.example"));
  for (const char* host : {"evil.example", "my-machine.local:8484", "my-machine", ""})
    CHECK_MESSAGE(refused(usual, host), host);
  const tools::edit::Guard other("token", "My-Machine.local", 8484);
  CHECK_FALSE(refused(other, "my-machine.local:8484", "http://my-machine.local:8484"));
  for (const char* host : {"my-machine.local", "localhost", "my-machine.local:80"})
    CHECK_MESSAGE(refused(other, host), host);
  CHECK(tools::edit::is_loopback("LocalHost"));
}

TEST_CASE("what no edit has is refused, however deep it is, and is not kept") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  const std::string journal = slurp(street.project.string() + ".journal"), maps = client.maps();
  const auto refused = [&](const std::string& more, const char* part) {
    const Answer a = client.post("/edit", R"({"kind":"fill","x":1,"y":1,"label":4,)" + more + "}");
    CHECK(a.status == 400);
    CHECK_MESSAGE(contains(a.error(), part), a.body);
  };
  const auto lists = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  refused(R"("note":)" + lists(120'000), "at most 8 levels");
  refused(R"("points":)" + lists(8), "at most 8 levels");
  refused(R"("note":7)", "\"note\"");
  refused(R"("points":)" + lists(7) + R"(,"note":7)", "\"note\"");  // with the edit itself 8 levels
  refused(R"("expect":{"label":1,"id":1,"note":7})", "\"note\"");
  CHECK(client.maps() == maps);
  CHECK(client.state()["undo"] == 0);
  CHECK(slurp(street.project.string() + ".journal") == journal);
}

TEST_CASE("requests that are none of ours are refused with a sentence, and change nothing") {
  const Street street;
  const RunningEditor editor(street);
  Client client(editor);
  const std::string before = client.maps();
  const std::vector<std::pair<std::string, int>> requests = {
      {"", 400},
      {"{", 400},
      {"[]", 400},
      {"null", 400},
      {"7", 400},
      {"\xff\xfe", 400},
      {std::string(100'000, '['), 400},
      {"{}", 400},
      {R"({"kind":7})", 400},
      {R"({"kind":"explode"})", 400},
      {R"({"kind":"stroke"})", 400},
      {R"({"kind":"stroke","points":[1],"radius":3,"label":1})", 400},
      {R"({"kind":"stroke","points":"1,2","radius":3,"label":1})", 400},
      {R"({"kind":"stroke","points":[1,"2"],"radius":3,"label":1})", 400},
      {R"({"kind":"stroke","points":[1,2],"radius":"3","label":1})", 400},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":1.5})", 400},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":1,"as":"king"})", 400},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":1,"as":{}})", 400},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":1,"joined":1})", 400},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":1,"joined":true,"after":7})", 400},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":1,"joined":true,"after":[1,[2]]})", 400},
      {R"({"kind":"stroke","points":[],"radius":3,"label":1})", 422},
      {R"({"kind":"stroke","points":[1,2],"radius":-3,"label":1})", 422},
      {R"({"kind":"stroke","points":[1,2],"radius":1e9,"label":1})", 422},
      {R"({"kind":"stroke","points":[1e99,2],"radius":3,"label":1})", 422},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":8})", 422},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":-1})", 422},
      {R"({"kind":"stroke","points":[1,2],"radius":3,"label":0,"as":"new"})", 422},
      {R"({"kind":"polygon","points":[1,2,3,4],"label":1})", 422},
      {R"({"kind":"mask","label":1})", 400},
      {R"({"kind":"mask","box":[0,0,2],"mask":[0,4],"label":1})", 400},
      {R"({"kind":"mask","box":[0,0,2,2],"mask":7,"label":1})", 400},
      {R"({"kind":"mask","box":[0,0,2,2],"mask":[0,5],"label":1})", 400},
      {R"({"kind":"mask","box":[0,0,2,2],"mask":[0,18446744073709551615,1],"label":1})", 400},
      {R"({"kind":"mask","box":[0,0,2,2],"mask":[-1,2],"label":1})", 400},
      {R"({"kind":"mask","box":[0,0,2,2],"mask":[0,1.5],"label":1})", 400},
      {R"({"kind":"mask","box":[0,0,0,2],"mask":[],"label":1})", 422},
      {R"({"kind":"mask","box":[0,0,97,2],"mask":[0,4],"label":1})", 422},
      {R"({"kind":"mask","box":[0,0,2,2],"mask":[4],"label":1})", 422},
      {R"({"kind":"mask","box":[500,0,2,2],"mask":[0,4],"label":1})", 422},
      {R"({"kind":"mask","box":[2000000000,0,2,2],"mask":[0,4],"label":1})", 422},
      {R"({"kind":"mask","box":[0,0,2,2],"mask":[0,4],"label":8})", 422},
      {R"({"kind":"fill","x":96,"y":0,"label":1})", 422},
      {R"({"kind":"fill","x":1e12,"y":0,"label":1})", 400},
      {R"({"kind":"move","x":5,"y":5,"dx":0,"dy":0})", 422},
      {R"({"kind":"move","x":5,"y":5,"dx":2000000000,"dy":-2000000000})", 422},
      {R"({"kind":"delete","x":-1,"y":5})", 422},
      {R"({"kind":"delete","x":5,"y":5,"expect":{"label":7,"id":7000}})", 422},
      {R"({"kind":"relabel","x":5,"y":5,"label":300})", 422},
      {R"({"kind":"style","x":5,"y":5,"style":0})", 422},
      {R"({"kind":"undo"})", 422},
      {R"({"kind":"redo"})", 422},
  };
  for (const auto& request : requests) {
    const std::string& body = request.first;
    const int status = request.second;
    const Answer a = client.post("/edit", body);
    CAPTURE(body.substr(0, 100));
    CHECK_MESSAGE(a.status == status, a.body);
    CHECK(a.error().size() > 10);
  }
  std::string points = "0";
  for (int i = 1; i < 2 * 20'001; ++i) points += ",0";
  const Answer many = client.post("/edit", R"({"kind":"stroke","radius":3,"label":1,"points":[)" + points + "]}");
  CHECK(many.status == 422);
  CHECK(contains(many.error(), "20001 points"));
  const Answer large = client.post("/edit", std::string(2 << 20, ' '));
  CHECK(large.status == 413);
  CHECK(contains(large.error(), "too large"));

  for (const auto& request :
       std::vector<std::pair<std::string, int>>{{"/nothing", 404},
                                                {"/download/secrets", 404},
                                                {"/state", 400},
                                                {"/state?after=x&seen=0", 400},
                                                {"/state?after=-1&seen=0", 400},
                                                {"/maps?x=0&y=0&width=97&height=1", 422},
                                                {"/maps?x=0&y=0&width=0&height=1", 422},
                                                {"/maps?x=99999999999&y=0&width=1&height=1", 422},
                                                {"/maps?x=0&y=0&width=99999999999999999999&height=1", 400},
                                                {"/object?x=96&y=0", 422},
                                                {"/object?x=1", 400},
                                                {"/thumbnail?x=1&y=1&style=0", 422}}) {
    const Answer a = client.get(request.first);
    CHECK_MESSAGE(a.status == request.second, request.first);
    CHECK(a.error().size() > 10);
  }
  CHECK(client.maps() == before);
  CHECK(client.state()["undo"] == 0);
}

TEST_CASE("starting: files that do not fit, a port that is taken, a project in use") {
  const Street street;
  const auto refused = [&](const std::vector<Word>& words, const std::vector<std::string>& parts) {
    check_refused(run("edit", words), 1, parts);
  };
  refused({"--preset", "demo", "--weights", street.weights, "--labels", street.labels, "--classes", "8"},
          {"9 channels", "8 classes and no --instances"});
  refused({"--preset", "demo", "--weights", street.weights, "--labels", street.labels, "--instances", street.instances,
           "--classes", "3"},
          {"demo.safetensors", "9 channels"});
  refused({"--preset", "demo", "--weights", street.weights, "--labels", street.folder / "absent.png", "--instances",
           street.instances, "--classes", "8"},
          {"absent.png"});
  refused(street.words({"--clusters", street.labels}), {"label.png"});
  check_refused(run("edit", {"--preset", "demo", "--labels", street.labels}), 2, {"--weights"});
  CHECK_FALSE(fs::exists(street.project));

  const RunningEditor editor(street);
  std::vector<Word> words = street.words({"--project", street.folder / "other.safetensors"});
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].text == "--port") words[i + 1] = std::to_string(editor.port());
  refused(words, {"port " + std::to_string(editor.port()), "another program uses it", "--port"});
  refused(street.words({"--project", street.folder / "other.safetensors", "--host", "203.0.113.1"}),
          {"203.0.113.1", "no address of this machine", "--host"});
  refused(street.words(), {"label.project.safetensors", "in use by another editor"});
  Client client(editor);
  CHECK(client.state()["undo"] == 0);
}

TEST_CASE("the id rule is that of the clusters, unless one is given") {
  const Street street;
  const fs::path clusters = street.folder / "clusters.safetensors";
  Workplace::write_weights(street.weights, 9 + 3);
  const auto rule = [&](const StyleClusters& found, const std::vector<Word>& more) {
    save_clusters(clusters, found);
    const RunningEditor editor(street, joined({"--clusters", clusters, "--fresh"}, more));
    return Client(editor).get("/about").json["ids"];
  };
  StyleClusters found{.features = 3, .classes = 8, .rule = IdRule::labels};
  CHECK(rule(found, {}) == "labels");
  CHECK(rule(found, {"--instance-rule", "thousands"}) == "thousands");
  CHECK(rule(found, {"--id-rule", "thousands"}) == "thousands");
  found.on_labels = true;  // then ids had no part in them
  CHECK(rule(found, {}) == "thousands");
}

TEST_CASE("a signal before the editor serves ends it") {
  const Street street;
  for (int i = 0; i < 5; ++i) {
    RunningTool tool("edit", street.words({"--fresh"}), street.folder / "err.txt");
    tool.wait_until([&] { return fs::exists(street.project.string() + ".journal"); });
    tool.send(SIGINT);
    CHECK(tool.wait() == 0);
    CHECK(contains(slurp(street.folder / "err.txt"), "saved"));
    fs::remove(street.project.string() + ".journal");
  }
}
