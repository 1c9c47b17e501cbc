/// The coarse-to-fine combinator, with stacks of one's own.

#include "layer_case.hpp"

using namespace tests;

namespace {

/// A network at half size, one that halves, one that doubles.
using Inner = ConvBlock<2, 4>;
using Front = Sequential<Stem<2, 3>, Downsample<3, 4>>;
using Back = Sequential<ResBlock<4>, Upsample<4, 3>>;
using Once = Refine<Inner, Front, Back>;

/// A second enhancer around the first, of another make: its front cannot add the skip, its back resizes.
using Twice = Refine<Once, Sequential<ConvBlock<2, 3, BlockShape{.norm = Norm::batch}>, AveragePool>,
                     ConvBlock<3, 2, BlockShape{.resize = true}>>;

}  // namespace

TEST_CASE("stacks of depth one and two keep the rules") {
  check_contract<Once>({2, 2, 8, 12});
  check_contract<Twice>({1, 2, 16, 16});
  check_contract<Refine<Twice, ConvBlock<2, 2, BlockShape{.stride = 2}>, ConvBlock<2, 5>>>({1, 2, 32, 32},
                                                                                           {.probes = 1});
}

TEST_CASE("a front and a back that keep the number of channels") {
  check_contract<Refine<ConvBlock<2, 4>, Downsample<2, 4>, AveragePool>>({1, 2, 8, 12}, {.probes = 1});
  check_contract<Refine<ConvBlock<2, 2>, AveragePool, Upsample<2, 3>>>({1, 2, 8, 12}, {.probes = 1});
}

TEST_CASE("the sum is back(front(x) + inner(pool(x)))") {
  Device device = reference();
  Once network;
  randomise(device, network, 1);
  const Tensor x = normal_tensor(device, {1, 2, 8, 8});
  const Tensor coarse = infer(device, network.inner, pool(device, x, Pooling::average3));
  const Tensor fine = infer(device, network.front, x);
  const Tensor expected = infer(device, network.back, add(device, fine, coarse));
  const auto a = detail::host_values(device, infer(device, network, x)), b = detail::host_values(device, expected);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(a[i] == doctest::Approx(b[i]).epsilon(1e-13));
}

TEST_CASE("with recomputation the front saves the picture alone") {
  Device device = reference();
  using Plain = Refine<Inner, Front, Upsample<4, 3>>;
  Plain network;
  randomise(device, network, 1);
  const Shape shape{1, 2, 8, 8};
  const std::size_t all = saved_bytes(device, network, shape, Need::both);
  const std::size_t front = saved_bytes(device, network.front, shape, Need::both);
  Plain::Context<Mode::train> context;
  const std::size_t before = device.memory().current();
  network.forward(device, normal_tensor(device, shape), context, {.recompute = true});
  CHECK(device.memory().current() - before == all - front + shape.count() * sizeof(double));
  network.backward(device, normal_tensor(device, {1, 3, 8, 8}), context, Need::both);
  const std::size_t gradients = device.memory().current();
  context = {};
  CHECK(device.memory().current() == gradients);  // nothing is left in it
}

TEST_CASE("a frozen inner network gets no gradient and saves nothing") {
  Device device = reference();
  Once network;
  randomise(device, network, 1);
  const Shape shape{1, 2, 8, 8};
  const std::size_t all = saved_bytes(device, network, shape, Need::parameters);
  const std::size_t inner = saved_bytes(device, network.inner, {1, 2, 4, 4}, Need::parameters);
  set_trainable(network.inner, false);
  CHECK(saved_bytes(device, network, shape, Need::parameters) == all - inner);
  Once::Context<Mode::train> context;
  network.forward(device, normal_tensor(device, shape), context, {.need = Need::parameters});
  network.backward(device, normal_tensor(device, {1, 3, 8, 8}), context, Need::parameters);
  for (const NamedArray& array : named_arrays(network.inner)) CHECK(array.grad->empty());
  CHECK(detail::largest(detail::host_values(device, *named_arrays(network.front)[0].grad)) > 0);

  // The front frozen, the inner network not: its gradient comes all the same.
  set_trainable(network.inner, true);
  set_trainable(network.front, false);
  set_trainable(network.back, false);
  network.forward(device, normal_tensor(device, shape), context);
  network.backward(device, normal_tensor(device, {1, 3, 8, 8}), context, Need::parameters);
  CHECK(detail::largest(detail::host_values(device, *named_arrays(network.inner)[0].grad)) > 0);
  network.forward(device, normal_tensor(device, shape), context);  // the context is empty again
}

TEST_CASE("a stack built from given layers and from a number of channels") {
  Device device = reference();
  Inner inner;
  initialize(device, inner, 9);
  const auto weights = detail::host_values(device, *named_arrays(inner)[0].value);
  Once network(std::move(inner), Front{}, Back{});
  CHECK(detail::host_values(device, *named_arrays(network.inner)[0].value) == weights);
  Refine<ConvBlock<dynamic, 4>, ConvBlock<dynamic, 4, BlockShape{.stride = 2}>, Back> open(7);
  initialize(device, open, 1);
  CHECK(infer(device, open, normal_tensor(device, {1, 7, 8, 8})).shape() == Shape{1, 3, 8, 8});
}
