#pragma once
/// Whether anything in a layer learns.

#include <pix2pixhd/core/parameter.hpp>

#include <concepts>

namespace pix2pixhd::inline v0 {

/// True if the layer has a parameter that is trainable. Layers may answer by a member of the same name, which saves
/// visiting them.
template <class L>
bool has_trainable(const L& layer) {
  if constexpr (requires {
                  { layer.has_trainable() } -> std::convertible_to<bool>;
                }) {
    return layer.has_trainable();
  } else {
    struct Search : Visitor {
      bool found = false;
      void parameter(const std::string&, Parameter& parameter, const ParameterInfo&) override {
        found = found || parameter.trainable;
      }
      void buffer(const std::string&, Buffer&, const ParameterInfo&) override {}
    } search;
    Names names;
    const_cast<L&>(layer).visit(names, search);  // the visitor only looks
    return search.found;
  }
}

}  // namespace pix2pixhd::inline v0
