#pragma once
/// Whether a scene has the maps that the weights take.

#include <pix2pixhd/features/scene.hpp>

#include <string_view>

namespace tools::edit {

/// Empty where a scene has instances if the weights take them, and only then; else the beginning of a sentence that
/// says so, to be ended by what to do. No picture can be made of a scene that does not fit.
inline std::string_view instances_misfit(const pix2pixhd::Scene& scene, bool with_instances) {
  if (scene.instances.has_value() == with_instances) return {};
  return with_instances ? "These weights need an instance map too" : "These weights were made without instances";
}

}  // namespace tools::edit
