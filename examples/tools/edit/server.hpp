#pragma once
/// The editor's HTTP interface.

#include <httplib.h>

#include "answers.hpp"
#include "classes.hpp"
#include "guard.hpp"
#include "renderer.hpp"
#include "studio.hpp"
#include "transfer.hpp"

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tools::edit {

inline constexpr std::size_t largest_edit = std::size_t{1} << 20;
inline constexpr int most_pages = 30;    ///< that wait for news at once, for long
inline constexpr int more_threads = 34;  ///< for pages beyond them, which wait for a moment, and for edits

/// Answers requests from several threads. Every answer to a request that is refused or impossible is {"error":
/// sentence}.
class EditorServer {
 public:
  EditorServer(const Options& options, Studio& studio, Renderer& renderer, std::string_view page)
      : options_(options), studio_(studio), renderer_(renderer), page_(page) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(most_pages + more_threads); };
    server_.set_payload_max_length(largest_upload);
    server_.set_keep_alive_max_count(10'000);
    server_.set_read_timeout(10);
    server_.set_tcp_nodelay(true);
    // Not SO_REUSEPORT, by which two editors would share a port.
    server_.set_socket_options([](int socket) {
      const int yes = 1;
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_default_headers({{"Cache-Control", "no-store"},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"X-Frame-Options", "DENY"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Cross-Origin-Resource-Policy", "same-origin"}});
    add_routes();
  }

  /// Takes the port. Throws Error where that is impossible. Returns the address of the page.
  std::string bind() {
    const int port = options_.port == 0 ? server_.bind_to_any_port(options_.host) : options_.port;
    const bool bound = options_.port == 0 ? port > 0 : server_.bind_to_port(options_.host, port);
    using pix2pixhd::detail::require;
    require(bound || options_.port != 0, "The editor cannot serve on ", options_.host,
            ": it is no address of this machine. Give another one by --host; 127.0.0.1 is for this machine alone.");
    require(bound, "The editor cannot serve on port ", options_.port, " of ", options_.host,
            ": another program uses it, or the address is not this machine's. Give another one by --port; 0 takes any "
            "that is free.");
    guard_ = std::make_unique<Guard>(studio_.token(), options_.host, port);
    return pix2pixhd::detail::sentence("http://", authority(options_.host, port), "/?token=", studio_.token());
  }

  /// Serves until stop(), once.
  void serve() {
    server_.listen_after_bind();
    served_ = true;
  }
  /// Ends serve(), of another thread, also where that has not begun yet.
  void stop() {
    // The server forgets that it was stopped before it ran.
    while (!server_.is_running() && !served_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    server_.stop();
  }

 private:
  using Request = httplib::Request;
  using Response = httplib::Response;

  void add_routes() {
    server_.set_pre_routing_handler([this](const Request& request, Response& response) {
      const std::string refusal = guard_->refusal(request);
      if (refusal.empty()) return httplib::Server::HandlerResponse::Unhandled;
      refuse(response, 403, refusal);
      response.set_header("Connection", "close");  // what else was sent is not read
      return httplib::Server::HandlerResponse::Handled;
    });
    server_.set_error_handler([](const Request&, Response& response) {
      if (!response.body.empty()) return;
      refuse(response, response.status,
             response.status == 413   ? "The request is too large."
             : response.status == 404 ? "There is nothing at this address."
                                      : "The request is not understood.");
    });
    server_.Get("/", [this](const Request&, Response& response) {
      response.set_header("Content-Security-Policy",
                          "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src blob: "
                          "data:; connect-src 'self'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'");
      response.set_content(page_.data(), page_.size(), "text/html; charset=utf-8");
    });
    server_.Get("/about", guarded([this](const Request&, Response& response) { about(response); }));
    server_.Get("/state", guarded([this](const Request& request, Response& response) { state(request, response); }));
    server_.Get("/maps", guarded([this](const Request& request, Response& response) { maps(request, response); }));
    server_.Get("/picture", guarded([this](const Request&, Response& response) { picture(response); }));
    server_.Get("/object", guarded([this](const Request& request, Response& response) { object(request, response); }));
    server_.Get("/thumbnail",
                guarded([this](const Request& request, Response& response) { thumbnail(request, response); }));
    server_.Get(R"(/download/(labels\.png|instances\.png|picture\.png|project\.safetensors))",
                guarded([this](const Request& request, Response& response) {
                  send_file(request, response, studio_, renderer_);
                }));
    server_.Post("/edit", guarded([this](const Request& request, Response& response) { edit(request, response); }));
    server_.Post("/save", guarded([this](const Request&, Response& response) {
                   studio_.save();
                   answer(response, {{"file", studio_.file().string()}});
                 }));
    server_.Post("/open", guarded([this](const Request& request, Response& response) {
                   open_files(request, studio_, !options_.instances.empty());
                   answer(response, Json::object());
                 }));
  }

  void about(Response& response) const {
    const pix2pixhd::SceneRules& rules = studio_.rules();
    answer(response,
           {{"classes", class_list(rules.classes, rules.ignore)},
            {"styles", rules.styles},
            {"ids", std::string(to_string(rules.ids))},
            {"instances", studio_.look([](const auto& editor) { return editor.scene().instances.has_value(); })},
            {"preset", options_.preset},
            {"labels", options_.labels.filename().string()},
            {"project", studio_.file().filename().string()}});
  }

  /// Waits for news, up to some seconds. Pages that are seen ask again at once.
  void state(const Request& request, Response& response) {
    const auto after = static_cast<std::uint64_t>(number(request, "after"));
    const auto seen = static_cast<std::uint64_t>(number(request, "seen"));
    // Where too many wait, more do so for a moment only, and give their thread back, which a connection has as long as
    // it is open: so edits find one soon.
    const bool full = waiting_.fetch_add(1) >= most_pages;
    const Json news = studio_.state(after, seen, std::chrono::milliseconds(full ? 500 : 8000));
    waiting_.fetch_sub(1);
    answer(response, news);
    if (full) response.set_header("Connection", "close");
  }

  /// Labels of a box, a byte each, then, where there are any, ids, four bytes each.
  void maps(const Request& request, Response& response) const {
    const pix2pixhd::PixelBox asked{small_number(request, "x"), small_number(request, "y"),
                                    small_number(request, "width"), small_number(request, "height")};
    const std::string bytes = studio_.look([&](const pix2pixhd::SceneEditor& editor) {
      const pix2pixhd::Scene& scene = editor.scene();
      pix2pixhd::detail::require(!asked.empty() && intersection(asked, whole(scene.sides())) == asked,
                                 "The box asked for is not in the picture, which is ", scene.sides().width, "x",
                                 scene.sides().height, " pixels.");
      const pix2pixhd::Scene part = crop(scene, asked);
      std::string text(reinterpret_cast<const char*>(part.labels.data()), part.labels.size());
      if (part.instances)
        text.append(reinterpret_cast<const char*>(part.instances->data()), part.instances->size() * 4);
      return text;
    });
    response.set_content(bytes, "application/octet-stream");
  }

  void picture(Response& response) const {
    const auto picture = renderer_.picture();
    if (!picture) return refuse(response, 404, "There is no picture yet.");
    response.set_header("X-Version", std::to_string(picture->version));
    response.set_header("X-Exact", picture->exact ? "1" : "0");
    response.set_content(reinterpret_cast<const char*>(picture->bytes.data()), picture->bytes.size(), picture->type);
  }

  /// What there is at a pixel.
  void object(const Request& request, Response& response) const {
    const pix2pixhd::Pixel at{small_number(request, "x"), small_number(request, "y")};
    answer(response, studio_.look([&](const pix2pixhd::SceneEditor& editor) {
      const pix2pixhd::PixelValue value = value_at(editor.scene(), at);
      const pix2pixhd::Region region = object_at(editor.scene(), editor.rules(), at);
      const pix2pixhd::PixelBox& box = region.box();
      const auto style = [&](const pix2pixhd::StyleTarget& target) {
        const auto chosen = editor.styles().find(target);
        return chosen == editor.styles().end() ? Json() : Json(chosen->second);
      };
      return Json{{"label", value.label},
                  {"id", value.id},
                  {"box", {box.x, box.y, box.width, box.height}},
                  {"pixels", region.count()},
                  {"mask", runs_of(region)},
                  {"styles", style_count(editor.rules(), value.label)},
                  {"style", style(studio_.style_target(value))},
                  {"class_style", style({.label = value.label, .id = {}})}};
    }));
  }

  void thumbnail(const Request& request, Response& response) {
    const pix2pixhd::Pixel at{small_number(request, "x"), small_number(request, "y")};
    const int style = small_number(request, "style");
    studio_.look([&](const pix2pixhd::SceneEditor& editor) {
      const int label = value_at(editor.scene(), at).label;
      pix2pixhd::detail::require(style < style_count(editor.rules(), label), "There is no style ", style, " for class ",
                                 label, ".");
    });
    const auto made = renderer_.thumbnail(at, style);
    if (!made) return refuse(response, 503, "The editor is being ended.");
    response.set_content(reinterpret_cast<const char*>(made->bytes.data()), made->bytes.size(), made->type);
  }

  void edit(const Request& request, Response& response) {
    if (request.body.size() > largest_edit)
      return refuse(response, 413, "The edit is too large; at most 1 MB is taken. Draw it in parts.");
    answer(response, studio_.edit(edit_of(request.body)));
  }

  Options options_;
  Studio& studio_;
  Renderer& renderer_;
  std::string_view page_;
  std::unique_ptr<Guard> guard_;
  std::atomic<int> waiting_{0};
  std::atomic<bool> served_{false};
  httplib::Server server_;
};

}  // namespace tools::edit
