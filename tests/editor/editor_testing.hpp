#pragma once
/// A running editor and a program that talks to it as the page does.

#include "../tools/running_tool.hpp"

#include <httplib.h>
#include <sys/resource.h>
#include <pix2pixhd/images/street_scene.hpp>

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace editor_testing {

using namespace tool_testing;
using Json = nlohmann::json;

inline constexpr int width = 96, height = 64;

/// Before a command line, for run(): an editor that serves what it should refuse ends all the same.
inline const std::string soon = "timeout 60 ";

/// A folder with an invented street, label.png and instance.png, and weights that take it.
struct Street {
  bool with_instances = true;  ///< whether the editor is given the instance map; else other weights are needed
  TemporaryFolder folder;
  StreetScene scene = street_scene(3, {.width = width, .height = height});
  fs::path labels = folder / "label.png", instances = folder / "instance.png", weights = folder / "demo.safetensors";
  fs::path project = folder / "label.project.safetensors";

  Street() {
    write_labels(labels, scene.labels, street_palette());
    write_instances(instances, scene.instances);
    Workplace::write_weights(weights, 9);
  }
  std::vector<Word> words(const std::vector<Word>& more = {}) const {
    std::vector<Word> all = {"--preset",  "demo", "--weights", weights, "--labels", labels,
                             "--classes", "8",    "--port",    "0",     "--device", "cpu"};
    if (with_instances) all.insert(all.end(), {"--instances", instances});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

/// An editor that was started, and its address.
class RunningEditor {
 public:
  explicit RunningEditor(const Street& street, const std::vector<Word>& more = {})
      : out_(street.folder / "out.txt"),
        errors_(street.folder / "err.txt"),
        tool_("edit", street.words(more), errors_, out_) {
    tool_.wait_until([&] { return slurp(out_).ends_with('\n'); });
    const std::string address = slurp(out_);
    REQUIRE_MESSAGE(address.starts_with("http://127.0.0.1:"), slurp(errors_));
    const std::size_t colon = address.rfind(':'), slash = address.rfind('/');
    port_ = std::stoi(address.substr(colon + 1, slash - colon - 1));
    token_ = address.substr(address.find("token=") + 6);
    token_.pop_back();
    fs::remove(out_);
  }

  int port() const { return port_; }
  const std::string& token() const { return token_; }
  std::string errors() const { return slurp(errors_); }
  /// From now on its files can be written up to so many bytes, as on a full disk; it must have been started
  /// with SIGXFSZ ignored.
  void limit_files(rlim_t bytes) const {
    const rlimit limit{bytes, RLIM_INFINITY};
    REQUIRE(::prlimit(tool_.process(), RLIMIT_FSIZE, &limit, nullptr) == 0);
  }
  /// As kill -9 does.
  void kill() {
    tool_.send(SIGKILL);
    tool_.wait();
  }
  /// As Control-C does. Returns the exit status.
  int end() {
    tool_.send(SIGINT);
    return tool_.wait();
  }

 private:
  fs::path out_, errors_;
  RunningTool tool_;
  int port_ = 0;
  std::string token_;
};

/// An answer: status, and the JSON where it is JSON.
struct Answer {
  int status = 0;
  Json json;
  std::string body;
  std::string error() const { return json.is_object() ? json.value("error", std::string()) : std::string(); }
};

class Client {
 public:
  explicit Client(const RunningEditor& editor) : http_("127.0.0.1", editor.port()) {
    http_.set_keep_alive(true);
    http_.set_tcp_nodelay(true);
    http_.set_read_timeout(120);
    headers_ = {{"X-Token", editor.token()}};
  }

  Answer get(const std::string& path) { return answer(http_.Get(path.c_str(), headers_)); }
  Answer get(const std::string& path, const httplib::Headers& headers) {
    return answer(http_.Get(path.c_str(), headers));
  }
  Answer post(const std::string& path, const std::string& body) {
    return answer(http_.Post(path.c_str(), headers_, body, "application/json"));
  }
  Answer upload(const httplib::MultipartFormDataItems& items) { return answer(http_.Post("/open", headers_, items)); }
  Answer edit(const Json& request) { return post("/edit", request.dump()); }
  /// An edit that must succeed.
  Json done(const Json& request) {
    const Answer a = edit(request);
    REQUIRE_MESSAGE(a.status == 200, a.body);
    return a.json;
  }

  Json state(std::uint64_t after = 0, std::uint64_t seen = 0) {
    const Answer a = get("/state?after=" + std::to_string(after) + "&seen=" + std::to_string(seen));
    REQUIRE_MESSAGE(a.status == 200, a.body);
    return a.json;
  }
  /// All labels and ids.
  std::string maps(int w = width, int h = height) {
    const Answer a = get("/maps?x=0&y=0&width=" + std::to_string(w) + "&height=" + std::to_string(h));
    REQUIRE_MESSAGE(a.status == 200, a.body);
    return a.body;
  }
  /// Waits until the newest state was rendered exactly, and returns it.
  Json rendered() {
    for (Json now = state();; now = state(now["counter"].get<std::uint64_t>())) {
      REQUIRE_MESSAGE(now["render"]["error"] == "", now.dump());
      if (now["render"]["exact"] == now["version"] && now["render"]["phase"] == "idle") return now;
    }
  }

 private:
  static Answer answer(const httplib::Result& result) {
    REQUIRE_MESSAGE(static_cast<bool>(result), static_cast<int>(result.error()));
    return {result->status, Json::parse(result->body, nullptr, false), result->body};
  }

  httplib::Client http_;
  httplib::Headers headers_;
};

inline Json stroke(double x, double y, int label, double radius = 3) {
  return {{"kind", "stroke"}, {"points", {x, y}}, {"radius", radius}, {"label", label}};
}

/// An edit as the next piece of a stroke, whose piece before was answered so.
inline Json next_piece(Json request, const Json& before) {
  request["joined"] = true;
  request["after"] = {before.at("session"), before.at("version")};
  return request;
}

}  // namespace editor_testing
