/// Networks as graphs of ONNX operators.

#include "onnx_testing.hpp"

#include <set>
#include <vector>

namespace {

using namespace onnx_testing;

template <BlockShape S>
OnnxGraph graph_of_block() {
  return onnx_graph(made<ConvBlock<4, 6, S>>());
}

TEST_CASE("a block becomes padding, convolution, norm and activation") {
  CHECK(operators(graph_of_block<BlockShape{.pad = Pad::reflect}>()) == "Pad Conv InstanceNormalization Relu Identity");
  CHECK(operators(graph_of_block<BlockShape{.norm = Norm::batch, .activation = Activation::leaky_relu}>()) ==
        "Conv BatchNormalization LeakyRelu Identity");
  CHECK(operators(graph_of_block<BlockShape{.norm = Norm::none, .activation = Activation::tanh}>()) ==
        "Conv Tanh Identity");
  CHECK(operators(graph_of_block<BlockShape{.norm = Norm::none, .activation = Activation::none}>()) == "Conv Identity");
  CHECK(operators(graph_of_block<BlockShape{.pad = Pad::replicate, .resize = true}>()) ==
        "Resize Pad Conv InstanceNormalization Relu Identity");
  CHECK(operators(graph_of_block<BlockShape{.stride = 2, .transposed = true}>()) ==
        "ConvTranspose InstanceNormalization Relu Identity");
}

TEST_CASE("geometry goes into attributes") {
  const OnnxGraph down = graph_of_block<BlockShape{.kernel = 5, .stride = 2}>();
  const OnnxNode& convolution = the("Conv", down);
  CHECK(attribute<OnnxIntegers>(convolution, "kernel_shape") == OnnxIntegers{5, 5});
  CHECK(attribute<OnnxIntegers>(convolution, "strides") == OnnxIntegers{2, 2});
  CHECK(attribute<OnnxIntegers>(convolution, "pads") == OnnxIntegers{2, 2, 2, 2});

  const OnnxGraph up = graph_of_block<BlockShape{.stride = 2, .transposed = true}>();
  CHECK(attribute<OnnxIntegers>(the("ConvTranspose", up), "output_padding") == OnnxIntegers{1, 1});

  const OnnxGraph edge = graph_of_block<BlockShape{.kernel = 7, .pad = Pad::replicate}>();
  CHECK(attribute<std::string>(the("Pad", edge), "mode") == "edge");
  CHECK(attribute<OnnxIntegers>(the("Conv", edge), "pads") == OnnxIntegers{0, 0, 0, 0});
}

TEST_CASE("the bias is there where no norm cancels it") {
  CHECK(the("Conv", graph_of_block<BlockShape{.norm = Norm::none}>()).inputs.size() == 3);
  CHECK(the("Conv", graph_of_block<BlockShape{.norm = Norm::batch}>()).inputs.size() == 3);  // in the running mean
  CHECK(the("Conv", graph_of_block<BlockShape{.norm = Norm::instance}>()).inputs.size() == 2);
}

TEST_CASE("weights keep their names, each is there once, and constants are shared") {
  const auto generator = made<Generator<1, GeneratorShape{.in = 5, .width = 8, .downsamples = 1, .blocks = 2}>>();
  const OnnxGraph graph = onnx_graph(generator);
  std::set<std::string> names;
  for (const OnnxWeight& weight : graph.weights()) CHECK(names.insert(weight.name).second);
  CHECK(names.contains("model.1.weight"));
  CHECK(names.contains("model1_2.7.weight"));
  CHECK(names.contains("model1_2.7.bias"));
  for (std::size_t i = 0; i < graph.constants().size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      CHECK_FALSE((graph.constants()[i].shape == graph.constants()[j].shape &&
                   graph.constants()[i].values == graph.constants()[j].values));
}

TEST_CASE("every value is computed once, and before it is read") {
  const auto generator = made<Generator<2, GeneratorShape{.in = 9, .width = 16, .downsamples = 1, .blocks = 1}>>();
  const OnnxGraph graph = onnx_graph(generator, {.classes = 5, .instances = true, .features = 3});
  std::set<std::string> known{""};
  for (const OnnxPort& port : graph.inputs()) CHECK(known.insert(port.name).second);
  for (const OnnxConstant& constant : graph.constants()) CHECK(known.insert(constant.name).second);
  for (const OnnxWeight& weight : graph.weights()) CHECK(known.insert(weight.name).second);
  for (const OnnxNode& node : graph.nodes()) {
    for (const std::string& input : node.inputs) CHECK_MESSAGE(known.contains(input), node.operation, " reads ", input);
    for (const std::string& output : node.outputs) CHECK(known.insert(output).second);
  }
  CHECK(known.contains("output"));
}

TEST_CASE("inputs are one tensor of channels, or labels, instances and features") {
  using Net = Generator<0, GeneratorShape{.in = 9, .width = 4, .downsamples = 1, .blocks = 1}>;
  const Net generator = made<Net>();
  const auto names = [&](const OnnxOptions& options) {
    std::string all;
    const OnnxGraph graph = onnx_graph(generator, options);
    for (const OnnxPort& port : graph.inputs()) all += port.name + " ";
    return all;
  };
  CHECK(names({}) == "input ");
  CHECK(names({.classes = 9}) == "labels ");
  CHECK(names({.classes = 8, .instances = true}) == "labels instances ");
  CHECK(names({.classes = 6, .features = 3}) == "labels features ");
  CHECK(names({.classes = 5, .instances = true, .features = 3}) == "labels instances features ");
}

TEST_CASE("a graph for given sides that the network takes has no continuation") {
  using Net = Generator<0, GeneratorShape{.in = 3, .width = 4, .downsamples = 2, .blocks = 1}>;
  const Net generator = made<Net>();
  CHECK(operators(onnx_graph(generator)).starts_with("Shape Slice"));
  CHECK(operators(onnx_graph(generator, {.sides = {16, 24}})).starts_with("Pad Conv"));
  CHECK(operators(onnx_graph(generator, {.sides = {16, 26}})).starts_with("Shape Slice"));
  const OnnxPort port = onnx_graph(generator, {.sides = {16, 26}}).outputs().front();
  CHECK(port.sides == decltype(port.sides){std::int64_t{1}, std::int64_t{3}, std::int64_t{16}, std::int64_t{26}});
}

TEST_CASE("what does not fit is refused") {
  using Net = Generator<0, GeneratorShape{.in = 9, .width = 4, .downsamples = 1, .blocks = 1}>;
  const Net generator = made<Net>();
  CHECK_THROWS_WITH_AS(onnx_graph(generator, {.classes = 8}),
                       "the network takes 9 channels, but 8 classes, no instances and 0 features are 8.", Error);
  CHECK_THROWS_WITH_AS(onnx_graph(generator, {.classes = 9, .instances = true}),
                       "the network takes 9 channels, but 9 classes, instance boundaries and 0 features are 10.",
                       Error);
  CHECK_THROWS_WITH_AS(onnx_graph(generator, {.instances = true}), doctest::Contains("give the number of classes"),
                       Error);
  CHECK_THROWS_WITH_AS(onnx_graph(generator, {.sides = {0, 5}}), doctest::Contains("give both sides"), Error);
  CHECK_THROWS_WITH_AS(onnx_graph(generator, {.sides = {2, 8}}), doctest::Contains("both sides must be at least 3"),
                       Error);
  CHECK_NOTHROW(onnx_graph(generator, {.sides = {3, 8}}));
  CHECK_THROWS_WITH_AS(onnx_graph(Net{}), doctest::Contains("has no values yet"), Error);
}

/// Instance-wise means of a tensor.
struct Means {
  static constexpr int in_channels = 3;
  template <Mode M>
  struct Context {};
  template <Mode M>
  Tensor forward(Device& device, const Tensor& x, Context<M>&) const {
    Tensor y = device.empty(x.shape());
    device.backend().instance_mean(x, InstanceMap{}, y);
    return y;
  }
  void visit(Names&, Visitor&) {}
};

TEST_CASE("the encoder's instance-wise means have no operators") {
  CHECK_THROWS_WITH_AS(onnx_graph(Means{}), doctest::Contains("an instance-wise mean"), Error);
}

TEST_CASE("an encoder, which takes more than a tensor, is refused; its layers are not") {
  const store_testing::TemporaryFolder folder;
  const auto encoder = made<FeatureEncoder<EncoderShape{.width = 4, .downsamples = 1}>>();
  CHECK_THROWS_WITH_AS(export_onnx(the_device(), encoder, folder / "e.onnx"),
                       doctest::Contains("of a FeatureEncoder its `layers`"), Error);
  CHECK(folder.count() == 0);
  CHECK(operators(onnx_graph(encoder.layers)).ends_with("Conv Tanh Identity"));
}

/// Adds values of its own to each pixel.
struct Offset {
  static constexpr int in_channels = 3;
  template <Mode M>
  struct Context {};
  template <Mode M>
  Tensor forward(Device& device, const Tensor& x, Context<M>&) const {
    return add(device, x, upload<double>(device, x.shape(), std::vector<double>(x.shape().count(), 0.5)));
  }
  void visit(Names&, Visitor&) {}
};

/// A convolution with fixed weights.
struct Blur {
  static constexpr int in_channels = 3;
  template <Mode M>
  struct Context {};
  template <Mode M>
  Tensor forward(Device& device, const Tensor& x, Context<M>&) const {
    const auto values = [&](const Shape& shape) {
      return upload<double>(device, shape, std::vector<double>(shape.count(), 0.25), Role::parameter);
    };
    ConvBlockArrays arrays;
    arrays.weight.value = values({3, 3, 3, 3});
    arrays.bias.value = values({3, 1, 1, 1});
    return conv_block(device, x, arrays, ConvBlock<3, 3>::spec, {}, nullptr);
  }
  void visit(Names&, Visitor&) {}
};

TEST_CASE("an activation that a layer uploads has one size, which must be given; a weight serves all") {
  CHECK_THROWS_WITH_AS(onnx_graph(Offset{}), doctest::Contains("say in OnnxOptions::sides which size"), Error);
  const OnnxGraph graph = onnx_graph(Offset{}, {.sides = {8, 12}});
  CHECK(operators(graph) == "Add Identity");
  REQUIRE(graph.constants().size() == 1);
  CHECK(graph.constants().front().shape == OnnxIntegers{1, 3, 8, 12});
  CHECK(operators(onnx_graph(Blur{})) == "Conv InstanceNormalization Relu Identity");
}

}  // namespace
