#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/json_number.hpp>
#include <pix2pixhd/store/project_content.hpp>
#include <pix2pixhd/store/project_file.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

using ProjectJson = nlohmann::json;

inline int style_number(const ProjectJson& json) {
  return whole_number(json, 0, std::numeric_limits<int>::max(), "The number of a style");
}

inline std::optional<int> optional_style(const ProjectJson& json) {
  return json.is_null() ? std::nullopt : std::optional(style_number(json));
}

inline StyleTarget target_of(const ProjectJson& json) {
  StyleTarget target{.label = whole_number(json.at(0), 0, 255, "The class of a choice of a style")};
  if (!json.at(1).is_null())
    target.id = whole_number(json.at(1), 0, largest_instance_id, "The object of a choice of a style");
  return target;
}

/// The tensors of a file that should be a project, checked for type and rank.
inline ProjectBytes read_project_bytes(TensorFile& file) {
  ProjectBytes result;
  for (const auto& [name, type] :
       {std::pair("labels", StoredType::u8), std::pair("instances", StoredType::i32),
        std::pair("run_places", StoredType::u32), std::pair("run_values", StoredType::i32)}) {
    const TensorEntry* entry = file.find(name);
    if (!entry && std::string_view(name) == "instances") continue;
    require(entry && entry->type == type && entry->shape.size() == 2, file.path(), ": the array \"", name,
            "\" of a project is missing or of another kind; the file is damaged or no project.");
    result.entries.push_back(*entry);
    result.values.emplace_back(file.count(*entry) * size_of(type));
    file.read_bytes(*entry, result.values.back());
  }
  return result;
}

template <class T>
std::vector<T> values_of(const std::vector<std::byte>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

inline Scene scene_of(const ProjectBytes& bytes) {
  const auto& shape = bytes.entries.front().shape;
  constexpr std::int64_t longest = std::numeric_limits<int>::max();
  require(shape[0] > 0 && shape[1] > 0 && shape[0] <= longest && shape[1] <= longest, "the label map has no pixels.");
  const std::array<std::size_t, 2> sides{static_cast<std::size_t>(shape[0]), static_cast<std::size_t>(shape[1])};
  Scene scene{.labels = xt::xtensor<std::uint8_t, 2>::from_shape(sides), .instances = {}};
  std::memcpy(scene.labels.data(), bytes.values.front().data(), scene.labels.size());
  if (bytes.entries[1].name != "instances") return scene;
  require(bytes.entries[1].shape == shape, "the maps are not of one size.");
  scene.instances = xt::xtensor<std::int32_t, 2>::from_shape(sides);
  std::memcpy(scene.instances->data(), bytes.values[1].data(), bytes.values[1].size());
  return scene;
}

inline SceneRules rules_of(const ProjectJson& json) {
  const auto ids = id_rule(json.at("ids").get<std::string>());
  require(ids.has_value(), "the id rule ", json.at("ids"), " is not known.");
  constexpr int lowest = std::numeric_limits<int>::min(), highest = std::numeric_limits<int>::max();
  SceneRules rules{.classes = whole_number(json.at("classes"), 1, 255, "The number of classes"), .ids = *ids};
  if (!json.at("ignore").is_null())
    rules.ignore = whole_number(json.at("ignore"), lowest, highest, "The ignored label");
  for (const ProjectJson& number : json.at("styles"))
    rules.styles.push_back(whole_number(number, 0, highest, "A class's number of styles"));
  return rules;
}

inline PixelBox box_of(const ProjectJson& json) {
  const auto number = [&](std::size_t i) { return whole_number(json.at(i), 0, 1 << 28, "A number of an edit's box"); };
  return {.x = number(0), .y = number(1), .width = number(2), .height = number(3)};
}

/// The edits, each with the next of the runs.
inline std::deque<Edit> edits_of(const ProjectJson& list, const ProjectBytes& bytes) {
  const auto places = values_of<std::uint32_t>(bytes.values[bytes.values.size() - 2]);
  const auto values = values_of<std::int32_t>(bytes.values.back());
  const std::size_t runs = places.size() / 2;
  require(values.size() == 4 * runs && places.size() == 2 * runs, "its runs are not complete.");
  const auto label = [](std::int32_t value) {
    require(value >= 0 && value <= 255, "a run has the label ", value, ".");
    return static_cast<std::uint8_t>(value);
  };
  std::deque<Edit> edits;
  std::size_t next = 0;
  for (const ProjectJson& json : list) {
    Edit edit{.what = json.at(0).get<std::string>(),
              .box = box_of(json.at(4)),
              .runs = {},
              .styles = {},
              .joined = json.at(2).get<bool>()};
    const auto count = whole_number<std::size_t>(json.at(1), 0, std::numeric_limits<std::size_t>::max(),
                                                 "The number of an edit's runs");
    require(count <= runs - next, "its edits have more runs than it holds.");
    edit.runs.reserve(count);
    for (const std::size_t end = next + count; next < end; ++next) {
      const std::int32_t* v = values.data() + 4 * next;
      edit.runs.push_back({.first = places[2 * next],
                           .count = places[2 * next + 1],
                           .before = {label(v[0]), v[1]},
                           .after = {label(v[2]), v[3]}});
    }
    for (const ProjectJson& change : json.at(3))
      edit.styles.push_back({target_of(change.at(0)), optional_style(change.at(1)), optional_style(change.at(2))});
    edits.push_back(std::move(edit));
  }
  require(next == runs, "it holds more runs than its edits have.");
  return edits;
}

inline Project parse_project(const ProjectBytes& bytes, const Metadata& texts, std::size_t most_bytes) {
  Scene scene = scene_of(bytes);
  ChosenStyles styles;
  for (const ProjectJson& choice : ProjectJson::parse(texts.at("styles")))
    styles[target_of(choice.at(0))] = style_number(choice.at(1));
  const auto done = whole_number<std::size_t>(ProjectJson::parse(texts.at("done")), 0,
                                              std::numeric_limits<std::size_t>::max(), "The number of edits in effect");
  EditHistory history(edits_of(ProjectJson::parse(texts.at("edits")), bytes), done, most_bytes);
  SceneRules rules = rules_of(ProjectJson::parse(texts.at("rules")));
  return {.editor = SceneEditor(std::move(scene), std::move(rules), std::move(styles), std::move(history)),
          .notes = ProjectJson::parse(texts.at("notes")).get<Metadata>()};
}

}  // namespace detail

