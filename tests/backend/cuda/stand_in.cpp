// What the tests' stand-in for a device is strict about: tests/stand_in/README.md.
#include "backend/cuda/control.hpp"

#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/ops/add.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace pix2pixhd;

namespace {

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

Tensor filled(Device& device, const Shape& shape, float value, Role role = Role::activation) {
  return upload<float>(device, shape, std::vector<float>(shape.count(), value), role);
}

bool all_nan(Device& device, const Tensor& x) {
  std::vector<float> values(x.shape().count());
  download<float>(device, x, values);
  for (const float value : values)
    if (!std::isnan(value)) return false;
  return true;
}

}  // namespace

TEST_CASE("work waits until somebody does, however much there is of it") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  const Shape shape{1, 8, 2, 2};
  const Tensor x = filled(device, shape, 1), y = device.empty(shape);
  Backend& backend = device.backend();
  for (int i = 0; i < 300; ++i) {
    Tensor sum = y;
    backend.add(x, x, sum);
  }
  CHECK(std::isnan(*y.data<float>()));  // the stand-in's memory is the host's
  std::vector<float> values(shape.count());
  download<float>(device, y, values);
  CHECK(*y.data<float>() == 2);
  CHECK(values == std::vector<float>(shape.count(), 2));
}

TEST_CASE("in convolutions zero times what is not a number is none, as cuDNN has it") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  Backend& backend = device.backend();
  const Shape shape{1, 8, 4, 4}, filter{8, 8, 3, 3};
  const ConvGeometry geometry{.kernel = 3, .padding = 1};
  const Tensor zeros = filled(device, shape, 0), bad_weight = filled(device, filter, not_a_number, Role::parameter);
  const BlockInput zero_input = zeros, bad_input = filled(device, shape, not_a_number);
  const Tensor y = device.empty(shape), dx = device.empty(shape);
  Tensor gradient = device.empty(filter, Role::parameter);
  backend.convolve({.geometry = geometry, .x = &zero_input, .weight = &bad_weight, .y = y});
  CHECK(all_nan(device, y));
  backend.convolve_backward_data({.geometry = geometry, .dy = &zeros, .weight = &bad_weight, .dx = dx});
  CHECK(all_nan(device, dx));
  backend.convolve_backward_weights(
      {.geometry = geometry, .x = &bad_input, .dy = &zeros, .weight = &gradient, .add_weight = false});
  CHECK(all_nan(device, gradient));
}
