/// The encoder: rules, names, instances.

#include "network_case.hpp"

using namespace tests;

namespace {

constexpr EncoderShape small{.in = 2, .out = 2, .width = 3, .downsamples = 1};

/// The encoder as a layer on its picture.
struct OnPicture {
  static constexpr int in_channels = 2, out_channels = 2;
  FeatureEncoder<small> network;
  InstanceMap instances;

  template <Mode M>
  struct Context {
    FeatureEncoder<small>::Context<M> inner;
  };
  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    return network.forward(device, EncoderInput{std::move(x), instances}, context.inner, ask);
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    return network.backward(device, std::move(dy), context.inner, need);
  }
  void visit(Names& names, Visitor& visitor) { network.visit(names, visitor); }
};

InstanceMap halves(Device& device, int n, int h, int w) {
  auto ids = xt::xtensor<std::int32_t, 3>::from_shape(
      {static_cast<std::size_t>(n), static_cast<std::size_t>(h), static_cast<std::size_t>(w)});
  for (std::size_t i = 0; i < ids.size(); ++i)
    ids.data()[i] = static_cast<int>(i % static_cast<std::size_t>(w)) < w / 2 ? -7 : 26001;
  return instance_map(device, ids);
}

}  // namespace

TEST_CASE("the encoder keeps the rules") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    OnPicture layer{{}, halves(on.device, 2, 6, 8)};
    const LayerContractReport report = layer_contract(on.device, layer, {2, 2, 6, 8});
    CHECK_MESSAGE(report.passed(), report.text());
  }
}

TEST_CASE("names are the published ones, parameters as PyTorch counts them") {
  check_names<FeatureEncoder<EncoderShape{.width = 4, .downsamples = 2}>>("encoder.safetensors");
  FeatureEncoder<> encoder;
  CHECK(parameter_count(encoder) == 788803);
}

TEST_CASE("every pixel of an instance has the same features") {
  Device device = reference();
  FeatureEncoder<small> network;
  randomise(device, network, 1);
  const auto y = download(
      device, infer(device, network, EncoderInput{normal_tensor(device, {2, 2, 5, 8}), halves(device, 2, 5, 8)}));
  REQUIRE(y.shape()[2] == 5);
  for (std::size_t n = 0; n < 2; ++n)
    for (std::size_t i = 0; i < 5; ++i)
      for (std::size_t j = 0; j < 8; ++j) CHECK(y(n, 1, i, j) == y(n, 1, 0, j < 4 ? 0 : 7));
  CHECK(y(0, 0, 0, 0) != y(0, 0, 0, 7));
  CHECK(y(0, 0, 0, 0) != y(1, 0, 0, 0));
}

TEST_CASE("errors are sentences") {
  Device device = reference();
  FeatureEncoder<small> network;
  randomise(device, network, 1);
  FeatureEncoder<small>::Context<Mode::train> context;
  FeatureEncoder<small>::Context<Mode::infer> inference;
  const Tensor image = normal_tensor(device, {1, 2, 6, 8});
  check_says(sentence_of([&] {
               network.forward(device, EncoderInput{image, {}}, context);
             }),
             {"instance map is empty"});
  check_says(sentence_of([&] {
               network.forward(device, EncoderInput{image, halves(device, 1, 4, 8)}, context);
             }),
             {"8 x 4 pixels", "8 x 6", "same size"});
  check_says(sentence_of([&] {
               network.forward(device, EncoderInput{image, halves(device, 2, 6, 8)}, context);
             }),
             {"batch of 1", "maps for 2", "one map a picture"});
  check_says(
      sentence_of([&] {
        network.forward(device, EncoderInput{normal_tensor(device, {1, 2, 7, 8}), halves(device, 1, 7, 8)}, context);
      }),
      {"8 x 7 pixels", "multiples of 2", "8 x 8"});
  // A map larger than the picture, in inference: its pixels beyond the picture have no features.
  check_says(sentence_of([&] {
               network.forward(device, EncoderInput{image, halves(device, 1, 8, 8)}, inference);
             }),
             {"8 x 8 pixels", "8 x 6"});
  // infer is given the picture itself, so that its instances must be of its size.
  check_says(sentence_of([&] {
               infer(device, network, EncoderInput{image, halves(device, 1, 4, 8)});
             }),
             {"8 x 4", "8 x 6"});
}
