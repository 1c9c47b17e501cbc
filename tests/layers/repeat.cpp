/// The same layer several times.

#include "layer_case.hpp"

using namespace tests;

TEST_CASE("none, one, three") {
  check_contract<Repeat<0, ResBlock<3>>>({2, 3, 4, 5});
  check_contract<Repeat<1, ResBlock<3>>>({2, 3, 4, 5});
  check_contract<Repeat<3, ConvBlock<3, 3, BlockShape{.norm = Norm::batch}>>>({2, 3, 4, 5});
  check_contract<Repeat<2, AveragePool>>({1, 2, 7, 9});
}

TEST_CASE("none is the identity, without a copy") {
  Device device = reference();
  Repeat<0, ResBlock<3>> none;
  const Tensor x = normal_tensor(device, {1, 3, 4, 4});
  CHECK(infer(device, none, x).storage() == x.storage());
  CHECK(named_arrays(none).empty());
}

TEST_CASE("each layer has parameters and a name of its own") {
  Device device = reference();
  Repeat<3, ConvBlock<2, 2, BlockShape{.norm = Norm::none, .activation = Activation::none}>> blocks;
  initialize(device, blocks, 1);
  const auto arrays = named_arrays(blocks);
  REQUIRE(arrays.size() == 6);
  CHECK(arrays[2].name == "model.1.weight");
  CHECK(arrays[5].name == "model.2.bias");
  CHECK(detail::host_values(device, *arrays[0].value) != detail::host_values(device, *arrays[2].value));
}

TEST_CASE("frozen layers at the front save nothing") {
  Device device = reference();
  Repeat<3, ConvBlock<2, 2>> blocks;
  randomise(device, blocks, 1);
  const Shape shape{1, 2, 5, 5};
  const std::size_t all = saved_bytes(device, blocks, shape, Need::parameters);
  set_trainable(blocks.layers[0], false);
  set_trainable(blocks.layers[1], false);
  const std::size_t last = saved_bytes(device, blocks, shape, Need::parameters);
  CHECK(last == saved_bytes(device, blocks.layers[2], shape, Need::parameters));
  CHECK(last < all);
}
