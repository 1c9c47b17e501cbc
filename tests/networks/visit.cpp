/// Naming, initialising, clearing, freezing, copying.

#include "network_case.hpp"

#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

using namespace tests;

namespace {

using Small = Sequential<ConvBlock<2, 3, BlockShape{.norm = Norm::batch}>, ResBlock<3>>;
using Larger = Sequential<ConvBlock<2, 3, BlockShape{.norm = Norm::batch}>, ResBlock<3>, Head<3, 1>>;

/// As many blocks as it is told.
struct Stack {
  std::vector<ConvBlock<8, 8>> blocks;

  explicit Stack(std::size_t count = 0) : blocks(count) {}
  void visit(Names& names, Visitor& visitor) {
    for (ConvBlock<8, 8>& block : blocks) block.visit(names, visitor);
  }
};

/// The same, which can make another one like itself.
struct StackToClone : Stack {
  using Stack::Stack;
  StackToClone unfilled() const { return StackToClone(blocks.size()); }
};

std::map<std::string, std::vector<double>> values_of(Device& device, auto& network) {
  std::map<std::string, std::vector<double>> result;
  for (const NamedArray& array : named_arrays(network)) result[array.name] = detail::host_values(device, *array.value);
  return result;
}

}  // namespace

TEST_CASE("initialize draws by seed, name and index") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    Small small, again;
    Larger larger;
    initialize(device, small, 7);
    initialize(device, again, 7);
    initialize(device, larger, 7);
    const auto first = values_of(device, small);
    CHECK(values_of(device, again) == first);
    auto grown = values_of(device, larger);
    for (const auto& [name, values] : first) CHECK(grown[name] == values);
    initialize(device, again, 8);
    CHECK(values_of(device, again)["model.0.weight"] != first.at("model.0.weight"));
    CHECK(first.at("model.0.bias") == std::vector<double>(3, 0.0));
    CHECK(first.at("model.1.bias") == std::vector<double>(3, 0.0));
    CHECK(first.at("model.1.running_mean") == std::vector<double>(3, 0.0));
    CHECK(first.at("model.1.running_var") == std::vector<double>(3, 1.0));
    for (const double scale : first.at("model.1.weight")) CHECK(std::abs(scale - 1) < 0.2);
  }
}

TEST_CASE("weights are normal with deviation 0.02") {
  Device device = reference();
  ConvBlock<32, 64> block;
  initialize(device, block, 3);
  double sum = 0, squares = 0, fourth = 0;
  const auto values = detail::host_values(device, *named_arrays(block)[0].value);
  for (const double value : values) {
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  const auto count = static_cast<double>(values.size());
  CHECK(std::abs(sum / count) < 4 * 0.02 / std::sqrt(count));
  CHECK(std::sqrt(squares / count) == doctest::Approx(0.02).epsilon(0.02));
  CHECK(fourth / count / std::pow(squares / count, 2) == doctest::Approx(3).epsilon(0.1));
}

TEST_CASE("parameters are shown with names, buffers are not") {
  Small network;
  std::vector<std::string> names;
  for_each_parameter(network, [&](const std::string& name, Parameter&) { names.push_back(name); });
  CHECK(names == std::vector<std::string>{"model.0.weight", "model.0.bias", "model.1.weight", "model.1.bias",
                                          "model.3.conv_block.1.weight", "model.3.conv_block.1.bias",
                                          "model.3.conv_block.5.weight", "model.3.conv_block.5.bias"});
  CHECK(named_arrays(network).size() == names.size() + 2);
  CHECK(named_arrays(std::as_const(network)).size() == names.size() + 2);
}

TEST_CASE("cleared gradients download as zeros and are overwritten") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    ConvBlock<2, 3> block;
    initialize(on.device, block, 1);
    for (const NamedArray& array : named_arrays(block))
      *array.grad = detail::device_values(on.device, array.value->shape(),
                                          std::vector<double>(array.value->shape().count(), NAN), Role::parameter);
    zero_gradients(on.device, block);
    for (const NamedArray& array : named_arrays(block)) {
      CHECK(detail::largest(detail::host_values(on.device, *array.grad)) == 0);
      const Tensor elsewhere = to(on.device, *array.grad, Role::parameter);
      CHECK(detail::largest(detail::host_values(on.device, elsewhere)) == 0);
      Device other = reference();
      CHECK(detail::largest(detail::host_values(other, to(other, *array.grad))) == 0);
    }
  }
}

