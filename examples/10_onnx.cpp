// Example 10: a network of one's own for ONNX Runtime, OpenVINO and other programs that read ONNX.
//
// The forward pass is run on a backend that computes nothing and writes each operation down, so that whatever is
// composed of layers can be exported: here a stack like that of example 2, with a layer of one's own in it.

#include <pix2pixhd/onnx/export.hpp>
#include <pix2pixhd/pix2pixhd.hpp>

#include <filesystem>
#include <iostream>
#include <utility>

using namespace pix2pixhd;

constexpr int classes = 5;

// 2 x: a layer that calls an operation of the library, which every backend has, the one that writes down too.
struct Doubled {
  static constexpr int in_channels = any, out_channels = any;

  template <Mode M>
  struct Context {};

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>&, const Ask& = {}) const {
    const Tensor same = x;
    return add(device, std::move(x), same);
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>&, Need) {
    const Tensor same = dy;
    return add(device, std::move(dy), same);
  }
  void visit(Names&, Visitor&) {}
  bool has_trainable() const { return false; }
};

using Coarse = Sequential<Stem<classes, 16>, Downsample<16, 32>, Repeat<2, ResBlock<32>>, Upsample<32, 16>>;
using Front = Sequential<Stem<classes, 8>, Downsample<8, 16>, Doubled>;
using Back = Sequential<Repeat<1, ResBlock<16>>, Upsample<16, 8>>;
using Net = Sequential<Refine<Coarse, Front, Back>, Head<8, 3>>;

int main(int argc, char** argv) try {
  const std::filesystem::path file = argc > 1 ? argv[1] : "10_onnx.onnx";
  Device device = best_device();
  Net network;
  initialize(device, network, 1);

  // The graph as data: what there is, before it becomes a file. Labels go in as they are; the graph spells them out.
  const OnnxOptions options{.classes = classes, .sides = {.height = 128, .width = 256}};
  const OnnxGraph graph = onnx_graph(network, options);
  for (const OnnxPort& input : graph.inputs()) std::cout << "input " << input.name << ": " << input.meaning << '\n';
  for (const OnnxNode& node : graph.nodes()) std::cout << node.operation << ' ';
  std::cout << '\n';

  // The file, checked by ONNX's own library. Without .sides a file takes any size. Generators then extend it to what
  // they can halve; of this network, which has no `alignment`, the sides must be even, in the graph as in forward.
  export_onnx(device, network, file, options);
  std::cout << file.string() << ": " << std::filesystem::file_size(file) << " bytes\n";
  return 0;
} catch (const Error& error) {
  std::cerr << "10_onnx: " << error.what() << '\n';
  return 1;
}
