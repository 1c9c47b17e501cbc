#pragma once
/// The state of the editor: one scene, whoever looks at it.

#include <pix2pixhd/images/files.hpp>

#include "operation.hpp"
#include "options.hpp"
#include "stored_project.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace tools::edit {

/// What a renderer needs of one state.
struct Snapshot {
  std::uint64_t version = 0;
  pix2pixhd::Scene scene;
  pix2pixhd::ChosenStyles styles;
};

/// How far the pictures are, as pages show it.
struct RenderState {
  std::string phase = "idle";  ///< idle, preview, exact
  double progress = 0;
  std::uint64_t preview = 0;  ///< version that the newest picture shows, approximately or exactly
  std::uint64_t exact = 0;    ///< newest version that was made exactly
  std::string error = {};
};

/// Scene, history, versions and their file. Every edit is in the journal before it is acknowledged; the project file
/// is written after some hundred edits, on demand and at the end. Safe to use from several threads.
class Studio {
 public:
  Studio(const Options& options, const pix2pixhd::SceneRules& rules)
      : rules_(rules), class_styles_(options.on_labels && !options.instances.empty()), session_(session_number()) {
    const std::filesystem::path file = options.project_file();
    const bool goes_on = !options.fresh && std::filesystem::exists(file);
    if (!goes_on) editor_ = begin(options);  // before anything is written
    project_.emplace(file, rules, !options.instances.empty());
    if (goes_on)
      editor_ = project_->go_on();
    else
      project_->begin(*editor_);
  }

  const std::string& token() const { return project_->token(); }
  const std::filesystem::path& file() const { return project_->file(); }

  /// Carries out one edit for a page. Error where it is impossible; that it cannot be kept is a warning of state().
  Json edit(Json request) {
    const std::lock_guard lock(mutex_);
    settle(request);
    const pix2pixhd::EditResult result = carry_out(*editor_, request);
    project_->keep(request, *editor_);
    note_change(result.box);
    return {{"version", version_},
            {"session", session_},
            {"box", box_json(result.box)},
            {"pixels", result.pixels},
            {"id", result.id}};
  }

  /// Whose style is chosen at a pixel that holds `value`: that of the object or, where the clusters are of classes, of
  /// its class. Without an instance map, the objects of a class are one anyway.
  pix2pixhd::StyleTarget style_target(const pix2pixhd::PixelValue& value) const {
    return {.label = value.label, .id = class_styles_ ? std::nullopt : std::optional(value.id)};
  }

  /// Replaces the scene; the project so far is kept as .previous. Where an error passes, nothing has changed.
  void open(pix2pixhd::Scene scene) {
    auto opened = std::make_unique<pix2pixhd::SceneEditor>(std::move(scene), rules_);
    const std::lock_guard lock(mutex_);
    replace(std::move(opened));
  }
  /// The same with the scene and the history of a project.
  void open_project(const std::filesystem::path& file) {
    auto opened = project_->load(file);
    const std::lock_guard lock(mutex_);
    replace(std::move(opened));
  }

  void save() {
    const std::lock_guard lock(mutex_);
    project_->save(*editor_);
    ++counter_;
    news_.notify_all();
  }

  Snapshot snapshot() const {
    const std::lock_guard lock(mutex_);
    return {version_, editor_->scene(), editor_->styles()};
  }
  std::uint64_t version() const {
    const std::lock_guard lock(mutex_);
    return version_;
  }
  const pix2pixhd::SceneRules& rules() const { return rules_; }

  /// Calls f with the editor under the lock.
  template <class F>
  auto look(F&& f) const {
    const std::lock_guard lock(mutex_);
    return f(std::as_const(*editor_));
  }

  /// The box of all changes after a version; everything where it is not known any more.
  pix2pixhd::PixelBox changed_since(std::uint64_t version) const {
    const std::lock_guard lock(mutex_);
    return changed_since_locked(version);
  }

  /// The renderer's news.
  template <class F>
  void tell(F&& f) {
    {
      const std::lock_guard lock(mutex_);
      f(render_);
      ++counter_;
    }
    news_.notify_all();
  }

