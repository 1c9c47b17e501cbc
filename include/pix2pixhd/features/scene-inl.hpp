#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/features/scene.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The class that an id states under the rules that state one.
inline std::int32_t class_of_id(std::int32_t id, IdRule rule) {
  if (rule == IdRule::red) return id % 256;
  return id < 1000 ? id : id / 1000;
}

/// The ids that are taken: those of pixels, and those that a style was chosen for.
inline std::unordered_set<std::int32_t> used_ids(const Scene& scene, const ChosenStyles& styles) {
  std::unordered_set<std::int32_t> used;
  for (const auto& [target, style] : styles)
    if (target.id) used.insert(*target.id);
  std::int32_t last = -1;  // ids come in runs
  for (const std::int32_t id : *scene.instances) {
    if (id == last) continue;
    used.insert(id);
    last = id;
  }
  return used;
}

inline std::string label_text(int label, const SceneRules& rules) {
  return rules.ignore == label ? sentence("the ignored label ", label) : sentence("class ", label);
}

}  // namespace detail

PIX2PIXHD_INLINE bool is_counted(std::int32_t id, IdRule rule) {
  return rule == IdRule::labels || id >= (rule == IdRule::thousands ? 1000 : 256);
}

PIX2PIXHD_INLINE void check_label(int label, const SceneRules& rules) {
  if ((label >= 0 && label < rules.classes) || rules.ignore == label) return;
  throw Error(detail::sentence("There is no class ", label, "; the classes are 0 to ", rules.classes - 1,
                               rules.ignore ? detail::sentence(", and ", *rules.ignore, " for none") : "", "."));
}

PIX2PIXHD_INLINE int style_count(const SceneRules& rules, int label) {
  const auto at = static_cast<std::size_t>(label);
  return label >= 0 && rules.ignore != label && at < rules.styles.size() ? rules.styles[at] : 0;
}

PIX2PIXHD_INLINE void check_value(const PixelValue& value, bool has_instances, const SceneRules& rules,
                                  const std::function<std::string(const char* map)>& where) {
  const int label = value.label;
  const bool ignored = rules.ignore == label;
  if (!ignored && label >= rules.classes)
    throw Error(detail::sentence(where("label map"), " has label ", label, ", allowed are 0 to ", rules.classes - 1,
                                 rules.ignore ? detail::sentence(" and the ignore label ", *rules.ignore) : "",
                                 "; correct the map, raise the number of classes or name that label as the one to "
                                 "ignore."));
  if (!has_instances) return;
  if (value.id < 0 || value.id > largest_instance_id)
    throw Error(detail::sentence(where("instance map"), " has the id ", value.id, ", allowed are 0 to ",
                                 largest_instance_id, "; correct the map, or number its instances anew."));
  if (rules.ids == IdRule::labels || ignored || detail::class_of_id(value.id, rules.ids) == label) return;
  throw Error(detail::sentence(where("instance map"), " has the id ", value.id, ", which is of class ",
                               detail::class_of_id(value.id, rules.ids), " by the id rule ", to_string(rules.ids),
                               ", but the label map has class ", label,
                               " there; correct one of the maps, or use the id rule labels."));
}

PIX2PIXHD_INLINE void check_scene(const Scene& scene, const SceneRules& rules) {
  using detail::require;
  require(rules.classes >= 1 && rules.classes <= 255, "A scene cannot have ", rules.classes,
          " classes; 1 to 255 are possible.");
  require(rules.styles.empty() || rules.styles.size() == static_cast<std::size_t>(rules.classes),
          "Numbers of styles are given for ", rules.styles.size(), " classes, but there are ", rules.classes, ".");
  require(scene.labels.size() > 0, "The label map has no pixels.");
  const Sides sides = scene.sides();
  if (scene.instances)
    require(scene.instances->shape() == scene.labels.shape(), "The instance map is ", scene.instances->shape()[1], "x",
            scene.instances->shape()[0], " pixels, the label map ", sides.width, "x", sides.height,
            "; they must be the same size.");
  std::size_t i = 0;
  const std::function<std::string(const char*)> where = [&](const char* map) {
    return detail::sentence("The ", map, ": pixel ", detail::pixel_position(i, sides.width));
  };
  for (; i < scene.labels.size(); ++i)
    check_value({scene.labels.data()[i], scene.instances ? scene.instances->data()[i] : 0}, scene.instances.has_value(),
                rules, where);
}

