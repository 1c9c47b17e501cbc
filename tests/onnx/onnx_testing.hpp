#pragma once
/// What the tests of onnx/ share: which operators a graph consists of, and .onnx files read by ONNX's own library.

#include <pix2pixhd/onnx/export.hpp>
#include <pix2pixhd/pix2pixhd.hpp>

#include "store/store_testing.hpp"

#include <doctest/doctest.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace onnx_testing {

using namespace pix2pixhd;

/// "Pad Conv Relu": the operators of a graph in their order.
inline std::string operators(const OnnxGraph& graph) {
  std::string all;
  for (const OnnxNode& node : graph.nodes()) all += (all.empty() ? "" : " ") + node.operation;
  return all;
}

/// The only node of that operator.
inline const OnnxNode& the(const char* operation, const OnnxGraph& graph) {
  const auto is = [&](const OnnxNode& node) { return node.operation == operation; };
  REQUIRE(std::count_if(graph.nodes().begin(), graph.nodes().end(), is) == 1);
  return *std::find_if(graph.nodes().begin(), graph.nodes().end(), is);
}

template <class T>
const T& attribute(const OnnxNode& node, const std::string& name) {
  REQUIRE(node.attributes.contains(name));
  return std::get<T>(node.attributes.at(name));
}

/// The device of all networks here, which are small enough for the reference.
inline Device& the_device() {
  static Device device = reference();
  return device;
}

/// A network with values.
template <class Net>
Net made(Net network = {}) {
  initialize(the_device(), network, 7);
  return network;
}

/// A file as ONNX reads it, its shapes inferred, which is strict about every operator's inputs.
inline onnx::ModelProto read_model(const std::filesystem::path& path) {
  onnx::ModelProto model;
  REQUIRE(model.ParseFromString(store_testing::slurp(path)));
  onnx::checker::check_model(model);
  onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), {true, 1, true});
  return model;
}

}  // namespace onnx_testing
