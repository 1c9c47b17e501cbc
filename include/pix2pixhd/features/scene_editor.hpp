#pragma once
/// Editing of label and instance maps: objects and surfaces, with undo and redo.

#include <pix2pixhd/features/edit_draft.hpp>
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

/// What a painted region becomes.
struct Paint {
  enum class As {
    surface,     ///< part of the class's surface, see surface_id()
    new_object,  ///< one more object
    object,      ///< part of the object `id`, which has this class
  };
  int label = 0;
  As as = As::surface;
  std::int32_t id = 0;
  /// Undone together with the edit before: for the pieces of one stroke.
  bool joined = false;
};

/// A scene and what was done to it. Every edit is checked before anything is changed: where it is impossible, it throws
/// Error with a sentence for people, and the scene is as it was. Ids stay consistent under the rules of the scene:
/// whatever is relabelled or painted gets an id of its new class. Boundaries follow from the ids.
class SceneEditor {
 public:
  /// Throws as check_scene does. `most_bytes` is for the history.
  SceneEditor(Scene scene, SceneRules rules, std::size_t most_bytes = std::size_t{1} << 28);
  /// As it was saved. Error unless all edits belong to the scene, where they are undone and redone on a copy, and every
  /// state on the way holds what the rules allow.
  SceneEditor(Scene scene, SceneRules rules, ChosenStyles styles, EditHistory history);

  const Scene& scene() const { return scene_; }
  const SceneRules& rules() const { return rules_; }
  const ChosenStyles& styles() const { return styles_; }
  const EditHistory& history() const { return history_; }

  /// Gives the pixels of a region (a stroke, a polygon, a mask) a class. Error for an empty region, which lies outside
  /// of the picture, and for a class or an object that there is not.
  EditResult paint(const Region& region, const Paint& as);
  /// The same for the connected region of equal label and id around a pixel.
  EditResult fill(const Pixel& at, const Paint& as);

  /// Gives the object at a pixel (see object_at) another class; its choice of a style is dropped.
  EditResult relabel(const Pixel& at, int label);
  /// Moves the object; its place is filled as fill_hole() does, and what leaves the picture is cut off. Error where
  /// nothing would be left.
  EditResult move(const Pixel& at, int dx, int dy);
  /// Puts a copy of the object, with an id of its own and the same style, at a distance.
  EditResult duplicate(const Pixel& at, int dx, int dy);
  /// Takes the object away; its place is filled.
  EditResult remove(const Pixel& at);

  /// Chooses a style for the object at a pixel, or takes the choice back. Error where its class has not as many.
  EditResult set_style(const Pixel& at, std::optional<int> style);
  /// The same for all objects of a class that have no choice of their own.
  EditResult set_class_style(int label, std::optional<int> style);
  /// The style in effect for an object of that class and id.
  std::optional<int> style_of(int label, std::int32_t id) const;

  /// One step back or forth; what changed. Error where there is none.
  EditResult undo();
  EditResult redo();

 private:
  detail::EditDraft begin(std::string what, const PixelBox& box, bool joined = false) {
    return {{.scene = scene_, .styles = styles_, .history = history_}, std::move(what), box, joined};
  }
  void check_choice(const StyleTarget& target, std::optional<int> style) const;
  void check_values(const Edit& edit) const;
  std::string class_text(int label) const;
  std::int32_t id_for(const Paint& as) const;
  EditResult step(const std::vector<const Edit*>& edits, bool back);
  EditResult choose(const StyleTarget& target, std::optional<int> style);
  PixelBox box_of(const StyleTarget& target) const;
  /// Whether an object is the only one of its class and id; of surfaces several patches share them.
  bool stands_alone(const PixelValue& value) const;
  Region shifted(const Region& object, int dx, int dy) const;

  Scene scene_;
  SceneRules rules_;
  ChosenStyles styles_;
  EditHistory history_;
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/scene_editor-inl.hpp>
#endif