TEST_CASE("zero_gradients makes gradients that there are not") {
  Device device = reference();
  ConvBlock<2, 3> block;
  zero_gradients(device, block);
  CHECK(named_arrays(block)[0].grad->empty());  // nothing has values yet
  initialize(device, block, 1);
  zero_gradients(device, block);
  CHECK(detail::host_values(device, *named_arrays(block)[0].grad) == std::vector<double>(54, 0.0));

  ConvBlock<2, 3> frozen;
  initialize(device, frozen, 1);
  set_trainable(frozen, false);
  zero_gradients(device, frozen);
  CHECK(detail::host_values(device, *named_arrays(frozen)[0].grad) == std::vector<double>(54, 0.0));
}

TEST_CASE("zero_gradients moves gradients to where the values were assigned") {
  Device here = reference(), there = cpu({.threads = 1});
  Small block;
  initialize(here, block, 1);
  zero_gradients(here, block);
  set_trainable(block, false);
  initialize(there, block, 1);
  zero_gradients(there, block);
  for (const NamedArray& array : named_arrays(block))
    if (array.grad) {
      REQUIRE_FALSE(array.grad->empty());
      CHECK(there.backend().accepts(*array.grad->storage()->backend()));
      for (const double value : detail::host_values(there, *array.grad)) CHECK(value == 0);
    }
}

TEST_CASE("a clone has values of its own, exactly the same ones, and is frozen alike") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Small network;
    randomise(on.device, network, 2);
    const double third = 1.0 / 3;  // no float
    *named_arrays(network)[1].value =
        detail::device_values(on.device, {3, 1, 1, 1}, {third, third, third}, Role::parameter);
    set_trainable(std::get<0>(network.layers), false);
    const auto before = values_of(on.device, network);
    Small copy = clone(on.device, network);
    CHECK(values_of(on.device, copy) == before);
    CHECK_FALSE(std::get<0>(copy.layers).has_trainable());
    CHECK(std::get<1>(copy.layers).has_trainable());
    initialize(on.device, network, 9);
    CHECK(values_of(on.device, copy) == before);
    Device other = reference();
    Small elsewhere = clone(other, copy);
    CHECK(values_of(other, elsewhere) == before);
  }
}

TEST_CASE("clones of networks with channels known at run time; a clone of nothing is an Error") {
  Device device = reference();
  Sequential<ConvBlock<dynamic, 3>> network(4), unknown;
  check_says(sentence_of([&] { clone(device, network); }), {"model.0.weight", "no values yet"});
  check_says(sentence_of([&] { clone(device, unknown); }), {"not known yet"});
  initialize(device, network, 1);
  auto copy = clone(device, network);
  CHECK(values_of(device, copy) == values_of(device, network));
}

TEST_CASE("a network whose structure is chosen at run time is cloned by its unfilled(), and not without it") {
  Device device = reference();
  StackToClone stack(2);
  initialize(device, stack, 1);
  StackToClone copy = clone(device, stack);
  CHECK(values_of(device, copy) == values_of(device, stack));
  Stack other(2);
  initialize(device, other, 1);
  check_says(sentence_of([&] { clone(device, other); }), {"nothing where", "model.0.weight", "unfilled()"});
}

TEST_CASE("assign keeps the shape") {
  Device device = reference();
  ConvBlock<1, 2> block;
  initialize(device, block, 1);
  for_each_parameter(block, [&](const std::string& name, Parameter& parameter) {
    if (name != "model.0.bias") return;
    assign(device, parameter, xt::xtensor<float, 4>{{{{1.5f}}}, {{{2.5f}}}});
    check_says(sentence_of([&] { assign(device, parameter, xt::xtensor<float, 4>{{{{1.5f}}}}); }),
               {"assign", "2x1x1x1", "1x1x1x1"});
  });
  CHECK(detail::host_values(device, *named_arrays(block)[1].value) == std::vector<double>{1.5, 2.5});
}
