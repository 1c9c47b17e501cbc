#pragma once
/// The thread that makes pictures of the newest state of the scene.

#include <pix2pixhd/images/files.hpp>

#include "painter.hpp"
#include "pictures.hpp"
#include "studio.hpp"

#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace tools::edit {

/// An encoded picture.
struct Encoded {
  std::vector<std::byte> bytes = {};
  std::string type = "image/png";
  std::uint64_t version = 0;
  bool exact = false;
};

/// Makes a preview of each new state and then the exact picture. A newer edit ends an exact picture that is under way;
/// a preview is finished, so that something is seen however fast edits come.
///
/// A preview is a window around what changed since the last exact picture, with its statistics; where that would be too
/// large, or there is no exact picture yet, the whole at half size, enlarged. bench/preview measures both.
class Renderer {
 public:
  /// `listener` is set to this before a pass begins: the painter's progress goes there.
  Renderer(Studio& studio, std::unique_ptr<Painter> painter, Renderer*& listener)
      : studio_(studio), painter_(std::move(painter)), thread_([this, &listener] {
          listener = this;
          work();
        }) {}
  ~Renderer() {
    studio_.end();
    interrupt(true);  // after end(): a pass either begins before this and is stopped, or sees the end
    thread_.join();
  }
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  /// Ends the exact picture under way, or whatever is under way.
  void interrupt(bool all = false) {
    const std::lock_guard lock(mutex_);
    if (exact_ || all) stop_.request_stop();
  }

