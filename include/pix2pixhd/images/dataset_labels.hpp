#pragma once
/// How the labels in files become the classes of a network.

#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/images/image.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

namespace pix2pixhd::inline v0 {

/// What each label in a file means: it is replaced by `remap` where that names it, and is then `ignore`, or a class
/// of 0 to classes - 1, or an Error.
struct LabelPolicy {
  int classes = 35;
  std::map<int, int> remap = {};
  std::optional<int> ignore = {};  ///< the label of pixels of no class
  bool extra_class = false;        ///< whether these pixels form a class of their own, number `classes`

  friend bool operator==(const LabelPolicy&, const LabelPolicy&) = default;
};

/// The classes that a network sees under a policy: its classes, and the extra one.
int network_classes(const LabelPolicy& policy);

/// A policy as a table of all labels.
class LabelTable {
 public:
  /// Error where the policy names a label outside 0 to 255, remaps to what is neither a class nor ignored, or makes
  /// less than 1 or more than 255 classes.
  explicit LabelTable(const LabelPolicy& policy);

  /// Replaces labels by classes; pixels of no class become no_class, so that semantic_map(device, labels, instances,
  /// network_classes(policy), no_class) takes the result. Error, before anything is changed, at the first label that
  /// is out of range; `name` and pixel are named.
  void apply(LabelArray& labels, std::string_view name) const;

 private:
  static constexpr std::int16_t out_of_range = -1;

  LabelPolicy policy_;
  std::array<std::int16_t, 256> classes_{};
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/dataset_labels-inl.hpp>
#endif