PIX2PIXHD_INLINE void save_project(const std::filesystem::path& path, const SceneEditor& editor,
                                   const Metadata& notes) {
  const detail::ProjectBytes bytes = detail::project_bytes(editor);
  Metadata texts = detail::project_texts(editor, notes);
  texts["check_sum"] = detail::check_sum(bytes, texts);
  write_safetensors(
      path, bytes.entries,
      [&](const TensorEntry&, std::size_t position) {
        return TensorValues(std::span<const std::byte>(bytes.values[position]));
      },
      texts);
}

PIX2PIXHD_INLINE Project load_project(const std::filesystem::path& path, std::size_t most_bytes) {
  const auto file = open_tensor_file(path);
  const Metadata& texts = file->metadata();
  const auto version = texts.find("project");
  detail::require(version != texts.end(), path, " is not a project of the editor.");
  detail::require(version->second == "1", path, " is a project of another version, ", version->second,
                  "; this program knows version 1.");
  const detail::ProjectBytes bytes = detail::read_project_bytes(*file);
  const auto sum = texts.find("check_sum");
  detail::require(sum != texts.end() && sum->second == detail::check_sum(bytes, texts), path,
                  " is damaged: its check sum is not that of its content.");
  try {
    return detail::parse_project(bytes, texts, most_bytes);
  } catch (const Error& error) {
    throw Error(detail::sentence(path, " is damaged: ", error.what()));
  } catch (const detail::ProjectJson::exception& problem) {
    throw Error(detail::sentence(path, " is damaged: its texts are not those of a project (", problem.what(), ")."));
  } catch (const std::out_of_range&) {
    throw Error(detail::sentence(path, " is damaged: a text of a project is missing."));
  }
}

}  // namespace pix2pixhd::inline v0
