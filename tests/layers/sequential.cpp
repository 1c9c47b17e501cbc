/// Layers one after the other.

#include "layer_case.hpp"

using namespace tests;

namespace {

using Chain = Sequential<ConvBlock<3, 4, BlockShape{.kernel = 4, .norm = Norm::none}>, AveragePool, ResBlock<4>,
                         Repeat<0, ResBlock<4>>, Upsample<4, 2>>;

}  // namespace

TEST_CASE("chains keep the rules") {
  check_contract<Chain>({2, 3, 6, 7});
  check_contract<Sequential<ConvBlock<2, 3>>>({1, 2, 4, 5});
  check_contract<Sequential<Sequential<ConvBlock<2, 3>>, Sequential<ConvBlock<3, 2>, MaxPool>>>({1, 2, 4, 6});
  check_contract<Sequential<AveragePool, ConvBlock<2, 3>>>({1, 2, 5, 6});
  check_contract<Sequential<AveragePool, AveragePool>>({1, 2, 5, 6});
  check_contract<Sequential<Upsample<3, 2, Norm::batch, Upsampling::resize>, Head<2, 3>>>({1, 3, 4, 5});
}

TEST_CASE("channels pass through layers that keep them") {
  static_assert(Chain::in_channels == 3 && Chain::out_channels == 2);
  static_assert(Sequential<AveragePool, ConvBlock<3, 4>, AveragePool>::in_channels == 3);
  static_assert(Sequential<AveragePool, ConvBlock<3, 4>, AveragePool>::out_channels == 4);
  static_assert(Sequential<AveragePool>::in_channels == pix2pixhd::any);
  static_assert(Sequential<AveragePool>::out_channels == pix2pixhd::any);
  static_assert(Sequential<ConvBlock<dynamic, 4>>::in_channels == dynamic);
}

TEST_CASE("a frozen front saves nothing and stops backward") {
  Device device = reference();
  Sequential<ConvBlock<3, 4>, ConvBlock<4, 4>, ConvBlock<4, 2>> chain;
  randomise(device, chain, 1);
  const Shape shape{1, 3, 6, 5};
  auto& [first, second, last] = chain.layers;
  const std::size_t all = saved_bytes(device, chain, shape, Need::parameters);
  const std::size_t one = saved_bytes(device, last, {1, 4, 6, 5}, Need::parameters);
  set_trainable(first, false);
  const std::size_t two = saved_bytes(device, chain, shape, Need::parameters);
  set_trainable(second, false);
  CHECK(saved_bytes(device, chain, shape, Need::parameters) == one);
  CHECK(two > one);
  CHECK(all > two);
  set_trainable(last, false);
  CHECK(saved_bytes(device, chain, shape, Need::parameters) == 0);

  // In the middle: its own gradients are left out, those in front of it come through it.
  set_trainable(first, true);
  set_trainable(last, true);
  decltype(chain)::Context<Mode::train> context;
  chain.forward(device, normal_tensor(device, shape), context, {.need = Need::parameters});
  chain.backward(device, normal_tensor(device, {1, 2, 6, 5}), context, Need::parameters);
  CHECK(detail::largest(detail::host_values(device, *named_arrays(first)[0].grad)) > 0);
  CHECK(named_arrays(second)[0].grad->empty());
}

TEST_CASE("a chain can be built from its layers or from a number of channels") {
  Device device = reference();
  ConvBlock<2, 3> block;
  initialize(device, block, 4);
  const auto weights = detail::host_values(device, *named_arrays(block)[0].value);
  Sequential<ConvBlock<2, 3>, AveragePool> chain(std::move(block), AveragePool{});
  CHECK(detail::host_values(device, *named_arrays(chain)[0].value) == weights);
  Sequential<ConvBlock<dynamic, 3>, ConvBlock<3, 2>> open(6);
  CHECK(input_channels(open) == 6);
}

TEST_CASE("names count on through the chain") {
  Chain chain;
  std::vector<std::string> names;
  for (const NamedArray& array : named_arrays(chain)) names.push_back(array.name);
  CHECK(names == std::vector<std::string>{"model.0.weight", "model.0.bias", "model.3.conv_block.1.weight",
                                          "model.3.conv_block.1.bias", "model.3.conv_block.5.weight",
                                          "model.3.conv_block.5.bias", "model.4.weight", "model.4.bias"});
}

TEST_CASE("a network without backward in it is refused in the chain's words") {
  Device device = reference();
  Chain chain;
  randomise(device, chain, 1);
  Chain::Context<Mode::train> context;
  check_says(sentence_of([&] {
               chain.backward(device, normal_tensor(device, {1, 2, 6, 6}), context, Need::both);
             }),
             {"Sequential", "context is empty"});
  chain.forward(device, normal_tensor(device, {1, 3, 6, 6}), context, {.need = Need::parameters});
  check_says(sentence_of([&] {
               chain.backward(device, normal_tensor(device, {1, 2, 6, 6}), context, Need::both);
             }),
             {"Sequential", "more than forward saved", "same need"});
}
