/// Layers that store what is to be normalised as floats.

#include "layer_case.hpp"

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/layers/stored_as_float.hpp>
#include <pix2pixhd/networks/session.hpp>
#include <pix2pixhd/ops/maps.hpp>

#include <xtensor/xview.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

using namespace tests;

namespace {

using Front = Sequential<Stem<4, 16>, Downsample<16, 32>>;

std::vector<std::string> names_of(const auto& network) {
  std::vector<std::string> names;
  for (const NamedArray& array : named_arrays(network)) names.push_back(array.name);
  return names;
}

/// A map of two halves.
SemanticMap halves(Device& device, int height, int width) {
  xt::xtensor<std::uint8_t, 2> labels =
      xt::zeros<std::uint8_t>({static_cast<std::size_t>(height), static_cast<std::size_t>(width)});
  xt::view(labels, xt::all(), xt::range(width / 2, width)) = 1;
  return semantic_map(device, labels, std::nullopt, 4);
}

}  // namespace

TEST_CASE("a layer that stores floats keeps the rules, and is what it was") {
  check_contract<StoredAsFloat<Sequential<Stem<2, 3, Norm::batch>, Downsample<3, 4>>>>({2, 2, 8, 12});
  Device device = reference();
  Front plain;
  randomise(device, plain, 1);
  const Tensor x = normal_tensor(device, {1, 4, 8, 8});
  const std::vector<double> expected = detail::host_values(device, infer(device, plain, x));
  const std::vector<std::string> expected_names = names_of(plain);
  const StoredAsFloat<Front> layer(std::move(plain));
  CHECK(detail::host_values(device, infer(device, layer, x)) == expected);
  CHECK(names_of(layer) == expected_names);
}

TEST_CASE("in bf16 its blocks store floats in inference, bf16 in training, and others read both") {
  for (const Isa isa : available_isas(Precision::bf16)) {
    CAPTURE(std::string(to_string(isa)));
    Device device = cpu({.threads = 2, .precision = Precision::bf16}, isa);
    StoredAsFloat<Front> layer;
    randomise(device, layer, 1);
    const SemanticMap map = halves(device, 16, 24);
    StoredAsFloat<Front>::Context<Mode::infer> infers;
    StoredAsFloat<Front>::Context<Mode::train> trains;
    const Tensor y = layer.forward(device, map, infers);
    CHECK(y.pending());
    CHECK(y.format().type == DataType::f32);
    CHECK(layer.forward(device, map, trains).format().type == DataType::bf16);

    const Tensor finished = resolve(device, y);
    CHECK(finished.format().type == DataType::bf16);
    // Pooled, as a residual block's input and skip, and added to another.
    CHECK(pool(device, y, Pooling::average3).format().type == DataType::bf16);
    ResBlock<32> block;
    randomise(device, block, 2);
    ResBlock<32>::Context<Mode::infer> context;
    const std::vector<double> got = detail::host_values(device, resolve(device, block.forward(device, y, context)));
    const std::vector<double> expected =
        detail::host_values(device, resolve(device, block.forward(device, finished, context)));
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::abs(got[i] - expected[i]) < 0.05);
    Session session(device, block);
    CHECK(detail::host_values(device, session(y)) == detail::host_values(device, infer(device, block, y)));
    CHECK(detail::host_values(device, add(device, y, finished)) ==
          detail::host_values(device, add(device, finished, finished)));
  }
}

TEST_CASE("what rounding does to flat regions of a map is less where it stores floats") {
  Device exact = reference();
  for (const Isa isa : available_isas(Precision::bf16)) {
    CAPTURE(std::string(to_string(isa)));
    Device device = cpu({.threads = 2, .precision = Precision::bf16}, isa);
    const auto error = [&](auto network) {
      decltype(network) same;
      randomise(device, network, 1);
      randomise(exact, same, 1);
      const std::vector<double> got = detail::host_values(device, infer(device, network, halves(device, 32, 48)));
      const std::vector<double> expected = detail::host_values(exact, infer(exact, same, halves(exact, 32, 48)));
      double sum = 0;
      for (std::size_t i = 0; i < got.size(); ++i) sum += (got[i] - expected[i]) * (got[i] - expected[i]);
      return sum;
    };
    using Ends = Sequential<Upsample<32, 16>, Head<16, 3>>;
    CHECK(error(Sequential<StoredAsFloat<Front>, Ends>{}) < 0.9 * error(Sequential<Front, Ends>{}));
  }
}
