#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/features/edit_draft.hpp>
#include <pix2pixhd/features/fill_hole.hpp>
#include <pix2pixhd/features/scene_editor.hpp>

#include <cstdlib>
#include <utility>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE SceneEditor::SceneEditor(Scene scene, SceneRules rules, std::size_t most_bytes)
    : SceneEditor(std::move(scene), std::move(rules), {}, EditHistory(most_bytes)) {}

PIX2PIXHD_INLINE SceneEditor::SceneEditor(Scene scene, SceneRules rules, ChosenStyles styles, EditHistory history)
    : scene_(std::move(scene)), rules_(std::move(rules)), styles_(std::move(styles)), history_(std::move(history)) {
  check_scene(scene_, rules_);
  for (const auto& [target, style] : styles_) check_choice(target, style);
  const std::size_t done = history_.done(), all = history_.edits().size();
  if (all == 0) return;
  for (const Edit& edit : history_.edits()) check_values(edit);
  Scene scratch = scene_;
  ChosenStyles choices = styles_;
  const auto check = [&](const Edit& edit, bool back) {
    check_edit(scratch, choices, edit, back);
    apply(scratch, choices, edit, back);
  };
  for (std::size_t i = done; i-- > 0;) check(history_.edits()[i], true);
  for (std::size_t i = 0; i < all; ++i) check(history_.edits()[i], false);
}

PIX2PIXHD_INLINE void SceneEditor::check_choice(const StyleTarget& target, std::optional<int> style) const {
  check_label(target.label, rules_);
  detail::require(!style || *style >= 0, "A style cannot have the number ", style.value_or(0), ".");
}

/// Undoing and redoing put in place what the edits say, so every value of theirs must be allowed.
PIX2PIXHD_INLINE void SceneEditor::check_values(const Edit& edit) const {
  const Sides sides = scene_.sides();
  for (const PixelRun& run : edit.runs)
    for (const PixelValue& value : {run.before, run.after})
      check_value(value, scene_.instances.has_value(), rules_, [&](const char* map) {
        return detail::sentence("The edit \"", edit.what, "\": in the ", map, " pixel ",
                                detail::pixel_position(run.first, sides.width));
      });
  for (const StyleChange& change : edit.styles)
    for (const std::optional<int>& style : {change.before, change.after}) check_choice(change.target, style);
}

PIX2PIXHD_INLINE std::string SceneEditor::class_text(int label) const {
  return rules_.ignore == label ? "nothing" : detail::sentence("class ", label);
}

PIX2PIXHD_INLINE std::int32_t SceneEditor::id_for(const Paint& as) const {
  if (as.as == Paint::As::surface || rules_.ignore == as.label) return surface_id(scene_, rules_, styles_, as.label);
  if (as.as == Paint::As::new_object) return unused_id(scene_, rules_, styles_, as.label);
  if (!scene_.instances) return 0;
  for (std::size_t i = 0; i < scene_.labels.size(); ++i)
    if (scene_.instances->data()[i] == as.id && scene_.labels.data()[i] == as.label) return as.id;
  throw Error(detail::sentence("There is no object ", as.id, " of ", class_text(as.label),
                               "; it may have been changed meanwhile. Pick it again."));
}

PIX2PIXHD_INLINE EditResult SceneEditor::paint(const Region& region, const Paint& as) {
  check_label(as.label, rules_);
  const Sides sides = scene_.sides();
  detail::require(!region.empty(), "Nothing was painted: the shape covers no pixel of the picture, which is ",
                  sides.width, "x", sides.height, " pixels.");
  detail::require(intersection(region.box(), whole(sides)) == region.box(), "The region reaches outside of the ",
                  "picture, which is ", sides.width, "x", sides.height, " pixels.");
  const std::int32_t id = id_for(as);
  detail::EditDraft draft = begin("paint " + class_text(as.label), region.box(), as.joined);
  const PixelValue value{static_cast<std::uint8_t>(as.label), id};
  region.for_each([&](const Pixel& at) { draft.set(at, value); });
  return draft.finish(id);
}

PIX2PIXHD_INLINE EditResult SceneEditor::fill(const Pixel& at, const Paint& as) {
  const PixelValue value = value_at(scene_, at);
  const auto same = [&](std::size_t i) {
    return scene_.labels.data()[i] == value.label && (!scene_.instances || scene_.instances->data()[i] == value.id);
  };
  return paint(connected_region(scene_.sides(), at, same), as);
}

PIX2PIXHD_INLINE EditResult SceneEditor::relabel(const Pixel& at, int label) {
  check_label(label, rules_);
  const PixelValue value = value_at(scene_, at);
  detail::require(value.label != label, "The object is of ", class_text(label), " already.");
  const Region object = object_at(scene_, rules_, at);
  std::int32_t id = value.id;
  if (rules_.ids != IdRule::labels) {
    const bool object_again =
        is_counted(id, rules_.ids) && rules_.ignore != label && !(rules_.ids == IdRule::thousands && label == 0);
    id = object_again ? unused_id(scene_, rules_, styles_, label) : surface_id(scene_, rules_, styles_, label);
  }
  const std::string what = detail::sentence("relabel ", class_text(value.label), " to ", class_text(label));
  detail::EditDraft draft = begin(what, object.box());
  object.for_each([&](const Pixel& p) { draft.set(p, {static_cast<std::uint8_t>(label), id}); });
  if (stands_alone(value)) draft.choose({.label = value.label, .id = value.id}, std::nullopt);
  return draft.finish(id);
}

