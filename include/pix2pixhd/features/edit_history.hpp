#pragma once
/// What edits changed, for undoing and redoing them.

#include <pix2pixhd/features/scene.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Pixels one after the other, counted from the top left, row by row, that all held the same value and hold the same
/// value since.
struct PixelRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  PixelValue before, after;
  friend constexpr bool operator==(const PixelRun&, const PixelRun&) = default;
};

/// A choice of a style that was made, changed or taken back.
struct StyleChange {
  StyleTarget target;
  std::optional<int> before, after;
  friend constexpr bool operator==(const StyleChange&, const StyleChange&) = default;
};

/// One edit: nothing but what changed. The maps are never copied.
struct Edit {
  std::string what = {};            ///< for people: "move car"
  PixelBox box = {};                ///< around the pixels that changed, or whose style did
  std::vector<PixelRun> runs = {};  ///< ascending, without overlap
  std::vector<StyleChange> styles = {};
  bool joined = false;  ///< belongs to the edit before: both are undone at once

  /// The memory that it needs: the same for an edit that was saved and loaded.
  std::size_t bytes() const {
    return sizeof(Edit) + what.size() + runs.size() * sizeof(PixelRun) + styles.size() * sizeof(StyleChange);
  }
  friend bool operator==(const Edit&, const Edit&) = default;
};

/// The edits of a scene, of which the first `done()` are in effect. Of any depth, within a memory limit: where that is
/// passed, the oldest edits can no longer be undone.
class EditHistory {
 public:
  explicit EditHistory(std::size_t most_bytes = std::size_t{1} << 28) : most_bytes_(most_bytes) {}
  /// As it was saved. Error unless `done` is at most the number of edits.
  EditHistory(std::deque<Edit> edits, std::size_t done, std::size_t most_bytes = std::size_t{1} << 28);

  const std::deque<Edit>& edits() const { return edits_; }
  std::size_t done() const { return done_; }
  std::size_t bytes() const { return bytes_; }
  /// How often undo() and redo() have something to do: joined edits are one step.
  std::size_t undo_steps() const { return steps(0, done_); }
  std::size_t redo_steps() const { return steps(done_, edits_.size()); }

  /// Adds an edit that was just carried out; edits that were undone are forgotten.
  void add(Edit edit);
  /// The edits to take back for one step of undo, the last first; none where there is nothing to undo. They count as
  /// undone then.
  std::vector<const Edit*> undo();
  /// The edits to carry out again for one step of redo, in order.
  std::vector<const Edit*> redo();

 private:
  void forget_oldest();
  std::size_t steps(std::size_t first, std::size_t end) const {
    std::size_t count = 0;
    for (std::size_t i = first; i < end; ++i) count += i == first || !edits_[i].joined ? 1 : 0;
    return count;
  }

  std::deque<Edit> edits_;
  std::size_t done_ = 0;
  std::size_t bytes_ = 0;
  std::size_t most_bytes_ = 0;
};

/// Writes what an edit changed into a scene: the values after it, or, taking it back, those before it.
void apply(Scene& scene, ChosenStyles& styles, const Edit& edit, bool back);

/// Error unless the scene holds what the edit found (or, to take it back, left) and its runs lie in the picture in
/// order: for edits that come from a file.
void check_edit(const Scene& scene, const ChosenStyles& styles, const Edit& edit, bool back);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/edit_history-inl.hpp>
#endif
