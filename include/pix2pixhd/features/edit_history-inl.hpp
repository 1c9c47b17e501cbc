#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/features/edit_history.hpp>

#include <algorithm>
#include <utility>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE EditHistory::EditHistory(std::deque<Edit> edits, std::size_t done, std::size_t most_bytes)
    : edits_(std::move(edits)), done_(done), most_bytes_(most_bytes) {
  detail::require(done_ <= edits_.size(), "The history has ", edits_.size(), " edits, of which ", done_,
                  " cannot be in effect.");
  for (const Edit& edit : edits_) bytes_ += edit.bytes();
  forget_oldest();
}

PIX2PIXHD_INLINE void EditHistory::add(Edit edit) {
  while (edits_.size() > done_) {
    bytes_ -= edits_.back().bytes();
    edits_.pop_back();
  }
  edit.runs.shrink_to_fit();
  edit.joined = edit.joined && !edits_.empty();
  bytes_ += edit.bytes();
  edits_.push_back(std::move(edit));
  ++done_;
  forget_oldest();
}

/// A whole step at a time, and never the last one: an edit can always be undone once.
PIX2PIXHD_INLINE void EditHistory::forget_oldest() {
  while (bytes_ > most_bytes_ && done_ > 0) {
    std::size_t step = 1;
    while (step < edits_.size() && edits_[step].joined) ++step;
    if (step >= done_) return;
    for (std::size_t i = 0; i < step; ++i) {
      bytes_ -= edits_.front().bytes();
      edits_.pop_front();
      --done_;
    }
  }
}

PIX2PIXHD_INLINE std::vector<const Edit*> EditHistory::undo() {
  std::vector<const Edit*> step;
  while (done_ > 0) {
    step.push_back(&edits_[--done_]);
    if (!step.back()->joined) break;
  }
  return step;
}

PIX2PIXHD_INLINE std::vector<const Edit*> EditHistory::redo() {
  std::vector<const Edit*> step;
  while (done_ < edits_.size() && (step.empty() || edits_[done_].joined)) step.push_back(&edits_[done_++]);
  return step;
}

PIX2PIXHD_INLINE void apply(Scene& scene, ChosenStyles& styles, const Edit& edit, bool back) {
  for (const PixelRun& run : edit.runs) {
    const PixelValue& value = back ? run.before : run.after;
    std::fill_n(scene.labels.data() + run.first, run.count, value.label);
    if (scene.instances) std::fill_n(scene.instances->data() + run.first, run.count, value.id);
  }
  for (const StyleChange& change : edit.styles) {
    const std::optional<int>& value = back ? change.before : change.after;
    if (value)
      styles[change.target] = *value;
    else
      styles.erase(change.target);
  }
}

PIX2PIXHD_INLINE void check_edit(const Scene& scene, const ChosenStyles& styles, const Edit& edit, bool back) {
  using detail::require;
  const Sides sides = scene.sides();
  require(edit.box.empty() || intersection(edit.box, whole(sides)) == edit.box, "The edit \"", edit.what,
          "\" reaches outside of the picture.");
  std::size_t free = 0;  // the first pixel that no run has taken
  for (const PixelRun& run : edit.runs) {
    require(run.first >= free && run.count > 0 && run.first < scene.labels.size() &&
                run.count <= scene.labels.size() - run.first,
            "The edit \"", edit.what, "\" has a run of ", run.count, " pixels from number ", run.first,
            ", which is out of order or outside of the picture.");
    free = std::size_t{run.first} + run.count;
    const PixelValue& value = back ? run.after : run.before;
    for (std::size_t i = run.first; i < free; ++i)
      require(scene.labels.data()[i] == value.label && (!scene.instances || scene.instances->data()[i] == value.id),
              "The edit \"", edit.what, "\" does not belong to this scene: pixel ",
              detail::pixel_position(i, sides.width), " has another value than the edit says.");
  }
  for (const StyleChange& change : edit.styles) {
    const auto found = styles.find(change.target);
    const std::optional<int> now = found == styles.end() ? std::nullopt : std::optional(found->second);
    require(now == (back ? change.after : change.before), "The edit \"", edit.what,
            "\" does not belong to this scene: another style was chosen than the edit says.");
  }
}

}  // namespace pix2pixhd::inline v0
