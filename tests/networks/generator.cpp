/// Generators of every depth: rules, names, sizes, growing.

#include "network_case.hpp"

using namespace tests;

namespace {

constexpr GeneratorShape small{.in = 2, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1};
constexpr GeneratorShape open{.in = dynamic, .width = 4, .downsamples = 1, .blocks = 1, .local_blocks = 1};

constexpr GeneratorShape golden(int width, int blocks, int local_blocks) {
  return {.in = 6, .width = width, .downsamples = 2, .blocks = blocks, .local_blocks = local_blocks};
}

}  // namespace

TEST_CASE("generators of depth 0 to 3 keep the rules") {
  check_contract<Generator<0, small>>({2, 2, 4, 6}, {.probes = 1});
  check_contract<Generator<1, small>>({1, 2, 8, 12}, {.probes = 1});
  check_contract<Generator<2, small>>({1, 2, 16, 16}, {.probes = 1});
  check_contract<Generator<3, small>>({1, 2, 32, 32}, {.probes = 0});
}

TEST_CASE("other norms, paddings, upsampling, no downsampling") {
  check_contract<Generator<1, GeneratorShape{.in = 2,
                                             .out = 1,
                                             .width = 4,
                                             .downsamples = 1,
                                             .blocks = 2,
                                             .local_blocks = 0,
                                             .norm = Norm::batch,
                                             .pad = Pad::zero,
                                             .up = Upsampling::resize}>>({2, 2, 8, 8}, {.probes = 1});
  check_contract<Generator<
      0,
      GeneratorShape{.in = 2, .width = 3, .downsamples = 0, .blocks = 1, .norm = Norm::none, .pad = Pad::replicate}>>(
      {1, 2, 3, 5}, {.probes = 1});
}

TEST_CASE("generators on a map with joined features") {
  constexpr GeneratorShape shape{.in = 7, .width = 4, .downsamples = 1, .blocks = 1, .local_blocks = 1};
  check_contract_on_map<Generator<0, shape>>(4, {2, 2, 6, 4});
  check_contract_on_map<Generator<1, shape>>(5, {1, 2, 8, 12}, false);
}

TEST_CASE("names are the published ones") {
  check_names<Generator<0, golden(4, 2, 3)>>("global.safetensors");
  check_names<Generator<1, golden(8, 2, 2)>>("enhancer1.safetensors");
  check_names<Generator<2, golden(8, 1, 1)>>("enhancer2.safetensors");
  check_names<Generator<1, golden(8, 2, 2)>>("enhancer.safetensors", "");
  check_names<Generator<1, GeneratorShape{.in = 6,
                                          .out = 1,
                                          .width = 8,
                                          .downsamples = 2,
                                          .blocks = 1,
                                          .local_blocks = 1,
                                          .pad = Pad::zero,
                                          .up = Upsampling::resize}>>("enhancer1_zero_resize.safetensors");
  check_names<Generator<
      0,
      GeneratorShape{
          .in = 6, .width = 4, .downsamples = 2, .blocks = 1, .pad = Pad::replicate, .up = Upsampling::resize}>>(
      "global_replicate.safetensors");
  check_names<Generator<0, GeneratorShape{.in = 6, .width = 4, .downsamples = 2, .blocks = 1, .norm = Norm::batch}>>(
      "global_batchnorm.safetensors");
  // The order as PyTorch wrote it.
  CHECK(names_of(Generator<1, golden(8, 2, 2)>()) == golden_keys("enhancer_zip.pth", ""));
}

TEST_CASE("parameters of the paper's generators, as PyTorch counts them") {
  Generator<0> coarse;
  Generator<1> one;
  Generator<1, GeneratorShape{.norm = Norm::batch}> normed;
  Generator<2> two;
  CHECK(parameter_count(coarse) == 182546755);
  CHECK(parameter_count(one) == 182857059);
  CHECK(parameter_count(normed) == 182900835);
  CHECK(parameter_count(two) == 182947699);
}

TEST_CASE("sizes that do not fit are an Error that names the nearest") {
  Device device = reference();
  Generator<1, golden(8, 1, 1)> network;  // multiples of 8, at least 16
  initialize(device, network, 1);
  const auto given = [&](int h, int w) {
    Generator<1, golden(8, 1, 1)>::Context<Mode::train> context;
    return sentence_of([&] { network.forward(device, normal_tensor(device, {1, 6, h, w}), context); });
  };
  CHECK(given(16, 24) == "");
  check_says(given(17, 24),
             {"24 x 17 pixels", "multiples of 8", "at least 16", "nearest are 24 x 16", "larger ones 24 x 24", "infer"});
  check_says(given(8, 16), {"16 x 8 pixels", "nearest are 16 x 16"});
  check_says(given(33, 47), {"nearest are 48 x 32", "larger ones 48 x 40"});
  Generator<1, golden(8, 1, 1)>::Context<Mode::infer> context;
  check_says(sentence_of([&] { network.forward(device, random_map(device, 1, 20, 16, 5), context); }), {"16 x 24"});
  CHECK(Generator<1>::alignment == 32);
  CHECK(Generator<2>::alignment == 64);
}

