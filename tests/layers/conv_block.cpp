/// ConvBlock in all its shapes.

#include "layer_case.hpp"

using namespace tests;

namespace {

using enum Activation;

template <BlockShape S, int In = 3, int Out = 4>
using Block = ConvBlock<In, Out, S>;

}  // namespace

TEST_CASE("paddings, odd kernels") {
  check_contract<Block<BlockShape{}>>({2, 3, 5, 6});
  check_contract<Block<BlockShape{.kernel = 7, .pad = Pad::reflect}>>({1, 3, 8, 9});
  check_contract<Block<BlockShape{.kernel = 7, .pad = Pad::reflect}>>({1, 3, 4, 4});  // the smallest
  check_contract<Block<BlockShape{.kernel = 5, .pad = Pad::replicate}>>({1, 3, 2, 5});
  check_contract<Block<BlockShape{.kernel = 7}>>({1, 3, 2, 3});
  check_contract<Block<BlockShape{.kernel = 1, .pad = Pad::reflect}>>({1, 3, 4, 3});
}

TEST_CASE("strides and even kernels") {
  check_contract<Block<BlockShape{.stride = 2}>>({2, 3, 5, 8});
  check_contract<Block<BlockShape{.stride = 2, .pad = Pad::reflect}>>({1, 3, 6, 7});
  check_contract<Block<BlockShape{.stride = 3, .pad = Pad::replicate}>>({1, 3, 7, 8});
  check_contract<Block<BlockShape{.kernel = 1, .stride = 2}>>({1, 3, 5, 4});
  check_contract<Block<BlockShape{.kernel = 4, .stride = 2, .activation = leaky_relu}>>({1, 3, 5, 8});
  check_contract<Block<BlockShape{.kernel = 4, .norm = Norm::none, .activation = leaky_relu}>>({1, 3, 3, 4});
  check_contract<Block<BlockShape{.kernel = 4, .pad = Pad::reflect}>>({1, 3, 5, 4});
}

TEST_CASE("transposed") {
  check_contract<Block<BlockShape{.stride = 2, .transposed = true}>>({2, 3, 3, 4});
  check_contract<Block<BlockShape{.stride = 2, .transposed = true, .norm = Norm::none, .activation = none}>>(
      {1, 3, 2, 5});
  check_contract<Block<BlockShape{.kernel = 1, .stride = 2, .transposed = true}>>({1, 3, 3, 4});
  check_contract<Block<BlockShape{.kernel = 5, .stride = 3, .transposed = true, .norm = Norm::batch}>>({2, 3, 3, 2});
  check_contract<Block<BlockShape{.transposed = true}>>({1, 3, 4, 5});
}

TEST_CASE("resizing") {
  check_contract<Block<BlockShape{.pad = Pad::reflect, .resize = true}>>({2, 3, 3, 4});
  check_contract<Block<BlockShape{.resize = true}>>({1, 3, 4, 3});
  check_contract<Block<BlockShape{.kernel = 5, .pad = Pad::replicate, .resize = true, .norm = Norm::none}>>(
      {1, 3, 2, 3});
  check_contract<Block<BlockShape{.pad = Pad::reflect, .resize = true}>>({1, 3, 1, 2});  // reflects what was enlarged
}

TEST_CASE("norms and activations") {
  check_contract<Block<BlockShape{.activation = none}>>({2, 3, 5, 4});
  check_contract<Block<BlockShape{.activation = Activation::tanh}>>({2, 3, 5, 4});
  check_contract<Block<BlockShape{.norm = Norm::batch}>>({3, 3, 4, 5});
  check_contract<Block<BlockShape{.norm = Norm::batch, .activation = none}>>({2, 3, 4, 5});
  check_contract<Block<BlockShape{.norm = Norm::batch, .activation = leaky_relu}>>({1, 3, 4, 5});
  check_contract<Block<BlockShape{.norm = Norm::none}>>({2, 3, 4, 5});
  check_contract<Block<BlockShape{.norm = Norm::none, .activation = none}>>({2, 3, 4, 5});
  check_contract<
      Block<BlockShape{.kernel = 7, .pad = Pad::reflect, .norm = Norm::none, .activation = Activation::tanh}>>(
      {1, 3, 5, 6});
}

TEST_CASE("many channels, one channel, one pixel") {
  check_contract<Block<BlockShape{}, 17, 33>>({1, 17, 3, 4});
  check_contract<Block<BlockShape{.stride = 2, .transposed = true}, 18, 1>>({1, 18, 3, 2});
  check_contract<Block<BlockShape{.norm = Norm::none}, 1, 1>>({2, 1, 1, 1});
}

