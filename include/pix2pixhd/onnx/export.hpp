#pragma once
/// Networks as ONNX files, for other programs to run.

#include <pix2pixhd/networks/describe.hpp>
#include <pix2pixhd/networks/visit.hpp>
#include <pix2pixhd/onnx/graph_backend.hpp>
#include <pix2pixhd/onnx/graph_inputs.hpp>
#include <pix2pixhd/onnx/model_file.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0 {

namespace detail {

/// Sides of the pass that is written down.
template <class Net>
Sides onnx_sides(Sides wanted) {
  constexpr int any_side = 256;  // deep enough for the networks here
  Sides sides = wanted == Sides{} ? Sides{any_side, any_side} : wanted;
  if constexpr (requires { Net::alignment; })
    sides = {aligned_side(sides.height, Net::alignment), aligned_side(sides.width, Net::alignment)};
  return sides;
}

/// Names the results of a pass: "output", or "output_i", "output_i_j" of arrays.
template <class Y, class Take>
void each_onnx_output(const Y& y, const std::string& name, Take&& take) {
  if constexpr (requires { y.shape(); })
    take(y, name);
  else
    for (std::size_t i = 0; i < y.size(); ++i) each_onnx_output(y[i], sentence(name, "_", i), take);
}

/// The pass that is written down. Error for a network that takes something else than a tensor.
template <class Net>
auto onnx_pass(Device& device, const Net& network, const Tensor& x) {
  typename Net::template Context<Mode::infer> context;
  if constexpr (requires { network.forward(device, x, context); }) {
    return network.forward(device, x, context);
  } else {
    require(false,
            "the network does not take a tensor of channels, as graphs of ONNX do; export the part of it that does, of "
            "a FeatureEncoder its `layers` (for the instance-wise means behind them there are no operators).");
    return Tensor();
  }
}

}  // namespace detail

/// The graph of a network's forward pass in Mode::infer. A network with an `alignment` (generators) takes any sides
/// larger than it, as infer does, and gives pictures of the same.
/// Throws Error if the network has no values, takes something else than a tensor (a FeatureEncoder: export its
/// `layers`), is to take pictures too small for one reflection, or does what ONNX graphs of this library have no
/// operators for (see OnnxBackend: without given sides, activations that a layer of one's own uploads), and where the
/// options do not fit its channels.
template <class Net>
OnnxGraph onnx_graph(const Net& network, const OnnxOptions& options = {}) {
  const bool free_sides = options.sides == Sides{};
  detail::require(free_sides || (options.sides.height > 0 && options.sides.width > 0), "an ONNX graph for pictures of ",
                  options.sides.width, " x ", options.sides.height,
                  " pixels was asked for; give both sides, or neither for any.");
  std::map<const Storage*, OnnxWeight> weights;
  for (const NamedArray& array : named_arrays(network)) {
    detail::require(!array.value->empty(), array.name, " has no values yet; initialize or load the network first.");
    weights[array.value->storage().get()] = {array.name, *array.value, array.info.rank};
  }
  const Sides sides = detail::onnx_sides<Net>(options.sides);
  int alignment = 0;
  if constexpr (requires { Net::alignment; })
    if (free_sides || !(sides == options.sides)) alignment = Net::alignment;
  const auto reflects_once = [](int side, int aligned) { return aligned - side < side; };
  detail::require(free_sides || (reflects_once(options.sides.height, sides.height) &&
                                 reflects_once(options.sides.width, sides.width)),
                  "pictures of ", options.sides.width, " x ", options.sides.height,
                  " pixels would have to be continued to ", sides.width, " x ", sides.height,
                  " for this network by more than one reflection, which ONNX does not do; both sides must be at least ",
                  alignment + 1, ".");

  OnnxGraph graph;
  const int channels = input_channels(network);
  detail::OnnxInput input(graph, options, channels, alignment);
  const auto backend = std::make_shared<OnnxBackend>(graph, std::move(weights), free_sides);
  Device device(backend);
  Tensor x = device.empty({1, channels, sides.height, sides.width});
  backend->bind(x, input.value());
  const auto y = detail::onnx_pass(device, network, x);
  detail::each_onnx_output(y, "output", [&](const Tensor& one, const std::string& name) {
    const Shape& shape = one.shape();
    OnnxPort port = input.port(name, OnnxType::f32, shape.c, "");
    if (!(Sides{shape.h, shape.w} == sides))  // smaller than the input
      for (const auto& [at, called, fixed] : {std::tuple(2, "_height", shape.h), std::tuple(3, "_width", shape.w)}) {
        if (free_sides)
          port.sides[static_cast<std::size_t>(at)] = name + called;
        else
          port.sides[static_cast<std::size_t>(at)] = std::int64_t{fixed};
      }
    graph.output(input.finished(backend->value_of_activation(one)), std::move(port));
  });
  return graph;
}

/// Writes a network as an ONNX file (opset 13) that computes what infer computes: whole or not at all. Weights are f32
/// under the network's names; the file's metadata are those of save().
/// Throws what onnx_graph throws, and Error if the file cannot be written or would be larger than the 2 GB that the
/// format can hold.
template <class Net>
void export_onnx(Device& device, const Net& network, const std::filesystem::path& path,
                 const OnnxOptions& options = {}) {
  Metadata metadata = describe(network);
  metadata.erase("format");  // of .safetensors files
  for (const auto& [key, value] : options.metadata) metadata[key] = value;
  detail::write_onnx(device, onnx_graph(network, options), path, metadata);
}

}  // namespace pix2pixhd::inline v0
