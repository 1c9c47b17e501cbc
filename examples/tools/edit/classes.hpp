#pragma once
/// Names and colours of classes, as the page shows them.

#include <pix2pixhd/images/palette.hpp>
#include <pix2pixhd/images/street_scene.hpp>

#include "../pictures.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

namespace tools::edit {

/// A list of {id, name, colour}: the names of Cityscapes or of the invented streets where the number of classes is
/// theirs, else numbers; the ignored label last.
inline nlohmann::json class_list(int classes, std::optional<int> ignore) {
  std::span<const pix2pixhd::NamedClass> names;
  if (classes == static_cast<int>(pix2pixhd::cityscapes_classes.size())) names = pix2pixhd::cityscapes_classes;
  if (classes == static_cast<int>(pix2pixhd::street_classes.size())) names = pix2pixhd::street_classes;
  const pix2pixhd::Palette palette = palette_for(classes);
  nlohmann::json list = nlohmann::json::array();
  for (std::size_t i = 0; i < palette.size() && static_cast<int>(i) < classes; ++i) {
    const pix2pixhd::Rgb& colour = palette[i];
    list.push_back({{"id", i},
                    {"name", i < names.size() ? std::string(names[i].name) : "class " + std::to_string(i)},
                    {"colour", {colour.red, colour.green, colour.blue}}});
  }
  if (ignore && *ignore >= classes) list.push_back({{"id", *ignore}, {"name", "no class"}, {"colour", {0, 0, 0}}});
  return list;
}

}  // namespace tools::edit
