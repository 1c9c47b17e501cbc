#pragma once
/// What the allocations of a pass depend on.

#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/core/tensor.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>

#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Equal for inputs on which a network asks its device for the same: sizes, and the form that they come in.
using PassKey = std::vector<int>;

inline PassKey key_of(const Tensor& x) {
  const Shape& s = x.shape();
  return {0, s.n, s.c, s.h, s.w, x.pending() ? 1 : 0};
}
inline PassKey key_of(const SemanticMap& x) {
  const Shape s = x.shape();
  const Shape& plane = x.plane();  // the labels' own size: several have one at a level
  PassKey key{1, s.n, s.c, s.h, s.w, x.classes(), x.has_edges() ? 1 : 0, x.level(), plane.h, plane.w};
  for (const Tensor& part : x.parts()) {
    key.push_back(part.shape().c);
    key.push_back(part.pending() ? 1 : 0);
  }
  return key;
}
inline PassKey key_of(const EncoderInput& x) {
  PassKey key = key_of(x.image);
  key[0] = 2;
  return key;
}

}  // namespace pix2pixhd::inline v0::detail
