#pragma once
/// Any size in, the same size out, in an ONNX graph.

#include <pix2pixhd/onnx/graph.hpp>

#include <cstdint>
#include <string>

namespace pix2pixhd::inline v0::detail {

/// Continuation of pictures by reflection to sides that a network takes, and back, by operators on the sides that the
/// graph is given when it runs. ONNX reflects once: a side must be larger than the alignment.
class OnnxAlignment {
 public:
  /// `picture`: a value of shape [N, C, H, W] whose sides are those of all inputs.
  OnnxAlignment(OnnxGraph& graph, const std::string& picture, int alignment) : graph_(graph) {
    const std::int64_t unit = alignment;
    sides_ = graph.add("Slice", {graph.add("Shape", {picture}), graph.integers({2}), graph.integers({4})});
    // aligned = max(2 unit, (sides + unit - 1) / unit * unit)
    const std::string step = graph.integers({unit});
    const std::string count = graph.add("Div", {graph.add("Add", {sides_, graph.integers({unit - 1})}), step});
    const std::string aligned = graph.add("Max", {graph.add("Mul", {count, step}), graph.integers({2 * unit})});
    // Pads are what is added before each dimension, then what is added behind.
    pads_ = graph.add("Concat", {graph.integers({0, 0, 0, 0, 0, 0}), graph.add("Sub", {aligned, sides_})},
                      {{"axis", std::int64_t{0}}});
  }

  std::string extend(const std::string& x) { return graph_.add("Pad", {x, pads_}, {{"mode", "reflect"}}); }
  std::string crop(const std::string& y) {
    return graph_.add("Slice", {y, graph_.integers({0, 0}), sides_, graph_.integers({2, 3})});
  }

 private:
  OnnxGraph& graph_;
  std::string sides_, pads_;
};

}  // namespace pix2pixhd::inline v0::detail
