/// Layers that run again in backward.

#include "layer_case.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace tests;

namespace {

using Front = Sequential<Stem<2, 3, Norm::batch>, Downsample<3, 4>>;

}  // namespace

TEST_CASE("a recomputed layer keeps the rules, and is what it was") {
  check_contract<Recomputed<Front>>({2, 2, 8, 12});
  Device device = reference();
  Front plain;
  randomise(device, plain, 1);
  const Tensor x = normal_tensor(device, {1, 2, 8, 8});
  const std::vector<double> expected = detail::host_values(device, infer(device, plain, x));
  std::vector<std::string> names, expected_names;
  for (const NamedArray& array : named_arrays(plain)) expected_names.push_back(array.name);
  const Recomputed<Front> layer(std::move(plain));
  for (const NamedArray& array : named_arrays(layer)) names.push_back(array.name);
  CHECK(detail::host_values(device, infer(device, layer, x)) == expected);
  CHECK(names == expected_names);
}

TEST_CASE("with recomputation it saves its input alone") {
  Device device = reference();
  Recomputed<Front> layer;
  randomise(device, layer, 1);
  const Shape shape{1, 2, 8, 8};
  Recomputed<Front>::Context<Mode::train> context;
  const std::size_t before = device.memory().current();
  layer.forward(device, normal_tensor(device, shape), context, {.recompute = true});
  CHECK(device.memory().current() - before == shape.count() * sizeof(double));
  CHECK(saved_bytes(device, layer, shape, Need::both) > 3 * shape.count() * sizeof(double));
}