TEST_CASE("a bias under a norm exists and has gradient zero") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    ConvBlock<2, 3> block;
    randomise(on.device, block, 3);
    const auto arrays = named_arrays(block);
    REQUIRE(arrays[1].name == "model.0.bias");
    const Tensor x = normal_tensor(on.device, {1, 2, 5, 5});
    const auto y = detail::host_values(on.device, infer(on.device, block, x));
    *arrays[1].value = detail::device_values(on.device, {3, 1, 1, 1}, {5, 6, 7}, Role::parameter);
    CHECK(detail::host_values(on.device, infer(on.device, block, x)) == y);
    ConvBlock<2, 3>::Context<Mode::train> context;
    block.forward(on.device, x, context);
    block.backward(on.device, normal_tensor(on.device, {1, 3, 5, 5}), context, Need::both);
    CHECK(detail::host_values(on.device, *arrays[1].grad) == std::vector<double>{0, 0, 0});
  }
}

TEST_CASE("gradients are made by the first backward") {
  Device device = reference();
  ConvBlock<2, 3> block;
  initialize(device, block, 1);
  ConvBlock<2, 3>::Context<Mode::train> context;
  block.forward(device, normal_tensor(device, {1, 2, 4, 4}), context);
  for (const NamedArray& array : named_arrays(block)) CHECK(array.grad->empty());
  block.backward(device, normal_tensor(device, {1, 3, 4, 4}), context, Need::both);
  for (const NamedArray& array : named_arrays(block)) CHECK(array.grad->shape() == array.value->shape());
}

TEST_CASE("dynamic input channels") {
  Device device = reference();
  ConvBlock<dynamic, 3> unknown, block(5);
  check_says(sentence_of([&] { initialize(device, unknown, 1); }),
             {"model.0.weight", "number of input channels is not known", "constructor"});
  check_says(sentence_of([&] { input_channels(unknown); }), {"not known yet"});
  check_says(sentence_of([] { ConvBlock<dynamic, 3> none(0); }), {"0 input channels", "at least 1"});
  initialize(device, block, 1);
  CHECK(input_channels(block) == 5);
  CHECK(infer(device, block, normal_tensor(device, {1, 5, 4, 4})).shape() == Shape{1, 3, 4, 4});
  // Weights that are given decide.
  for (const NamedArray& array : named_arrays(block))
    for (const NamedArray& to : named_arrays(unknown))
      if (array.name == to.name) *to.value = *array.value;
  CHECK(input_channels(unknown) == 5);
}

TEST_CASE("a block that enlarges says how small a picture it reflects") {
  Device device = reference();
  ConvBlock<2, 3, BlockShape{.kernel = 7, .pad = Pad::reflect, .resize = true}> block;
  initialize(device, block, 1);
  check_says(sentence_of([&] { infer(device, block, normal_tensor(device, {1, 2, 1, 1})); }), {"at least 2"});
  CHECK(infer(device, block, normal_tensor(device, {1, 2, 2, 2})).shape() == Shape{1, 3, 4, 4});
}

TEST_CASE("errors are sentences") {
  Device device = reference(), other = reference();
  ConvBlock<2, 3, BlockShape{.kernel = 7, .pad = Pad::reflect}> block;
  using Context = ConvBlock<2, 3, BlockShape{.kernel = 7, .pad = Pad::reflect}>::Context<Mode::train>;
  Context context;
  const Tensor x = normal_tensor(device, {1, 2, 8, 8});
  check_says(sentence_of([&] { block.forward(device, x, context); }), {"no values yet", "initialize or load"});
  initialize(device, block, 1);
  check_says(sentence_of([&] { block.forward(device, Tensor(), context); }), {"empty tensor", "upload"});
  check_says(sentence_of([&] {
               block.forward(device, normal_tensor(device, {1, 5, 8, 8}), context);
             }),
             {"7x7 block of 2 to 3 channels", "given 5 channels", "give it 2"});
  check_says(sentence_of([&] {
               block.forward(device, normal_tensor(device, {1, 2, 3, 9}), context);
             }),
             {"9 x 3 pixels", "too small", "at least 4"});
  check_says(sentence_of([&] {
               block.forward(device, normal_tensor(other, {1, 2, 8, 8}), context);
             }),
             {"is on reference", "runs on another device of that name", "to(device, x)"});
  check_says(sentence_of([&] {
               block.forward(other, normal_tensor(other, {1, 2, 8, 8}), context);
             }),
             {"weight of a block", "initialize or load the network on the device"});
  const Tensor skip = normal_tensor(device, {1, 3, 8, 7});
  check_says(sentence_of([&] { block.forward(device, x, context, {.add = &skip}); }),
             {"1x3x8x7", "1x3x8x8", "same size"});
  const Tensor dy = normal_tensor(device, {1, 3, 8, 8});
  check_says(sentence_of([&] { block.backward(device, dy, context, Need::both); }), {"without a forward pass"});
  block.forward(device, x, context);
  check_says(sentence_of([&] { block.forward(device, x, context); }), {"still full", "run backward first"});
  check_says(sentence_of([&] {
               block.backward(device, normal_tensor(device, {1, 3, 8, 7}), context, Need::both);
             }),
             {"1x3x8x7", "1x3x8x8"});
}

