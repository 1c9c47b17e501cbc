/// Inference on any size: extended by reflection, run, cropped.

#include "network_case.hpp"

#include <vector>

using namespace tests;

namespace {

constexpr GeneratorShape shape{.in = 5, .out = 2, .width = 4, .downsamples = 2, .blocks = 1, .local_blocks = 1};
using Net = Generator<1, shape>;  // multiples of 8, at least 16

/// A trunk with a head of one's own, and the same as a network that says what sides it takes.
using Trunk = Enhancer<0, shape>;
using Chain = Sequential<Trunk, Head<Trunk::out_channels, 2>>;
struct AlignedChain : Chain {
  static constexpr int alignment = Trunk::alignment;
};

/// Extended, run and cropped by hand.
template <class X>
std::vector<double> by_hand(Device& device, const Net& network, const X& x) {
  const Shape in = x.shape();
  Net::Context<Mode::infer> context;
  const auto up = [](int side) { return side <= 16 ? 16 : (side + 7) / 8 * 8; };
  const Tensor y = network.forward(device, extend(device, x, {up(in.h), up(in.w)}), context);
  CHECK(y.shape() == Shape{in.n, 2, up(in.h), up(in.w)});
  return detail::host_values(device, extend(device, y, {in.h, in.w}));
}

}  // namespace

TEST_CASE("the next size that a network can take") {
  CHECK(aligned_side(1, 8) == 16);
  CHECK(aligned_side(16, 8) == 16);
  CHECK(aligned_side(17, 8) == 24);
  CHECK(aligned_side(1024, 32) == 1024);
  CHECK(aligned_side(1025, 32) == 1056);
  static_assert(aligned_side(3, 1) == 3 && aligned_side(1, 1) == 2);
}

TEST_CASE("tensors and maps of any size and batch keep their size") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    Net network;
    randomise(device, network, 1);
    for (const Shape& size : {Shape{1, 1, 16, 16}, Shape{1, 1, 17, 16}, Shape{2, 1, 19, 23}, Shape{1, 1, 16, 31},
                              Shape{1, 1, 24, 32}, Shape{1, 1, 3, 5}, Shape{1, 1, 1, 40}}) {
      const int n = size.n, h = size.h, w = size.w;
      CAPTURE(h);
      CAPTURE(w);
      const Tensor x = normal_tensor(device, {n, 5, h, w});
      const Tensor y = infer(device, network, x);
      CHECK(y.shape() == Shape{n, 2, h, w});
      CHECK(detail::host_values(device, y) == by_hand(device, network, x));
      const SemanticMap map = random_map(device, n, h, w, 4);
      const Tensor of_map = infer(device, network, map);
      CHECK(of_map.shape() == Shape{n, 2, h, w});
      CHECK(detail::host_values(device, of_map) == by_hand(device, network, map));
      const SemanticMap joined = join(random_map(device, n, h, w, 2), normal_tensor(device, {n, 2, h, w}));
      CHECK(detail::host_values(device, infer(device, network, joined)) == by_hand(device, network, joined));
    }
  }
}

TEST_CASE("a map is extended like the one-hot tensor that it stands for") {
  Device device = reference();
  Net network;
  randomise(device, network, 1);
  const MapArrays arrays(1, 11, 19, 4);
  const SemanticMap map = arrays.map(device, true);
  const Tensor x = arrays.dense_tensor(device, true);
  const auto a = detail::host_values(device, infer(device, network, map));
  const auto b = detail::host_values(device, infer(device, network, x));
  for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(a[i] == doctest::Approx(b[i]).epsilon(1e-12));
}

TEST_CASE("the encoder takes the means of the picture's own pixels only") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    FeatureEncoder<EncoderShape{.in = 2, .out = 2, .width = 3, .downsamples = 2}> network;
    randomise(device, network, 1);
    const int h = 9, w = 13;
    auto ids = xt::xtensor<std::int32_t, 2>::from_shape({9, 13});
    for (std::size_t i = 0; i < ids.size(); ++i) ids.data()[i] = static_cast<std::int32_t>(i % 5) - 2;
    const InstanceMap instances = instance_map(device, ids);
    const Tensor image = normal_tensor(device, {1, 2, h, w});
    const Tensor y = infer(device, network, EncoderInput{image, instances});
    CHECK(y.shape() == Shape{1, 2, h, w});
    decltype(network.layers)::Context<Mode::infer> context;
    const Tensor features = network.layers.forward(device, extend(device, image, {12, 16}), context);
    const Tensor expected = instance_mean(device, extend(device, features, {h, w}), instances);
    CHECK(detail::host_values(device, y) == detail::host_values(device, expected));
  }
}

TEST_CASE("other networks run as they are; pooled maps and empty inputs are Errors") {
  Device device = reference();
  Sequential<ConvBlock<5, 2>> chain;
  randomise(device, chain, 1);
  CHECK(infer(device, chain, normal_tensor(device, {1, 5, 7, 3})).shape() == Shape{1, 2, 7, 3});
  Net network;
  randomise(device, network, 1);
  const SemanticMap map = random_map(device, 1, 16, 16, 4);
  check_says(sentence_of([&] { infer(device, network, pool(device, map, Pooling::average3)); }),
             {"infer", "map is pooled", "was pooled from"});
  ConvBlock<5, 2> block;
  randomise(device, block, 1);
  CHECK(infer(device, block, map).shape() == Shape{1, 2, 16, 16});
  check_says(sentence_of([&] { infer(device, block, pool(device, map, Pooling::average3)); }), {"map is pooled"});
  check_says(sentence_of([&] { infer(device, network, Tensor()); }), {"empty tensor"});
  check_says(sentence_of([&] { infer(device, network, SemanticMap()); }), {"empty semantic map"});
  check_says(sentence_of([&] { infer(device, network, normal_tensor(device, {1, 4, 9, 9})); }), {"given 4 channels"});
}

TEST_CASE("a chain around a trunk takes any size once it says its alignment, which is said where it does not") {
  Device device = reference();
  Chain chain;
  randomise(device, chain, 1);
  const Tensor x = normal_tensor(device, {1, 5, 9, 11});
  check_says(sentence_of([&] { infer(device, chain, x); }),
             {"11 x 9 pixels", "multiples of 4", "infer takes any size of a network that has a member `alignment`"});
  AlignedChain aligned;
  randomise(device, aligned, 1);
  CHECK(infer(device, aligned, x).shape() == Shape{1, 2, 9, 11});
}

TEST_CASE("nothing is left behind and the input is not changed") {
  Device device = reference();
  Net network;
  randomise(device, network, 1);
  const Tensor x = normal_tensor(device, {1, 5, 16, 17});
  const auto values = detail::host_values(device, x);
  infer(device, network, x);
  const std::size_t before = device.memory().current();
  infer(device, network, x);
  CHECK(device.memory().current() == before);
  CHECK(detail::host_values(device, x) == values);
}