PIX2PIXHD_INLINE bool SceneEditor::stands_alone(const PixelValue& value) const {
  return scene_.instances && is_counted(value.id, rules_.ids);
}

PIX2PIXHD_INLINE Region SceneEditor::shifted(const Region& object, int dx, int dy) const {
  const Sides sides = scene_.sides();
  detail::require(dx != 0 || dy != 0, "The object is to be put where it is already; give a distance.");
  const bool near = std::abs(static_cast<double>(dx)) < sides.width && std::abs(static_cast<double>(dy)) < sides.height;
  const PixelBox box = object.box();
  Region result(near ? intersection({box.x + dx, box.y + dy, box.width, box.height}, whole(sides)) : PixelBox{});
  object.for_each([&](const Pixel& at) {
    const Pixel to{at.x + (near ? dx : 0), at.y + (near ? dy : 0)};
    if (result.box().contains(to)) result.add(to);
  });
  detail::require(!result.empty(), "Nothing of the object would be left in the picture, which is ", sides.width, "x",
                  sides.height, " pixels; choose a smaller distance, or delete it.");
  return result;
}

PIX2PIXHD_INLINE EditResult SceneEditor::move(const Pixel& at, int dx, int dy) {
  const PixelValue value = value_at(scene_, at);
  const Region object = object_at(scene_, rules_, at), target = shifted(object, dx, dy);
  detail::EditDraft draft = begin("move " + class_text(value.label), united(object.box(), target.box()));
  fill_hole(scene_, rules_, object);
  target.for_each([&](const Pixel& p) { draft.set(p, value); });
  return draft.finish(value.id);
}

PIX2PIXHD_INLINE EditResult SceneEditor::duplicate(const Pixel& at, int dx, int dy) {
  const PixelValue value = value_at(scene_, at);
  const Region target = shifted(object_at(scene_, rules_, at), dx, dy);
  const std::int32_t id = stands_alone(value) ? unused_id(scene_, rules_, styles_, value.label) : value.id;
  detail::EditDraft draft = begin("duplicate " + class_text(value.label), target.box());
  target.for_each([&](const Pixel& p) { draft.set(p, {value.label, id}); });
  const auto style = styles_.find({.label = value.label, .id = value.id});
  if (style != styles_.end()) draft.choose({.label = value.label, .id = id}, style->second);
  return draft.finish(id);
}

PIX2PIXHD_INLINE EditResult SceneEditor::remove(const Pixel& at) {
  const PixelValue value = value_at(scene_, at);
  const Region object = object_at(scene_, rules_, at);
  detail::EditDraft draft = begin("delete " + class_text(value.label), object.box());
  fill_hole(scene_, rules_, object);
  if (stands_alone(value)) draft.choose({.label = value.label, .id = value.id}, std::nullopt);
  return draft.finish(value.id);
}

PIX2PIXHD_INLINE PixelBox SceneEditor::box_of(const StyleTarget& target) const {
  const Sides sides = scene_.sides();
  PixelBox box;
  std::size_t i = 0;
  for (int y = 0; y < sides.height; ++y)
    for (int x = 0; x < sides.width; ++x, ++i)
      if (scene_.labels.data()[i] == target.label &&
          (!target.id || !scene_.instances || scene_.instances->data()[i] == *target.id))
        box = united(box, {x, y, 1, 1});
  return box;
}

PIX2PIXHD_INLINE EditResult SceneEditor::choose(const StyleTarget& target, std::optional<int> style) {
  if (style) {
    const int known = style_count(rules_, target.label);
    detail::require(rules_.ignore != target.label, "The ignored label ", target.label,
                    " has no styles to choose from; choose one for a class.");
    detail::require(known > 0, "There are no styles for ", class_text(target.label), ".");
    detail::require(*style >= 0 && *style < known, "There is no style ", *style, " for ", class_text(target.label),
                    "; it has 0 to ", known - 1, ".");
  }
  detail::EditDraft draft = begin("choose a style for " + class_text(target.label), {});
  draft.concerns(box_of(target));
  draft.choose(target, style);
  return draft.finish(target.id.value_or(0));
}

PIX2PIXHD_INLINE EditResult SceneEditor::set_style(const Pixel& at, std::optional<int> style) {
  const PixelValue value = value_at(scene_, at);
  return choose({.label = value.label, .id = value.id}, style);
}

PIX2PIXHD_INLINE EditResult SceneEditor::set_class_style(int label, std::optional<int> style) {
  check_label(label, rules_);
  return choose({.label = label, .id = {}}, style);
}

PIX2PIXHD_INLINE std::optional<int> SceneEditor::style_of(int label, std::int32_t id) const {
  for (const StyleTarget& target : {StyleTarget{label, id}, StyleTarget{label, std::nullopt}})
    if (const auto found = styles_.find(target); found != styles_.end()) return found->second;
  return std::nullopt;
}

PIX2PIXHD_INLINE EditResult SceneEditor::step(const std::vector<const Edit*>& edits, bool back) {
  detail::require(!edits.empty(), back ? "There is nothing to undo." : "There is nothing to redo.");
  EditResult result;
  for (const Edit* edit : edits) {
    apply(scene_, styles_, *edit, back);
    result.box = united(result.box, edit->box);
    for (const PixelRun& run : edit->runs) result.pixels += run.count;
  }
  return result;
}

PIX2PIXHD_INLINE EditResult SceneEditor::undo() { return step(history_.undo(), true); }

PIX2PIXHD_INLINE EditResult SceneEditor::redo() { return step(history_.redo(), false); }

}  // namespace pix2pixhd::inline v0
