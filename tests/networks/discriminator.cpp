/// Multi-scale discriminators: rules for every output, names, maps.

#include "layers/one_output.hpp"
#include "network_case.hpp"

using namespace tests;

namespace {

constexpr DiscriminatorShape small{.in = 3, .width = 2, .layers = 1};
template <int Scales>
using D = MultiscaleDiscriminator<Scales, small>;

}  // namespace

TEST_CASE("one to four scales keep the rules in every output") {
  check_contract<OneOutput<D<1>, 0, 0>>({2, 3, 6, 7}, {.probes = 1});
  check_contract<OneOutput<D<1>, 0, 2>>({2, 3, 6, 7}, {.probes = 1});
  check_contract<OneOutput<D<2>, 1, 1>>({1, 3, 9, 8}, {.probes = 1});
  check_contract<OneOutput<D<3>, 0, 1>>({1, 3, 11, 9}, {.probes = 1});
  check_contract<OneOutput<D<3>, 2, 2>>({1, 3, 11, 9}, {.probes = 1});
  check_contract<OneOutput<D<4>, 3, 2>>({1, 3, 17, 16}, {.probes = 1});
  check_contract<OneOutput<
      MultiscaleDiscriminator<2, DiscriminatorShape{.in = 2, .width = 3, .layers = 2, .norm = Norm::batch}>, 1, 3>>(
      {2, 2, 9, 8}, {.probes = 1});
}

TEST_CASE("a map with a joined picture") {
  using OnPicture = MultiscaleDiscriminator<3, DiscriminatorShape{.in = 8, .width = 2, .layers = 1}>;
  check_contract_on_map<OneOutput<OnPicture, 0, 2>>(4, {2, 3, 9, 7});
  check_contract_on_map<OneOutput<OnPicture, 2, 2>>(4, {1, 3, 9, 7});
  check_contract_on_map<OneOutput<OnPicture, 1, 0>>(5, {1, 3, 8, 10}, false);
}

TEST_CASE("names are the published ones, full resolution last") {
  check_names<MultiscaleDiscriminator<2, DiscriminatorShape{.in = 9, .width = 4}>>("discriminator2.safetensors");
  check_names<MultiscaleDiscriminator<3, DiscriminatorShape{.in = 9, .width = 4, .layers = 2}>>(
      "discriminator3.safetensors");
  D<3> network;
  CHECK(named_arrays(network.patches[0])[0].info.shape == std::array<int, 4>{2, 3, 4, 4});
  Device device = reference();
  initialize(device, network, 1);
  for (const NamedArray& array : named_arrays(network))
    if (array.name == "scale2_layer0.0.weight")
      CHECK(array.value->storage() == named_arrays(network.patches[0])[0].value->storage());
}

TEST_CASE("parameters of the paper's discriminators, as PyTorch counts them") {
  MultiscaleDiscriminator<> three;
  MultiscaleDiscriminator<1> one;
  CHECK(parameter_count(three) == 8404803);
  CHECK(parameter_count(one) == 2801601);
}

TEST_CASE("channels stop doubling at 512") {
  using Deep = MultiscaleDiscriminator<1, DiscriminatorShape{.in = 1, .width = 64, .layers = 5}>;
  static_assert(std::tuple_element_t<5, decltype(Deep::Patch::layers)>::out_channels == 512);
  static_assert(std::tuple_element_t<2, decltype(Deep::Patch::layers)>::out_channels == 256);
}

TEST_CASE("outputs and sizes") {
  Device device = reference();
  D<2> network;
  initialize(device, network, 1);
  const auto y = infer(device, network, normal_tensor(device, {1, 3, 16, 20}));
  static_assert(y.size() == 2 && std::tuple_size_v<std::decay_t<decltype(y[0])>> == 3);
  CHECK(y[0][0].shape() == Shape{1, 2, 9, 11});
  CHECK(y[0][2].shape() == Shape{1, 1, 11, 13});
  CHECK(y[1][0].shape() == Shape{1, 2, 5, 6});
}

TEST_CASE("the input's gradient alone, as the generator's loss asks, and the parameters' alone") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    MultiscaleDiscriminator<2, DiscriminatorShape{.in = 8, .width = 2, .layers = 1}> network;
    randomise(on.device, network, 1);
    const SemanticMap map = join(random_map(on.device, 1, 10, 12, 4), normal_tensor(on.device, {1, 3, 10, 12}));
    const auto run = [&](Need need) {
      decltype(network)::Context<Mode::train> context;
      decltype(network)::Output dy, y = network.forward(on.device, map, context, {.need = need});
      for (std::size_t i = 0; i < y.size(); ++i)
        for (std::size_t j = 0; j < y[i].size(); ++j) dy[i][j] = normal_tensor(on.device, y[i][j].shape(), i * 10 + j);
      return network.backward(on.device, dy, context, need);
    };
    zero_gradients(on.device, network);
    const Tensor dx = run(Need::both);
    CHECK(dx.shape() == Shape{1, 3, 10, 12});
    std::vector<std::vector<double>> gradients;
    for (const NamedArray& array : named_arrays(network))
      gradients.push_back(detail::host_values(on.device, *array.grad));
    zero_gradients(on.device, network);
    CHECK(detail::host_values(on.device, run(Need::input)) == detail::host_values(on.device, dx));
    for (const NamedArray& array : named_arrays(network)) CHECK(array.grad->storage()->cleared());
    CHECK(run(Need::parameters).empty());
    std::size_t i = 0;
    for (const NamedArray& array : named_arrays(network))
      CHECK(detail::host_values(on.device, *array.grad) == gradients[i++]);
  }
}

TEST_CASE("dynamic input channels reach every scale") {
  Device device = reference();
  MultiscaleDiscriminator<2, DiscriminatorShape{.in = dynamic, .width = 2, .layers = 1}> network(7), unknown;
  initialize(device, network, 1);
  CHECK(input_channels(network) == 7);
  CHECK(infer(device, network, normal_tensor(device, {1, 7, 8, 8})).size() == 2);
  check_says(sentence_of([&] { initialize(device, unknown, 1); }),
             {"scale0_layer0.0.weight", "number of input channels"});
}

TEST_CASE("a wrong gradient is an Error that names both sizes") {
  Device device = reference();
  D<1> network;
  initialize(device, network, 1);
  D<1>::Context<Mode::train> context;
  D<1>::Output dy;
  network.forward(device, normal_tensor(device, {1, 3, 8, 8}), context);
  dy[0][2] = normal_tensor(device, {1, 1, 6, 6});
  check_says(sentence_of([&] { network.backward(device, dy, context, Need::both); }), {"1x1x6x6", "1x1x7x7"});
}
