#pragma once
/// Edits on their way into the history.

#include <pix2pixhd/features/edit_history.hpp>
#include <pix2pixhd/features/region.hpp>
#include <pix2pixhd/features/scene.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// What an edit did.
struct EditResult {
  PixelBox box = {};       ///< around the pixels that changed, or whose style did
  std::size_t pixels = 0;  ///< how many changed; 0: nothing did, and there is nothing to undo
  std::int32_t id = 0;     ///< of the object that was painted, moved or made
};

namespace detail {

/// What an edit changes.
struct EditedScene {
  Scene& scene;
  ChosenStyles& styles;
  EditHistory& history;
};

/// An edit on its way: it keeps what stood in a box, the scene is changed there, and what differs in the end is the
/// edit.
class EditDraft {
 public:
  EditDraft(const EditedScene& edited, std::string what, const PixelBox& box, bool joined)
      : edited_(edited), edit_{.what = std::move(what), .box = {}, .runs = {}, .styles = {}, .joined = joined} {
    box_ = intersection(box, whole(edited_.scene.sides()));
    before_.reserve(box_.pixels());
    for_box([&](std::size_t i) { before_.push_back(value(i)); });
  }

  void set(const Pixel& at, const PixelValue& value) {
    const std::size_t i = index_of(edited_.scene.sides(), at);
    edited_.scene.labels.data()[i] = value.label;
    if (edited_.scene.instances) edited_.scene.instances->data()[i] = value.id;
  }

  /// The box of what looks different without other pixels.
  void concerns(const PixelBox& box) { edit_.box = united(edit_.box, box); }

  void choose(const StyleTarget& target, std::optional<int> style) {
    const auto found = edited_.styles.find(target);
    const auto before = found == edited_.styles.end() ? std::nullopt : std::optional(found->second);
    if (before == style) return;
    edit_.styles.push_back({.target = target, .before = before, .after = style});
  }

  /// Puts the edit into the history, unless nothing changed. `id`: of the object that it was about.
  EditResult finish(std::int32_t id) {
    collect();
    EditResult result{.box = edit_.box, .pixels = 0, .id = id};
    for (const PixelRun& run : edit_.runs) result.pixels += run.count;
    apply(edited_.scene, edited_.styles, {.what = {}, .box = {}, .runs = {}, .styles = edit_.styles}, false);
    if (!edit_.runs.empty() || !edit_.styles.empty()) edited_.history.add(std::move(edit_));
    return result;
  }

 private:
  template <class F>
  void for_box(F&& f) const {
    for (int y = box_.y; y < box_.y + box_.height; ++y)
      for (int x = box_.x; x < box_.x + box_.width; ++x) f(index_of(edited_.scene.sides(), {x, y}));
  }
  PixelValue value(std::size_t i) const {
    const Scene& scene = edited_.scene;
    return {scene.labels.data()[i], scene.instances ? scene.instances->data()[i] : 0};
  }
  void collect() {
    std::size_t at = 0;
    const auto width = static_cast<std::size_t>(edited_.scene.sides().width);
    for_box([&](std::size_t i) {
      const PixelValue& before = before_[at++];
      const PixelValue after = value(i);
      if (before == after) return;
      edit_.box = united(edit_.box, {static_cast<int>(i % width), static_cast<int>(i / width), 1, 1});
      if (!edit_.runs.empty()) {
        PixelRun& last = edit_.runs.back();
        if (last.first + last.count == i && last.before == before && last.after == after) {
          ++last.count;
          return;
        }
      }
      edit_.runs.push_back({.first = static_cast<std::uint32_t>(i), .count = 1, .before = before, .after = after});
    });
  }

  EditedScene edited_;
  Edit edit_;
  PixelBox box_;
  std::vector<PixelValue> before_;
};

}  // namespace detail

}  // namespace pix2pixhd::inline v0