TEST_CASE("a backward pass that runs out of memory leaves cleared gradients zeros") {
  const Shape shape{1, 2, 8, 8};
  Device device = reference({.budget = 16384});
  ConvBlock<2, 3> block;
  initialize(device, block, 1);
  zero_gradients(device, block);
  ConvBlock<2, 3>::Context<Mode::train> context;
  const Tensor x = normal_tensor(device, shape);
  const Tensor dy = normal_tensor(device, block.forward(device, x, context).shape());
  const std::size_t left = device.options().budget - device.memory().current();
  {
    const Tensor blocking = device.empty({1, 1, 1, static_cast<int>(left / sizeof(double))});
    CHECK_THROWS_AS(block.backward(device, dy, context, Need::both), OutOfMemory);
  }
  for (const NamedArray& array : named_arrays(block))
    CHECK(detail::largest(detail::host_values(device, *array.grad)) == 0);
}

TEST_CASE("values that are not finite leave running statistics alone") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    ConvBlock<2, 20, BlockShape{.norm = Norm::batch}> block;
    initialize(on.device, block, 1);
    const auto statistics = [&] {
      std::vector<std::vector<double>> values;
      for (const NamedArray& array : named_arrays(block))
        if (!array.grad) values.push_back(detail::host_values(on.device, *array.value));
      return values;
    };
    const auto train = [&](const Tensor& x) {
      decltype(block)::Context<Mode::train> context;
      resolve(on.device, block.forward(on.device, x, context));
    };
    const Tensor x = normal_tensor(on.device, {1, 2, 8, 8});
    train(x);
    const auto before = statistics();
    auto values = download(on.device, x);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      values(0, 1, 3, 4) = bad;
      train(upload(on.device, values));
      CHECK(statistics() == before);
    }
    train(x);
    CHECK(statistics() != before);
  }
}

TEST_CASE("arrays of a wrong size are an Error and not a crash") {
  Device device = reference();
  const Tensor x = normal_tensor(device, {1, 2, 8, 8});
  const auto with = [&](std::size_t which, const Shape& shape) {
    ConvBlock<2, 3, BlockShape{.norm = Norm::batch}> block;
    initialize(device, block, 1);
    *named_arrays(block)[which].value =
        detail::device_values(device, shape, std::vector<double>(shape.count(), 1.0), Role::parameter);
    return sentence_of([&] { infer(device, block, x); });
  };
  CHECK(with(0, {3, 2, 3, 3}) == "");
  check_says(with(0, {3, 2, 1, 1}), {"3x2x1x1"});
  check_says(with(1, {2, 1, 1, 1}), {"bias", "2x1x1x1", "3x1x1x1"});
  check_says(with(2, {2, 1, 1, 1}), {"2x1x1x1"});
  check_says(with(5, {4, 1, 1, 1}), {"4x1x1x1"});
}

TEST_CASE("gradients of another device or size are an Error") {
  Device device = reference(), other = reference();
  ConvBlock<2, 3> block;
  initialize(device, block, 1);
  const auto backward = [&](const Tensor& gradient) {
    *named_arrays(block)[0].grad = gradient;
    ConvBlock<2, 3>::Context<Mode::train> context;
    block.forward(device, normal_tensor(device, {1, 2, 4, 4}), context);
    return sentence_of([&] { block.backward(device, normal_tensor(device, {1, 3, 4, 4}), context, Need::both); });
  };
  check_says(backward(normal_tensor(other, {3, 2, 3, 3})), {"gradient", "is on reference"});
  check_says(backward(normal_tensor(device, {3, 2, 1, 1})), {"3x2x1x1", "3x2x3x3"});
}
