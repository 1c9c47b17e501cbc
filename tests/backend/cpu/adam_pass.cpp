#include "backend/cpu/random_tensors.hpp"

using namespace pix2pixhd_test;

namespace {

const Shape shapes[] = {{1, 1, 1, 1}, {17, 1, 1, 1}, {5, 3, 3, 3}, {64, 40, 7, 7}};

/// Three steps from fixed moments; the gradient of the second is cleared.
std::vector<Tensor> three_steps(Device& device, const Shape& shape) {
  Tensor value = random_tensor(device, shape, "value", Role::parameter);
  Tensor m = tensor(device, shape, random_values(shape, "m", 0, 1e-2), Role::parameter);
  std::vector<float> squares = random_values(shape, "v", 0, 1e-2);
  for (float& v : squares) v *= v;
  Tensor v = tensor(device, shape, squares, Role::parameter);
  for (int step = 1; step <= 3; ++step) {
    Tensor gradient =
        tensor(device, shape, random_values(shape, "gradient" + std::to_string(step), 0, 1e-2), Role::parameter);
    if (step == 2) gradient.storage()->clear();
    device.backend().adam({.gradient = &gradient, .value = value, .m = m, .v = v, .rate = 1e-2, .step = step});
  }
  return {value, m, v};
}

}  // namespace

TEST_CASE("steps of Adam, with a gradient that is cleared") {
  for (const Shape& shape : shapes) {
    CAPTURE(to_string(shape));
    compare(2e-6, [&](Device& device) { return three_steps(device, shape); });
  }
}

TEST_CASE("Adam makes what was derived from a weight out of date") {
  Device device = cpu({.threads = 1});
  const Shape shape{4, 4, 3, 3};
  const Tensor gradient = random_tensor(device, shape, "gradient", Role::parameter);
  const Tensor value = random_tensor(device, shape, "value", Role::parameter);
  const Tensor m = random_tensor(device, shape, "m", Role::parameter), v = m;
  value.storage()->derived<int>(7, [] { return std::make_shared<const int>(1); });
  REQUIRE(value.storage()->has_derived(7));
  device.backend().adam({.gradient = &gradient, .value = value, .m = m, .v = v});
  CHECK_FALSE(value.storage()->has_derived(7));
}

TEST_CASE("weights without a gradient and without moments stay as they are") {
  for (const Isa isa : available_isas()) {
    Device device = cpu({.threads = 2}, isa);
    const Shape shape{100, 1, 1, 1};
    const std::vector<float> zeros(shape.count(), 0.0f);
    const Tensor gradient = tensor(device, shape, zeros, Role::parameter);
    const Tensor value = random_tensor(device, shape, "value", Role::parameter);
    const Tensor m = tensor(device, shape, zeros, Role::parameter), v = tensor(device, shape, zeros, Role::parameter);
    const auto before = values_of(device, value);
    device.backend().adam({.gradient = &gradient, .value = value, .m = m, .v = v});
    CHECK(values_of(device, value) == before);
  }
}