TEST_CASE("wrong channels and maps name both counts") {
  Device device = reference();
  Generator<0, golden(4, 1, 1)> network;
  initialize(device, network, 1);
  Generator<0, golden(4, 1, 1)>::Context<Mode::infer> context;
  check_says(sentence_of([&] {
               network.forward(device, normal_tensor(device, {1, 7, 8, 8}), context);
             }),
             {"6 to 4 channels", "given 7 channels"});
  check_says(sentence_of([&] { network.forward(device, random_map(device, 1, 8, 8, 6), context); }),
             {"given 7 channels"});
}

TEST_CASE("a trained generator grows: weights and names stay") {
  Device device = reference();
  Generator<0, small> trained;
  initialize(device, trained, 5);
  trained.trunk.layers = {};  // other values than those that initialize would draw again
  initialize(device, trained, 6);
  std::vector<std::pair<std::string, std::vector<double>>> before;
  for (const NamedArray& array : named_arrays(trained.trunk))
    before.emplace_back(array.name, detail::host_values(device, *array.value));
  set_trainable(trained.trunk, false);
  Generator<1, small> grown = grow(device, std::move(trained), 5);
  const auto arrays = named_arrays(grown);
  REQUIRE(arrays.size() > before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    CHECK(arrays[i].name == before[i].first);
    CHECK(detail::host_values(device, *arrays[i].value) == before[i].second);
    CHECK_FALSE(*arrays[i].trainable);
  }
  for (std::size_t i = before.size(); i < arrays.size(); ++i) {
    CHECK(arrays[i].name.starts_with("model1_"));
    CHECK(*arrays[i].trainable);
  }
  CHECK(infer(device, grown, normal_tensor(device, {1, 2, 8, 8})).shape() == Shape{1, 3, 8, 8});
  Generator<2, small> larger = grow(device, std::move(grown), 5);
  const auto again = named_arrays(larger);
  CHECK(again.back().name.starts_with("model2_2."));
  CHECK(detail::host_values(device, *again[0].value) == before[0].second);
}

TEST_CASE("a generator for a number of channels known at run time") {
  Device device = reference();
  Generator<1, open> unknown;
  check_says(sentence_of([&] { initialize(device, unknown, 1); }), {"model.1.weight", "number of input channels"});
  Generator<1, open> network(5);
  initialize(device, network, 1);
  CHECK(input_channels(network) == 5);
  CHECK(infer(device, network, normal_tensor(device, {1, 5, 9, 11})).shape() == Shape{1, 3, 9, 11});
  CHECK(infer(device, network, random_map(device, 1, 8, 8, 4)).shape() == Shape{1, 3, 8, 8});
  Generator<2, open> grown = grow(device, std::move(network), 1);
  CHECK(input_channels(grown) == 5);
  Enhancer<1, open> trunk(4);
  initialize(device, trunk, 1);
  CHECK(input_channels(trunk) == 4);
  check_says(sentence_of([] { Generator<0, open> none(-3); }), {"-3 input channels", "at least 1"});
}

TEST_CASE("a frozen trunk: no gradient, nothing saved below, no gradient left from before touched") {
  Device device = reference();
  Generator<1, small> network;
  randomise(device, network, 1);
  const Shape shape{1, 2, 8, 8};
  const std::size_t all = saved_bytes(device, network, shape, Need::parameters);
  const std::size_t inner = saved_bytes(device, network.trunk.inner, {1, 2, 4, 4}, Need::parameters);
  set_trainable(network.trunk.inner, false);
  CHECK(saved_bytes(device, network, shape, Need::parameters) == all - inner);
  set_trainable(network.trunk, false);
  const std::size_t head = saved_bytes(device, network.head, {1, 4, 8, 8}, Need::parameters);
  CHECK(saved_bytes(device, network, shape, Need::parameters) == head);

  // The default need saves the way down to the input; a backward for the head alone must release it all.
  Generator<1, small>::Context<Mode::train> context;
  const std::size_t before = device.memory().current();
  network.forward(device, normal_tensor(device, shape), context);
  network.backward(device, normal_tensor(device, {1, 3, 8, 8}), context, Need::parameters);
  for (const NamedArray& array : named_arrays(network.trunk)) CHECK(array.grad->empty());
  std::size_t gradients = 0;
  for (const NamedArray& array : named_arrays(network.head)) gradients += array.grad->bytes();
  CHECK(device.memory().current() == before + gradients);
  network.forward(device, normal_tensor(device, shape), context);
  const Tensor dx = network.backward(device, normal_tensor(device, {1, 3, 8, 8}), context, Need::both);
  CHECK(dx.shape() == shape);
}
