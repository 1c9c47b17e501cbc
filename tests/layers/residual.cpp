/// x + branch(x).

#include "layer_case.hpp"

using namespace tests;

TEST_CASE("residual blocks of all norms and paddings") {
  check_contract<ResBlock<4>>({2, 4, 5, 6});
  check_contract<ResBlock<3, Norm::batch, Pad::zero>>({2, 3, 5, 4});
  check_contract<ResBlock<3, Norm::none, Pad::replicate>>({1, 3, 4, 5});
}

TEST_CASE("one block, a branch that cannot add the skip, a residual in a residual") {
  check_contract<Residual<ConvBlock<4, 4>>>({2, 4, 5, 4});
  check_contract<Residual<Repeat<2, ConvBlock<3, 3>>>>({1, 3, 5, 4});
  check_contract<Residual<Sequential<ConvBlock<3, 3>, ResBlock<3>>>>({1, 3, 5, 4});
  check_contract<Residual<Repeat<0, ConvBlock<3, 3>>>>({1, 3, 5, 4});
}

TEST_CASE("the sum is x + branch(x)") {
  Device device = reference();
  ResBlock<3> block;
  randomise(device, block, 1);
  const Tensor x = normal_tensor(device, {1, 3, 5, 4});
  const auto sum = detail::host_values(device, infer(device, block, x));
  const auto of_x = detail::host_values(device, x),
             of_branch = detail::host_values(device, infer(device, block.branch, x));
  for (std::size_t i = 0; i < sum.size(); ++i) CHECK(sum[i] == doctest::Approx(of_x[i] + of_branch[i]).epsilon(1e-14));
}

namespace {

/// Bytes that a block saves of a picture: with Ask::recompute, and without.
struct Saved {
  std::size_t recomputing, always;
};
template <int Channels>
Saved saved_by(const Shape& shape) {
  Device device = reference();
  ResBlock<Channels> block;
  randomise(device, block, 1);
  typename ResBlock<Channels>::template Context<Mode::train> context;
  const std::size_t before = device.memory().current();
  block.forward(device, normal_tensor(device, shape), context, {.recompute = true});
  const std::size_t recomputing = device.memory().current() - before;
  return {recomputing, saved_bytes(device, block, shape, Need::both)};
}

}  // namespace

TEST_CASE("recomputation saves the input alone") {
  const Shape shape{1, 4, 6, 6};
  const Saved saved = saved_by<4>(shape);
  CHECK(saved.recomputing == shape.count() * sizeof(double));
  CHECK(saved.always > 3 * shape.count() * sizeof(double));
}

TEST_CASE("a block of more channels than pixels is not run again") {
  const Shape shape{1, 20, 4, 4};
  const Saved saved = saved_by<20>(shape);
  CHECK(saved.recomputing == saved.always);
  check_contract<ResBlock<20>>(shape);
}

TEST_CASE("names open a scope and take one slot") {
  ResBlock<3, Norm::batch> block;
  Sequential<ResBlock<3>, ConvBlock<3, 4>> network;
  std::vector<std::string> names;
  for (const NamedArray& array : named_arrays(block)) names.push_back(array.name);
  CHECK(names == std::vector<std::string>{"model.0.conv_block.1.weight", "model.0.conv_block.1.bias",
                                          "model.0.conv_block.2.weight", "model.0.conv_block.2.bias",
                                          "model.0.conv_block.2.running_mean", "model.0.conv_block.2.running_var",
                                          "model.0.conv_block.5.weight", "model.0.conv_block.5.bias",
                                          "model.0.conv_block.6.weight", "model.0.conv_block.6.bias",
                                          "model.0.conv_block.6.running_mean", "model.0.conv_block.6.running_var"});
  CHECK(named_arrays(network).back().name == "model.1.bias");
}
