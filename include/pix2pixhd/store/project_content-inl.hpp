#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/fnv1a.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/project_content.hpp>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace pix2pixhd::inline v0::detail {

template <class T>
nlohmann::json optional_json(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

inline nlohmann::json target_json(const StyleTarget& target) { return {target.label, optional_json(target.id)}; }

/// An edit without its runs, of which it states the number.
inline nlohmann::json edit_json(const Edit& edit) {
  nlohmann::json styles = nlohmann::json::array();
  for (const StyleChange& change : edit.styles)
    styles.push_back({target_json(change.target), optional_json(change.before), optional_json(change.after)});
  const PixelBox& box = edit.box;
  return {edit.what, edit.runs.size(), edit.joined, styles, {box.x, box.y, box.width, box.height}};
}

PIX2PIXHD_INLINE Metadata project_texts(const SceneEditor& editor, const Metadata& notes) {
  using Json = nlohmann::json;
  const SceneRules& rules = editor.rules();
  Json styles = Json::array(), edits = Json::array();
  for (const auto& [target, style] : editor.styles()) styles.push_back({target_json(target), style});
  for (const Edit& edit : editor.history().edits()) edits.push_back(edit_json(edit));
  const auto text = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  return {{"project", "1"},
          {"notes", text(Json(notes))},
          {"rules", text({{"classes", rules.classes},
                          {"ignore", optional_json(rules.ignore)},
                          {"ids", std::string(to_string(rules.ids))},
                          {"styles", rules.styles}})},
          {"styles", text(styles)},
          {"edits", text(edits)},
          {"done", std::to_string(editor.history().done())}};
}

PIX2PIXHD_INLINE ProjectBytes project_bytes(const SceneEditor& editor) {
  const Scene& scene = editor.scene();
  const std::vector<std::int64_t> sides{scene.sides().height, scene.sides().width};
  ProjectBytes result;
  result.add("labels", StoredType::u8, sides, scene.labels.data(), scene.labels.size());
  if (scene.instances)
    result.add("instances", StoredType::i32, sides, scene.instances->data(), scene.instances->size());
  std::vector<std::uint32_t> places;
  std::vector<std::int32_t> values;
  for (const Edit& edit : editor.history().edits())
    for (const PixelRun& run : edit.runs) {
      places.insert(places.end(), {run.first, run.count});
      values.insert(values.end(), {run.before.label, run.before.id, run.after.label, run.after.id});
    }
  const auto runs = static_cast<std::int64_t>(places.size() / 2);
  result.add("run_places", StoredType::u32, {runs, 2}, places.data(), places.size());
  result.add("run_values", StoredType::i32, {runs, 4}, values.data(), values.size());
  return result;
}

PIX2PIXHD_INLINE std::string check_sum(const ProjectBytes& bytes, const Metadata& texts) {
  Fnv1a sum;
  for (const auto& [key, text] : texts)
    if (key != "check_sum") sum.add(sentence(key, "\n", text, "\n"));
  for (std::size_t i = 0; i < bytes.values.size(); ++i) {
    sum.add(bytes.entries[i].name + "\n");
    sum.add(bytes.values[i]);
  }
  return std::to_string(sum.value());
}

}  // namespace pix2pixhd::inline v0::detail
