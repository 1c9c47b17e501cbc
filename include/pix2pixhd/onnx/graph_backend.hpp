#pragma once
/// A backend that computes nothing and writes down what a forward pass does.

#include <pix2pixhd/core/backend.hpp>
#include <pix2pixhd/onnx/graph.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Appends the operators of ONNX that compute a pass in Mode::infer to a graph. No operator depends on the sides of the
/// pictures that the pass runs with, so that the graph serves others.
///
/// Throws Error for what has no such operators: semantic maps (give the network the tensor of their channels), instance
/// means, continuation to other sides, gradients and losses; and, in a graph for pictures of any sides, for activations
/// that a layer uploads, which are there in the sides of the pass alone.
class OnnxBackend final : public Backend {
 public:
  /// The graph must outlive the pass. `weights`: what of the network's arrays is called how. `free_sides`: the graph is
  /// for pictures of any sides.
  OnnxBackend(OnnxGraph& graph, std::map<const Storage*, OnnxWeight> weights, bool free_sides)
      : Backend(DeviceOptions{}), graph_(graph), weights_(std::move(weights)), free_sides_(free_sides) {}

  std::string name() const override { return "onnx"; }
  std::string description() const override { return "writes an ONNX graph"; }
  Format format(const Shape&, Role) const override { return {}; }
  bool accepts(const Backend&) const override { return true; }  // weights lie on other devices

  /// Binds a tensor to a value of the graph, and says to which one it is bound.
  void bind(const Tensor& x, std::string value) { values_[x.storage()->id()] = std::move(value); }
  std::string value_of(const Tensor& x) {
    const auto value = values_.find(x.storage()->id());
    if (value != values_.end()) return value->second;
    const auto weight = weights_.find(x.storage().get());
    detail::require(weight != weights_.end(), "a tensor of ", to_string(x.shape()),
                    " is neither a weight of the network nor made by its pass; it cannot be put into an ONNX graph.");
    std::string name = graph_.weight(weight->second);
    bind(x, name);
    return name;
  }
  /// The same of an activation.
  std::string value_of_activation(const Tensor& x) {
    std::string value = value_of(x);
    detail::require(!free_sides_ || !uploaded_.contains(value), "the pass uploads an activation of ",
                    to_string(x.shape()),
                    ", which would be a constant of the ONNX graph and fit pictures of one size alone; say in "
                    "OnnxOptions::sides which size that is.");
    return value;
  }

  /// Values that a layer makes by itself become a constant.
  void write(Tensor& y, const void* values, DataType type) override {
    const Shape& shape = y.shape();
    std::vector<float> copy(shape.count());
    for (std::size_t i = 0; i < copy.size(); ++i)
      copy[i] = type == DataType::f64 ? static_cast<float>(static_cast<const double*>(values)[i])
                                      : static_cast<const float*>(values)[i];
    std::string constant = graph_.constant({shape.n, shape.c, shape.h, shape.w}, copy);
    uploaded_.insert(constant);
    bind(y, std::move(constant));
  }

  void conv_block(const ConvBlockCall& call) override {
    refuse(call.x->map.has_value(), "a semantic map; give the network the tensor of its channels");
    std::string y = convolved(call, value_of_activation(call.x->tensor));
    y = activated(normalised(call, std::move(y)), call.activation);
    bind(call.raw, y);
    if (call.skip) y = graph_.add("Add", {y, value_of_activation(*call.skip)});
    if (!call.y.empty()) bind(call.y, std::move(y));
  }
  void normalise(const Normalise& call) override {
    refuse(call.statistics, "a normalisation outside of a block");
    std::string y = activated(value_of_activation(*call.x), call.activation);
    if (call.skip) y = graph_.add("Add", {y, value_of_activation(*call.skip)});
    bind(call.y, std::move(y));
  }
  void add(const Tensor& a, const Tensor& b, Tensor& y) override {
    bind(y, graph_.add("Add", {value_of_activation(a), value_of_activation(b)}));
  }
  void pool(const Tensor& x, Pooling pooling, Tensor& y) override {
    const OnnxIntegers stride{2, 2};
    if (pooling == Pooling::max2)
      bind(y, graph_.add("MaxPool", {value_of_activation(x)},
                         {{"kernel_shape", OnnxIntegers{2, 2}}, {"strides", stride}}));
    else
      bind(y, graph_.add("AveragePool", {value_of_activation(x)},
                         {{"kernel_shape", OnnxIntegers{3, 3}},
                          {"strides", stride},
                          {"pads", OnnxIntegers{1, 1, 1, 1}},
                          {"count_include_pad", std::int64_t{0}}}));
  }