  /// What pages show. Waits until something is newer than `after`, at most `wait`. `seen`: the page's version.
  Json state(std::uint64_t after, std::uint64_t seen, std::chrono::milliseconds wait) const {
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, wait, [&] { return counter_ != after || ended_; });
    const pix2pixhd::Sides sides = editor_->scene().sides();
    const auto& history = editor_->history();
    const auto what = [&](std::size_t i) { return i < history.edits().size() ? history.edits()[i].what : ""; };
    return {{"counter", counter_},
            {"version", version_},
            {"session", session_},
            {"width", sides.width},
            {"height", sides.height},
            {"box", box_json(changed_since_locked(seen))},
            {"undo", history.undo_steps()},
            {"redo", history.redo_steps()},
            {"undo_what", history.done() > 0 ? what(history.done() - 1) : ""},
            {"redo_what", what(history.done())},
            {"saved", project_->saved()},
            {"warning", project_->warning()},
            {"render",
             {{"phase", render_.phase},
              {"progress", render_.progress},
              {"preview", render_.preview},
              {"exact", render_.exact},
              {"error", render_.error}}}};
  }

  /// Waits for a version other than `version`, or for wake() or end().
  void wait_for_work(std::uint64_t version) {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [&] { return version_ != version || ended_ || woken_; });
    woken_ = false;
  }
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    work_.notify_all();
  }
  /// Called, under the lock, whenever there is a new version.
  void on_change(std::function<void()> f) { changed_ = std::move(f); }

  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    work_.notify_all();
    news_.notify_all();
  }
  bool ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

 private:
  /// The scene that the options name.
  std::unique_ptr<pix2pixhd::SceneEditor> begin(const Options& options) const {
    pix2pixhd::Scene scene{.labels = pix2pixhd::read_labels(options.labels), .instances = {}};
    if (!options.instances.empty()) scene.instances = pix2pixhd::read_instances(options.instances);
    try {
      return std::make_unique<pix2pixhd::SceneEditor>(std::move(scene), rules_);
    } catch (const pix2pixhd::Error& error) {
      throw pix2pixhd::Error(pix2pixhd::detail::sentence(options.labels, ": ", error.what()));
    }
  }

  static std::uint64_t session_number() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  }

  /// Puts into the edit itself what is known here alone, so that it can be repeated from the journal.
  void settle(Json& request) const {
    if (!request.is_object()) return;
    settle_joining(request, Json::array({session_, version_}));
    const auto kind = request.find("kind");
    if (class_styles_ && kind != request.end() && *kind == "style") request = style_for_class(*editor_, request);
  }

  void replace(std::unique_ptr<pix2pixhd::SceneEditor> opened) {
    project_->replace(*editor_, *opened);
    editor_ = std::move(opened);
    boxes_.clear();
    ++session_;
    note_change(pix2pixhd::whole(editor_->scene().sides()));
  }

  void note_change(const pix2pixhd::PixelBox& box) {
    ++version_;
    ++counter_;
    boxes_.push_back(box);
    if (boxes_.size() > 1000) boxes_.pop_front();
    if (changed_) changed_();
    work_.notify_all();
    news_.notify_all();
  }

  pix2pixhd::PixelBox changed_since_locked(std::uint64_t version) const {
    if (version > version_ || version_ - version > boxes_.size()) return pix2pixhd::whole(editor_->scene().sides());
    pix2pixhd::PixelBox box;
    for (std::size_t i = boxes_.size() - static_cast<std::size_t>(version_ - version); i < boxes_.size(); ++i)
      box = pix2pixhd::united(box, boxes_[i]);
    return box;
  }

  static Json box_json(const pix2pixhd::PixelBox& box) { return {box.x, box.y, box.width, box.height}; }

  pix2pixhd::SceneRules rules_;
  bool class_styles_;  ///< styles are chosen for classes, although there are objects
  mutable std::mutex mutex_;
  mutable std::condition_variable news_;
  std::condition_variable work_;
  std::optional<StoredProject> project_;
  std::unique_ptr<pix2pixhd::SceneEditor> editor_;
  std::uint64_t version_ = 1;              ///< of the scene, in this run
  std::uint64_t counter_ = 1;              ///< of everything that pages show
  std::uint64_t session_ = 0;              ///< of the scene that was opened
  std::deque<pix2pixhd::PixelBox> boxes_;  ///< what the last versions changed
  RenderState render_;
  bool ended_ = false, woken_ = false;
  std::function<void()> changed_;
};

}  // namespace tools::edit
