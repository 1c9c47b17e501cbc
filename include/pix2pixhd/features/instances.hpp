#pragma once
/// The instances of a picture, with the class of each.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/ops/host_array.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How the class of an instance is found.
enum class IdRule {
  /// By the label map, whatever the ids are: plain numbers, panoptic RGB. An id whose pixels have several classes, as
  /// background often has, stands for one instance of each.
  labels,
  /// id / 1000, and ids below 1000 are classes themselves: Cityscapes.
  thousands,
  /// id % 256: panoptic RGB with the class in the red channel, as in KITTI-STEP.
  red,
};

/// "labels", "thousands" or "red".
std::string_view to_string(IdRule rule);
/// The rule of that name, or nothing.
std::optional<IdRule> id_rule(std::string_view name);

/// An instance of a picture.
struct Instance {
  std::int32_t id = 0;     ///< as in the instance map
  int label = 0;           ///< its class, or no_class
  std::size_t pixels = 0;  ///< how many it has
  std::size_t at = 0;      ///< the first of them, counted from the top left
};

/// All instances of a picture, and which one each pixel belongs to.
struct Instances {
  xt::xtensor<std::int32_t, 2> indices = {};  ///< (H, W): places in `list`. Give it to instance_map() for an encoder
  std::vector<Instance> list = {};            ///< in the order of (id, class)
  int split = 0;  ///< ids that stand for several instances, because they have several classes

  std::size_t pixels() const { return indices.size(); }
};

/// The instances of a picture with labels (H, W). Without `ids` each class that is there is one instance, whose id is
/// the class. Pixels without a class (no_class) are instances too, of their own under any rule.
/// Throws Error for maps of different sizes; under the rules that read classes from ids, for an id that has none, and
/// for one whose class is not that of the label map: id, pixel and both classes are named.
Instances find_instances(const xt::xtensor<std::uint8_t, 2>& labels,
                         const std::optional<xt::xtensor<std::int32_t, 2>>& ids, IdRule rule = IdRule::labels);

/// The value that a map (1, F, H, W) has at each instance's first pixel: of a map that an encoder made for these
/// instances, their features. Throws Error for other sides.
std::vector<std::vector<float>> features_of(const Instances& instances, const xt::xtensor<float, 4>& map);

/// A map (1, F, H, W) in which every pixel has its instance's features: what a generator takes. The inverse of
/// features_of(). Throws Error unless there are features for each instance, as many for one as for the other.
xt::xtensor<float, 4> feature_map(const Instances& instances, const std::vector<std::vector<float>>& features);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/features/instances-inl.hpp>
#endif
