#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/images/dataset_labels.hpp>

#include <string>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE int network_classes(const LabelPolicy& policy) {
  return policy.classes + (policy.extra_class ? 1 : 0);
}

PIX2PIXHD_INLINE LabelTable::LabelTable(const LabelPolicy& policy) : policy_(policy) {
  const auto is_label = [](int label) { return label >= 0 && label <= 255; };
  detail::require(policy.classes >= 1 && network_classes(policy) <= no_class, "The label policy makes ",
                  network_classes(policy), " classes; 1 to ", int{no_class}, " are possible.");
  detail::require(!policy.ignore || is_label(*policy.ignore), "The label policy ignores ", policy.ignore.value_or(0),
                  "; labels are 0 to 255.");
  detail::require(!policy.extra_class || policy.ignore.has_value(),
                  "The label policy has an extra class, but names no label to ignore that would fall into it.");
  for (int label = 0; label < 256; ++label) {
    const auto moved = policy.remap.find(label);
    const int meant = moved == policy.remap.end() ? label : moved->second;
    auto& result = classes_[static_cast<std::size_t>(label)];
    if (meant == policy.ignore) {
      result = static_cast<std::int16_t>(policy.extra_class ? policy.classes : int{no_class});
    } else {
      result = meant >= 0 && meant < policy.classes ? static_cast<std::int16_t>(meant) : out_of_range;
    }
  }
  for (const auto& [from, to] : policy.remap) {
    detail::require(is_label(from), "The label policy remaps ", from, "; labels are 0 to 255.");
    detail::require(classes_[static_cast<std::size_t>(from)] != out_of_range, "The label policy remaps ", from, " to ",
                    to, ", which is neither a class of 0 to ", policy.classes - 1, " nor the label to ignore.");
  }
}

PIX2PIXHD_INLINE void LabelTable::apply(LabelArray& labels, std::string_view name) const {
  const std::size_t width = labels.shape()[1];
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const std::uint8_t label = labels.data()[i];
    if (classes_[label] != out_of_range) continue;
    const std::string ignored = policy_.ignore ? detail::sentence(", or ", *policy_.ignore, ", which is ignored") : "";
    throw Error(detail::sentence(name, " has label ", int{label}, " at pixel ", detail::pixel_position(i, width),
                                 "; 0 to ", policy_.classes - 1, " are allowed", ignored,
                                 ". State more classes, or state it as the label to ignore."));
  }
  for (std::uint8_t& label : labels) label = static_cast<std::uint8_t>(classes_[label]);
}

}  // namespace pix2pixhd::inline v0
