#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/images/checks.hpp>

#include <string>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE void check_labels(const LabelArray& labels, int classes, std::optional<int> ignore,
                                   std::string_view name, std::string_view remedy) {
  detail::require(classes >= 1 && classes <= 256, name, " was to be checked for ", classes,
                  " classes; label maps have 1 to 256.");
  const int width = static_cast<int>(labels.shape()[1]);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int label = labels.data()[i];
    if (label < classes || label == ignore) continue;
    const std::string allowed = ignore ? detail::sentence(", or ", *ignore, ", which is ignored") : std::string();
    const std::string own =
        detail::sentence("Renumber the classes, state more classes, or state ", label, " as the class to ignore");
    throw Error(detail::sentence(name, " has class ", label, " at pixel ", detail::pixel_position(i, width), "; 0 to ",
                                 classes - 1, " are allowed", allowed, ". ", remedy.empty() ? own : remedy, "."));
  }
}

PIX2PIXHD_INLINE void check_same_size(const NamedSize& a, const NamedSize& b) {
  detail::require(a.width == b.width && a.height == b.height, a.name, " is ", a.width, "x", a.height, " pixels and ",
                  b.name, " is ", b.width, "x", b.height,
                  "; they must be of the same size. Resize one of them, maps by nearest neighbour.");
}

}  // namespace pix2pixhd::inline v0