  /// The newest picture; without bytes where there is none yet.
  std::shared_ptr<const Encoded> picture() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }
  /// The newest exact picture.
  std::shared_ptr<const Encoded> exact_picture() const {
    const std::lock_guard lock(mutex_);
    return newest_exact_;
  }

  /// A small picture of the object at a pixel in one of its styles. Null where the editor ends before it is made.
  std::shared_ptr<const Encoded> thumbnail(const pix2pixhd::Pixel& at, int style) {
    std::future<std::shared_ptr<const Encoded>> made;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return nullptr;
      jobs_.push_back({at, style, {}});
      made = jobs_.back().made.get_future();
    }
    interrupt();
    studio_.wake();
    return made.get();
  }

  /// Hears, from the network, how far a pass is.
  void progress(double fraction) {
    const auto now = std::chrono::steady_clock::now();
    if (fraction < 1 && now - last_progress_ < std::chrono::milliseconds(60)) return;
    last_progress_ = now;
    studio_.tell([&](RenderState& state) { state.progress = fraction; });
  }

 private:
  struct Job {
    pix2pixhd::Pixel at;
    int style;
    std::promise<std::shared_ptr<const Encoded>> made;
  };

  void work() {
    std::uint64_t tried = 0;  // the last version that was rendered, or could not be
    while (!studio_.ended()) {
      studio_.wait_for_work(tried);
      while (make_thumbnail()) {
      }
      const Snapshot snapshot = studio_.snapshot();
      if (studio_.ended() || snapshot.version == exact_version_) {
        studio_.tell([](RenderState& state) { state.phase = "idle"; });
        continue;
      }
      try {
        preview(snapshot);
        exact(snapshot);
        tried = snapshot.version;
      } catch (const pix2pixhd::Stopped&) {
        // Something newer is there, or a thumbnail is wanted first; `tried` stays, so that there is work.
      } catch (const std::exception& error) {
        tried = snapshot.version;
        studio_.tell([&](RenderState& state) { state = {"idle", 0, state.preview, state.exact, error.what()}; });
      }
    }
    const std::lock_guard lock(mutex_);
    closed_ = true;  // nobody would make a thumbnail that is asked for from now on
    for (Job& job : jobs_) job.made.set_value(nullptr);
    jobs_.clear();
  }

  /// A pass from now on ends by interrupt(): an exact one for a newer edit, any for the end.
  void begin(const char* phase, bool exact) {
    {
      const std::lock_guard lock(mutex_);
      exact_ = exact;
      stop_ = std::stop_source();
      painter_->stop_on(stop_.get_token());
    }
    if (studio_.ended()) throw pix2pixhd::Stopped("the editor ends");
    studio_.tell([&](RenderState& state) {
      state.phase = phase;
      state.progress = 0;
    });
  }

  void preview(const Snapshot& snapshot) {
    const pix2pixhd::Sides sides = snapshot.scene.sides();
    const bool same_size = picture_.width == sides.width && picture_.height == sides.height;
    const bool windows = painter_->ready() && same_size;
    const pix2pixhd::PixelBox changed = studio_.changed_since(exact_version_);
    if (windows && changed.empty()) return;
    if (newest_ && newest_->version == snapshot.version) return;  // made before a thumbnail ended the exact picture
    constexpr int smallest = 128;
    const auto window =
        windows ? preview_window(sides, changed, pix2pixhd::window_options(painter_->alignment())) : std::nullopt;
    if (!window && std::min(sides.width, sides.height) < smallest) return;  // the exact picture is as quick
    begin("preview", false);
    pix2pixhd::Raster seen;
    if (window) {
      const pix2pixhd::Scene part = crop(snapshot.scene, window->computed);
      seen = picture_;
      lay_over(seen, samples_of(painter_->part({part, snapshot.styles})), *window, 16);
    } else {
      const pix2pixhd::Scene half = reduce(snapshot.scene, {.width = sides.width / 2, .height = sides.height / 2});
      seen = pix2pixhd::resize_bicubic(samples_of(painter_->other({half, snapshot.styles})),
                                       {.width = sides.width, .height = sides.height});
    }
    publish({pix2pixhd::encode_jpeg(seen, "The preview", {.quality = 90}), "image/jpeg", snapshot.version, false});
  }

  void exact(const Snapshot& snapshot) {
    begin("exact", true);
    // An edit since the snapshot was taken has interrupted the pass before this one.
    if (studio_.version() != snapshot.version) throw pix2pixhd::Stopped("there is a newer edit");
    {
      const std::lock_guard lock(mutex_);
      if (!jobs_.empty()) throw pix2pixhd::Stopped("a thumbnail is wanted");
    }
    picture_ = samples_of(painter_->whole({snapshot.scene, snapshot.styles}));
    exact_version_ = snapshot.version;
    publish({pix2pixhd::encode_png(picture_, "The picture", {.level = 1}), "image/png", snapshot.version, true});
  }

  void publish(Encoded picture) {
    const auto shared = std::make_shared<const Encoded>(std::move(picture));
    {
      const std::lock_guard lock(mutex_);
      newest_ = shared;
      if (shared->exact) newest_exact_ = shared;
    }
    studio_.tell([&](RenderState& state) {
      state.preview = shared->version;
      if (shared->exact) state = {"idle", 0, shared->version, shared->version, ""};
    });
  }

  bool make_thumbnail() {
    Job job;
    {
      const std::lock_guard lock(mutex_);
      if (jobs_.empty()) return false;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      job.made.set_value(thumbnail_of(studio_.snapshot(), job));
    } catch (...) {
      job.made.set_exception(std::current_exception());
    }
    return true;
  }

  std::shared_ptr<const Encoded> thumbnail_of(const Snapshot& snapshot, const Job& job) {
    begin("preview", false);
    const pix2pixhd::PixelValue value = value_at(snapshot.scene, job.at);
    const auto key = std::tuple(snapshot.version, value.label, value.id, job.style);
    if (const auto found = thumbnails_.find(key); found != thumbnails_.end()) return found->second;
    if (thumbnails_.size() > 200) thumbnails_.clear();
    const pix2pixhd::Sides sides = snapshot.scene.sides();
    const double ratio = std::min(1.0, 384.0 / std::max(sides.width, sides.height));
    const auto scaled = [&](int side) { return std::max(16, static_cast<int>(side * ratio)); };
    const pix2pixhd::PictureSize size{.width = scaled(sides.width), .height = scaled(sides.height)};
    const pix2pixhd::Scene small = reduce(snapshot.scene, size);
    pix2pixhd::ChosenStyles styles = snapshot.styles;
    styles[studio_.style_target(value)] = job.style;
    const pix2pixhd::Raster picture = samples_of(painter_->other({small, styles}));
    const pix2pixhd::PixelBox object = object_at(snapshot.scene, studio_.rules(), job.at).box();
    const int most = std::min(size.width, size.height), least = std::min(24, most);
    const int side = std::clamp(static_cast<int>(1.3 * ratio * std::max(object.width, object.height)), least, most);
    const auto first = [&](int begin, int length, int limit) {
      return std::clamp(static_cast<int>(ratio * (begin + length / 2)) - side / 2, 0, limit - side);
    };
    const pix2pixhd::Raster part = crop(picture, {.x = first(object.x, object.width, size.width),
                                                  .y = first(object.y, object.height, size.height),
                                                  .width = side,
                                                  .height = side});
    auto made = std::make_shared<const Encoded>(
        Encoded{pix2pixhd::encode_png(part, "The thumbnail"), "image/png", snapshot.version, false});
    thumbnails_[key] = made;
    return made;
  }

  Studio& studio_;
  std::unique_ptr<Painter> painter_;
  mutable std::mutex mutex_;
  std::stop_source stop_;
  bool exact_ = false, closed_ = false;
  std::shared_ptr<const Encoded> newest_, newest_exact_;
  std::deque<Job> jobs_;
  std::map<std::tuple<std::uint64_t, int, std::int32_t, int>, std::shared_ptr<const Encoded>> thumbnails_;
  std::chrono::steady_clock::time_point last_progress_;
  pix2pixhd::Raster picture_;        ///< the last exact one
  std::uint64_t exact_version_ = 0;  ///< what it shows
  std::thread thread_;               ///< last: it uses all of the above
};

}  // namespace tools::edit
