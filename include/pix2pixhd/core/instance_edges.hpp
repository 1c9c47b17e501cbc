#pragma once
/// Boundaries of instances.

#include <pix2pixhd/core/tensor.hpp>

#include <cstdint>

namespace pix2pixhd::inline v0 {

/// What a backend is besides, if it finds the boundaries of instances itself: copying ids takes less than comparing
/// them.
class EdgeMarker {
 public:
  virtual ~EdgeMarker() = default;
  /// `edges` becomes 1 where the id of a pixel differs from its left, right, upper or lower neighbour's, otherwise 0
  /// (paper, section 3.3). `ids`, on the host, and `edges`: a batch of planes.
  virtual void write_edges(const std::int32_t* ids, const Shape& plane, Storage& edges) = 0;
};

}  // namespace pix2pixhd::inline v0