PIX2PIXHD_INLINE PixelValue value_at(const Scene& scene, const Pixel& at) {
  const Sides sides = scene.sides();
  detail::require(whole(sides).contains(at), "The pixel ", detail::PixelPosition{at.x, at.y},
                  " is outside of the picture, which is ", sides.width, "x", sides.height, " pixels.");
  const std::size_t i = detail::index_of(sides, at);
  return {scene.labels.data()[i], scene.instances ? scene.instances->data()[i] : 0};
}

PIX2PIXHD_INLINE Scene crop(const Scene& scene, const PixelBox& box) {
  const Sides sides = scene.sides();
  detail::require(!box.empty() && box.x >= 0 && box.y >= 0 && box.width <= sides.width - box.x &&
                      box.height <= sides.height - box.y,
                  "The part of ", box.width, "x", box.height, " pixels at ", detail::PixelPosition{box.x, box.y},
                  " is not within the scene, which is ", sides.width, "x", sides.height, " pixels.");
  const std::array<std::size_t, 2> shape{static_cast<std::size_t>(box.height), static_cast<std::size_t>(box.width)};
  const auto part_of = [&](const auto& map) {
    auto part = std::decay_t<decltype(map)>::from_shape(shape);
    for (std::size_t y = 0; y < shape[0]; ++y)
      std::copy_n(map.data() + detail::index_of(sides, {box.x, box.y + static_cast<int>(y)}), shape[1],
                  part.data() + y * shape[1]);
    return part;
  };
  Scene part{.labels = part_of(scene.labels), .instances = {}};
  if (scene.instances) part.instances = part_of(*scene.instances);
  return part;
}

PIX2PIXHD_INLINE Region object_at(const Scene& scene, const SceneRules& rules, const Pixel& at) {
  const PixelValue value = value_at(scene, at);
  const Sides sides = scene.sides();
  const auto same = [&](std::size_t i) {
    return scene.labels.data()[i] == value.label && (!scene.instances || scene.instances->data()[i] == value.id);
  };
  if (!scene.instances || !is_counted(value.id, rules.ids)) return connected_region(sides, at, same);
  Region region(whole(sides));
  std::size_t i = 0;
  for (int y = 0; y < sides.height; ++y)
    for (int x = 0; x < sides.width; ++x)
      if (same(i++)) region.add({x, y});
  return region.trimmed();
}

PIX2PIXHD_INLINE std::int32_t unused_id(const Scene& scene, const SceneRules& rules, const ChosenStyles& styles,
                                        int label) {
  if (!scene.instances) return 0;
  const auto used = detail::used_ids(scene, styles);
  if (rules.ids == IdRule::labels) {
    const std::int32_t highest = used.empty() ? 0 : *std::max_element(used.begin(), used.end());
    if (highest < largest_instance_id) return highest + 1;
    for (std::int32_t id = 1; id <= largest_instance_id; ++id)
      if (!used.contains(id)) return id;
    throw Error("All instance ids are taken; delete objects first.");
  }
  const bool thousands = rules.ids == IdRule::thousands;
  detail::require(!thousands || label > 0, "Class 0 has no counted objects under the id rule thousands, because ids ",
                  "below 1000 are surfaces; paint it as a surface.");
  for (std::int32_t k = thousands ? 0 : 1; k < (thousands ? 1000 : 65536); ++k) {
    const std::int32_t id = thousands ? 1000 * label + k : label + 256 * k;
    if (!used.contains(id)) return id;
  }
  throw Error(detail::sentence("All ids of ", detail::label_text(label, rules), " are taken by its ",
                               thousands ? 1000 : 65535, " objects; delete some first."));
}

PIX2PIXHD_INLINE std::int32_t surface_id(const Scene& scene, const SceneRules& rules, const ChosenStyles& styles,
                                         int label) {
  if (!scene.instances) return 0;
  if (rules.ids != IdRule::labels) return label;
  std::unordered_map<std::int32_t, std::size_t> pixels;
  for (std::size_t i = 0; i < scene.labels.size(); ++i)
    if (scene.labels.data()[i] == label) ++pixels[scene.instances->data()[i]];
  if (pixels.empty()) return unused_id(scene, rules, styles, label);
  const auto larger = [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second < b.second : a.first > b.first;  // of equals the smaller id
  };
  return std::max_element(pixels.begin(), pixels.end(), larger)->first;
}

}  // namespace pix2pixhd::inline v0
