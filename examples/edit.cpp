// Serves the editor: a page on which label maps are edited beside the picture that they make.

#include <httplib.h>
#include <CLI/CLI.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/store/style_file.hpp>

#include "tools/edit/options.hpp"
#include "tools/edit/painter.hpp"
#include "tools/edit/renderer.hpp"
#include "tools/edit/server.hpp"
#include "tools/edit/studio.hpp"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>

/// The page, made by the build of the files in tools/edit/page.
std::string edit_page();

namespace {

using namespace tools::edit;

/// SIGINT and SIGTERM end the server in order; the signals are blocked in all threads but the one that waits for them.
class EndOnSignal {
 public:
  EndOnSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGUSR1);  // ends the waiting itself
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  template <class F>
  std::thread waiter(F f) {
    return std::thread([this, f] {
      int signal = 0;
      sigwait(&signals_, &signal);
      if (signal != SIGUSR1) f();
    });
  }
  static void release(std::thread& waiter) {
    pthread_kill(waiter.native_handle(), SIGUSR1);
    waiter.join();
  }

 private:
  sigset_t signals_{};
};

void edit(Options options) {
  EndOnSignal signals;
  std::optional<pix2pixhd::StyleClusters> clusters;
  if (!options.clusters.empty()) options.adopt(clusters.emplace(pix2pixhd::load_clusters(options.clusters).clusters));
  pix2pixhd::SceneRules rules{
      .classes = options.classes, .ignore = options.ignore, .ids = options.id_rule(), .styles = {}};
  if (clusters)
    for (int label = 0; label < options.classes; ++label) rules.styles.push_back(clusters->choices(label));
  Renderer* listener = nullptr;
  const auto progress = [&](double fraction) { listener->progress(fraction); };
  std::unique_ptr<Painter> painter =
      pix2pixhd::with_preset(options.preset, [&]<class Net>(std::type_identity<Net>) -> std::unique_ptr<Painter> {
        return std::make_unique<PainterOf<Net>>(options, clusters, progress);
      });
  Studio studio(options, rules);
  Renderer renderer(studio, std::move(painter), listener);
  const std::string page = edit_page();
  EditorServer server(options, studio, renderer, page);
  const std::string address = server.bind();
  studio.on_change([&] { renderer.interrupt(); });
  if (!is_loopback(options.host))
    std::cerr << "edit: " << options.host << " can be reached from other machines, and what is sent is not encrypted; "
              << "only the token keeps others out.\n";
  std::cerr << "edit: the project is " << studio.file() << "; Control-C ends the editor.\n";
  std::cout << address << std::endl;
  std::thread waiter = signals.waiter([&] {
    studio.end();
    server.stop();
  });
  server.serve();
  EndOnSignal::release(waiter);
  studio.on_change(nullptr);
  studio.save();
  std::cerr << "edit: saved " << studio.file() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Serves a page on which a label map is edited beside the picture that it makes.", "edit");
  options.add_to(app);
  app.footer(
      "Prints the address of the page; open it in a browser. Every edit is kept at once: a server that was killed goes "
      "on with the same command line.");
  return tools::run(app, argc, argv, [&] {
    if (options.clusters.empty()) tools::refuse(app, {"--seed"}, "chooses among styles: it needs --clusters");
    edit(options);
  });
}
