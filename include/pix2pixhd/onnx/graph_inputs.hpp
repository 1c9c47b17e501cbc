#pragma once
/// What an exported network is given: label maps become channels, or there is one input of all channels.

#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/onnx/graph_alignment.hpp>
#include <pix2pixhd/ops/extend.hpp>
#include <pix2pixhd/store/tensor_file_base.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// What an exported network is given, and what the file says of it.
struct OnnxOptions {
  /// 0: one input "input", float32 [N, C, H, W], all channels of the network. More: "labels", uint8 [N, H, W]; the
  /// graph spells them out, and a label that is no class is zeros.
  int classes = 0;
  /// A label that stands for no class although it may be below `classes`.
  std::optional<int> ignore = {};
  /// Behind the classes comes the map of instance boundaries, made from "instances", int32 [N, H, W].
  bool instances = false;
  /// Behind these come channels of "features", float32 [N, features, H, W].
  int features = 0;
  /// Of all pictures that the graph will be given, one at a time; {0, 0}: any, any number of them.
  Sides sides = {};
  /// Beside what describe() says.
  Metadata metadata = {};
};

namespace detail {

/// 1 where an id differs from its left, right, upper or lower neighbour's, otherwise 0: [N, H, W] to [N, 1, H, W].
inline std::string onnx_boundaries(OnnxGraph& graph, const std::string& instances) {
  constexpr std::int64_t end = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> marks;
  for (const std::int64_t axis : {1, 2}) {
    const std::string axes = graph.integers({axis});
    const std::string later = graph.add("Slice", {instances, graph.integers({1}), graph.integers({end}), axes});
    const std::string earlier = graph.add("Slice", {instances, graph.integers({0}), graph.integers({-1}), axes});
    const std::string differs =
        graph.add("Cast", {graph.add("Not", {graph.add("Equal", {earlier, later})})}, {{"to", OnnxType::f32}});
    for (const std::int64_t side : {0, 3}) {  // the mark of a pair belongs to both of its pixels
      OnnxIntegers pads(6, 0);
      pads[static_cast<std::size_t>(side + axis)] = 1;
      marks.push_back(graph.add("Pad", {differs, graph.integers(pads)}));
    }
  }
  return graph.add("Unsqueeze", {graph.add("Max", marks), graph.integers({1})});
}

/// Labels [N, H, W] of 64 bits to channels [N, classes, H, W]. A label that is no class is zeros in every channel.
inline std::string onnx_one_hot(OnnxGraph& graph, const std::string& labels, int classes) {
  return graph.add("OneHot", {labels, graph.integer(classes), graph.floats({0, 1})}, {{"axis", std::int64_t{1}}});
}

/// Labels of 64 bits, of which `ignore` is replaced by one that is no class.
inline std::string onnx_without(OnnxGraph& graph, const std::string& labels, int ignore) {
  const std::string ignored = graph.add("Equal", {labels, graph.integer(ignore)});
  return graph.add("Where", {ignored, graph.integer(no_class), labels});
}

/// The inputs of a graph, and the value with all channels that the network reads.
class OnnxInput {
 public:
  /// `alignment`: of the sides that the network takes; 0: it takes all, or those that will be given.
  OnnxInput(OnnxGraph& graph, const OnnxOptions& options, int channels, int alignment)
      : graph_(graph), options_(options), alignment_(alignment) {
    require(options.classes > 0 || (!options.instances && options.features == 0),
            "instance boundaries and features in an ONNX graph stand behind the classes of labels; give the number of "
            "classes, or nothing of the three for one input of all channels.");
    const int given = options.classes + (options.instances ? 1 : 0) + options.features;
    require(options.classes == 0 || given == channels, "the network takes ", channels, " channels, but ",
            options.classes, " classes, ", options.instances ? "instance boundaries" : "no instances", " and ",
            options.features, " features are ", given, ".");
    const int features = options.classes > 0 ? options.features : channels;
    std::vector<std::string> parts;
    if (options.classes > 0) {
      std::string labels = graph.add(
          "Cast",
          {graph.input(port("labels", OnnxType::u8, 0, "class of each pixel; others than the classes stand for none"))},
          {{"to", OnnxType::i64}});
      if (alignment > 0) {  // one plane is less to continue than all channels
        const std::string channel = graph.integers({1});
        labels = graph.add("Squeeze", {aligned(graph.add("Unsqueeze", {labels, channel})), channel});
      }
      if (options.ignore) labels = onnx_without(graph, labels, *options.ignore);
      parts.push_back(onnx_one_hot(graph, labels, options.classes));
    }
    if (options.instances)
      parts.push_back(aligned(
          onnx_boundaries(graph, graph.input(port("instances", OnnxType::i32, 0, "which object a pixel belongs to")))));
    if (features > 0)
      parts.push_back(aligned(
          graph.input(options.classes > 0
                          ? port("features", OnnxType::f32, features, "of each pixel, from the encoder or its clusters")
                          : port("input", OnnxType::f32, features, "channels of the network"))));
    value_ = parts.size() == 1 ? parts.front() : graph.add("Concat", parts, {{"axis", std::int64_t{1}}});
  }

  const std::string& value() const { return value_; }
  /// A result of the network as one of the pictures that were given.
  std::string finished(const std::string& y) { return aligned_ ? aligned_->crop(y) : y; }

  /// [N, H, W], or with channels [N, channels, H, W].
  OnnxPort port(const std::string& name, OnnxType type, int channels, const std::string& meaning) const {
    OnnxPort result{name, type, {}, meaning};
    const bool free_sides = options_.sides == Sides{};
    const auto side = [&](const char* called, int fixed) {
      if (free_sides)
        result.sides.emplace_back(std::string(called));
      else
        result.sides.emplace_back(std::int64_t{fixed});
    };
    side("batch", 1);
    if (channels > 0) result.sides.emplace_back(std::int64_t{channels});
    side("height", options_.sides.height);
    side("width", options_.sides.width);
    return result;
  }

 private:
  /// A part [N, C, H, W] at sides that the network takes.
  std::string aligned(const std::string& part) {
    if (alignment_ == 0) return part;
    if (!aligned_) aligned_.emplace(graph_, part, alignment_);
    return aligned_->extend(part);
  }

  OnnxGraph& graph_;
  const OnnxOptions& options_;
  int alignment_;
  std::optional<OnnxAlignment> aligned_;  ///< none: the network takes the sides that will be given
  std::string value_;
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0