  void instance_mean(const Tensor&, const InstanceMap&, Tensor&) override {
    refuse(true, "an instance-wise mean; export what comes before it");
  }
  void extend(const Tensor&, Tensor&) override {
    refuse(true, "a continuation to sides of the picture at hand; call forward, not infer, in the network");
  }
  void extend_plane(const Storage&, const Shape&, Storage&, const Shape&) override { refuse(true, "a semantic map"); }
  void read(const Tensor&, void*, DataType) override { refuse(true, "values that are read on the host"); }
  void read_bytes(const Storage&, void*, std::size_t) override { refuse(true, "values that are read on the host"); }
  void write_bytes(Storage&, const void*, std::size_t) override { refuse(true, "bytes that are written by the host"); }
  void convolve(const Convolution&) override { refuse(true, "a convolution outside of a block"); }
  void statistics(const Statistics&) override { refuse(true, "statistics outside of a block"); }
  void conv_block_backward(const ConvBlockBackwardCall&) override { refuse_gradient(); }
  void convolve_backward_data(const ConvolutionBackwardData&) override { refuse_gradient(); }
  void convolve_backward_weights(const ConvolutionBackwardWeights&) override { refuse_gradient(); }
  void normalise_backward(const NormaliseBackward&) override { refuse_gradient(); }
  void pool_backward(const Tensor&, const Tensor&, Pooling, Tensor&) override { refuse_gradient(); }

 protected:
  std::shared_ptr<void> allocate_bytes(std::size_t) override { return nullptr; }

 private:
  static void refuse(bool wrong, const char* what) {
    detail::require(!wrong, "the pass contains ", what, "; an ONNX graph of this library has no operators for that.");
  }
  static void refuse_gradient() { refuse(true, "a gradient"); }

  /// Enlarged, padded, convolved.
  std::string convolved(const ConvBlockCall& call, std::string x) {
    const ConvGeometry& geometry = call.geometry;
    const std::int64_t kernel = geometry.kernel, stride = geometry.stride, padding = geometry.padding;
    if (geometry.enlarge > 1) {
      const auto factor = static_cast<float>(geometry.enlarge);
      x = graph_.add(
          "Resize", {x, "", graph_.floats({1, 1, factor, factor})},
          {{"mode", "nearest"}, {"nearest_mode", "floor"}, {"coordinate_transformation_mode", "asymmetric"}});
    }
    const bool zeros = geometry.pad == Pad::zero;
    if (!zeros && padding > 0)
      x = graph_.add("Pad", {x, graph_.integers({0, 0, padding, padding, 0, 0, padding, padding})},
                     {{"mode", geometry.pad == Pad::reflect ? "reflect" : "edge"}});
    const std::int64_t around = zeros ? padding : 0;
    OnnxAttributes attributes{{"kernel_shape", OnnxIntegers{kernel, kernel}},
                              {"strides", OnnxIntegers{stride, stride}},
                              {"pads", OnnxIntegers(4, around)}};
    if (geometry.transposed) attributes["output_padding"] = OnnxIntegers{stride - 1, stride - 1};
    std::vector<std::string> inputs{x, value_of(*call.weight)};
    // An instance norm cancels the bias; the running mean of a batch norm contains it.
    const Tensor* const bias = call.norm.kind == Norm::batch ? call.norm.bias : call.bias;
    if (bias) inputs.push_back(value_of(*bias));
    return graph_.add(geometry.transposed ? "ConvTranspose" : "Conv", std::move(inputs), std::move(attributes));
  }

  std::string normalised(const ConvBlockCall& call, std::string x) {
    const OnnxAttributes epsilon{{"epsilon", static_cast<float>(norm_epsilon)}};
    const Normalisation& norm = call.norm;
    if (norm.kind == Norm::instance) {
      const auto channels = static_cast<std::size_t>(call.raw.shape().c);
      return graph_.add(
          "InstanceNormalization",
          {x, graph_.floats(std::vector<float>(channels, 1)), graph_.floats(std::vector<float>(channels, 0))}, epsilon);
    }
    if (norm.kind == Norm::batch) {
      refuse(!norm.use_running, "a batch norm that is being trained");
      return graph_.add("BatchNormalization",
                        {x, value_of(*norm.scale), value_of(*norm.shift), value_of(*norm.running_mean),
                         value_of(*norm.running_variance)},
                        epsilon);
    }
    return x;
  }

  std::string activated(std::string x, Activation activation) {
    switch (activation) {
      case Activation::relu:
        return graph_.add("Relu", {x});
      case Activation::leaky_relu:
        return graph_.add("LeakyRelu", {x}, {{"alpha", static_cast<float>(leaky_slope)}});
      case Activation::tanh:
        return graph_.add("Tanh", {x});
      case Activation::none:
        break;
    }
    return x;
  }

  OnnxGraph& graph_;
  std::map<const Storage*, OnnxWeight> weights_;
  bool free_sides_;
  std::set<std::string> uploaded_;               ///< constants of values that a layer made by itself
  std::map<std::uint64_t, std::string> values_;  ///< by Storage::id(): an address may come back, an id does not
};

}  // namespace pix2pixhd::inline v0
