#pragma once
/// The maps of a picture that is being edited, and what ids mean in them.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/features/instances.hpp>
#include <pix2pixhd/features/region.hpp>
#include <pix2pixhd/ops/host_array.hpp>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The largest instance id that edits make: the largest that panoptic RGB can hold.
inline constexpr std::int32_t largest_instance_id = (1 << 24) - 1;

/// Label map and instance map of a picture.
struct Scene {
  xt::xtensor<std::uint8_t, 2> labels;                    ///< (H, W)
  std::optional<xt::xtensor<std::int32_t, 2>> instances;  ///< (H, W), any ids from 0 to largest_instance_id

  Sides sides() const { return {static_cast<int>(labels.shape()[0]), static_cast<int>(labels.shape()[1])}; }
};

/// What may stand in a scene, and what its ids mean.
struct SceneRules {
  int classes = 35;
  std::optional<int> ignore = {};  ///< a label that stands for no class and may be painted too
  IdRule ids = IdRule::thousands;
  std::vector<int> styles = {};  ///< how many styles each class has to choose from; empty: none has

  friend bool operator==(const SceneRules&, const SceneRules&) = default;
};

/// What one pixel holds. Without an instance map the id is 0.
struct PixelValue {
  std::uint8_t label = 0;
  std::int32_t id = 0;
  friend constexpr bool operator==(const PixelValue&, const PixelValue&) = default;
};

/// Whose style was chosen: a class's, or that of one object of it.
struct StyleTarget {
  int label = 0;
  std::optional<std::int32_t> id = {};
  friend constexpr auto operator<=>(const StyleTarget&, const StyleTarget&) = default;
};

/// The chosen styles, each the number of one of its class's styles. An object without one has its class's.
using ChosenStyles = std::map<StyleTarget, int>;

/// Error unless the maps are of one size, with pixels, and hold what the rules allow; file-like `name`s are "The label
/// map" and "The instance map", the first bad pixel is named. The class in an id must be the label's under the rules
/// that read it from there.
void check_scene(const Scene& scene, const SceneRules& rules);

/// Error unless a pixel may hold that value under the rules; its id counts for nothing where there is no instance map.
/// `where` begins the message, given the map that is wrong: "The label map: pixel (x 3, y 7)".
void check_value(const PixelValue& value, bool has_instances, const SceneRules& rules,
                 const std::function<std::string(const char* map)>& where);

/// Whether an id is one of an object that is counted, not that of a surface such as road or sky, as far as the rule
/// tells: under IdRule::labels every id is an object's.
bool is_counted(std::int32_t id, IdRule rule);

/// Error unless `label` is a class or the ignored label.
void check_label(int label, const SceneRules& rules);

/// How many styles a class has to choose from. The ignored label has none, whatever number it is: it is no class.
int style_count(const SceneRules& rules, int label);

/// What stands at a pixel.
PixelValue value_at(const Scene& scene, const Pixel& at);

/// The part of a scene that lies in a box: maps of (box.height, box.width), with an instance map where the scene has
/// one. Error unless the box has pixels and lies within the scene.
Scene crop(const Scene& scene, const PixelBox& box);

/// The object that a pixel belongs to. Where its id is an object's: all pixels of that id and label. Else (surfaces,
/// scenes without an instance map) the pixels of its label and id that are joined to it, sideways or up and down.
/// Error outside of the picture.
Region object_at(const Scene& scene, const SceneRules& rules, const Pixel& at);

/// An id for one more object of a class: under `thousands` and `red` the smallest of its class that no pixel and no
/// choice of a style has, otherwise the smallest above all others. Error where there is none: class 0 has none under
/// `thousands`, because ids below 1000 are surfaces.
std::int32_t unused_id(const Scene& scene, const SceneRules& rules, const ChosenStyles& styles, int label);

/// The id of a class's surface: under `thousands` and `red` the class. Under `labels`, where nothing tells surfaces
/// from objects, the id of the class's largest part, or an unused one.
std::int32_t surface_id(const Scene& scene, const SceneRules& rules, const ChosenStyles& styles, int label);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/scene-inl.hpp>
#endif
