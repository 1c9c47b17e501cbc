#pragma once
/// A computation in the operators of the ONNX standard, apart from its file format.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Types of elements, as far as the networks need them.
enum class OnnxType { f32, u8, i32, i64 };

/// Integers of a graph: the sides of an array, or the values of one.
using OnnxIntegers = std::vector<std::int64_t>;
/// What the standard calls an attribute: a fixed setting of an operator, as the strides of a convolution.
using OnnxAttribute = std::variant<std::int64_t, float, std::string, OnnxIntegers, OnnxType>;
/// Attributes by the names that the standard gives them.
using OnnxAttributes = std::map<std::string, OnnxAttribute>;

/// One application of an operator. An empty name among the inputs stands for an optional one that is left out.
struct OnnxNode {
  std::string operation;
  std::vector<std::string> inputs, outputs;
  OnnxAttributes attributes = {};
};

/// What goes into a graph or comes out of it. A side is a number, or a name for one that is known when the graph runs.
struct OnnxPort {
  std::string name;
  OnnxType type = OnnxType::f32;
  std::vector<std::variant<std::int64_t, std::string>> sides = {};
  std::string meaning = {};  ///< for people
};

/// An array that belongs to the graph.
struct OnnxConstant {
  std::string name;
  OnnxIntegers shape = {};
  std::variant<OnnxIntegers, std::vector<float>> values;
};

/// An array of a network, whose values stay where they are until the graph is written.
struct OnnxWeight {
  std::string name;
  Tensor value = {};
  int rank = 4;
};

/// Nodes in the order in which they are computed. Values are known by name; each is made once.
class OnnxGraph {
 public:
  /// Adds a node of one result, and returns the result's name.
  std::string add(const std::string& operation, std::vector<std::string> inputs, OnnxAttributes attributes = {}) {
    std::string result = detail::sentence(operation, "_", nodes_.size());
    nodes_.push_back({operation, std::move(inputs), {result}, std::move(attributes)});
    return result;
  }

  /// An array of integers, or of floats; one that is there already serves again.
  std::string integers(const OnnxIntegers& values) {
    return constant({static_cast<std::int64_t>(values.size())}, values);
  }
  std::string floats(const std::vector<float>& values) {
    return constant({static_cast<std::int64_t>(values.size())}, values);
  }
  std::string integer(std::int64_t value) { return constant({}, OnnxIntegers{value}); }
  std::string constant(const OnnxIntegers& shape, const std::variant<OnnxIntegers, std::vector<float>>& values) {
    for (const OnnxConstant& known : constants_)
      if (known.shape == shape && known.values == values) return known.name;
    constants_.push_back({detail::sentence("constant_", constants_.size()), shape, values});
    return constants_.back().name;
  }

  /// Both return the name.
  std::string input(OnnxPort port) { return inputs_.emplace_back(std::move(port)).name; }
  std::string weight(OnnxWeight weight) { return weights_.emplace_back(std::move(weight)).name; }

  /// Makes a value a result of the graph, under the port's name: by a node, since others may read the value too.
  void output(const std::string& value, OnnxPort port) {
    nodes_.push_back({"Identity", {value}, {port.name}});
    outputs_.push_back(std::move(port));
  }

  const std::vector<OnnxNode>& nodes() const { return nodes_; }
  const std::vector<OnnxConstant>& constants() const { return constants_; }
  const std::vector<OnnxWeight>& weights() const { return weights_; }
  const std::vector<OnnxPort>& inputs() const { return inputs_; }
  const std::vector<OnnxPort>& outputs() const { return outputs_; }

 private:
  std::vector<OnnxNode> nodes_;
  std::vector<OnnxConstant> constants_;
  std::vector<OnnxWeight> weights_;
  std::vector<OnnxPort> inputs_, outputs_;
};

}  // namespace pix2pixhd::inline v0
