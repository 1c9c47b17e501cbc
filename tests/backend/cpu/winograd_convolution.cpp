// Winograd's convolution against the reference, which computes in double.

#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>

#include "winograd_cases.hpp"

#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>

#include <algorithm>

using namespace convolution_test;

namespace {

void require_plan(const Case& c) { REQUIRE(plan_of(c).has_value()); }

}  // namespace

TEST_CASE("Winograd's convolution equals the reference") {
  for (const Case& c : winograd_cases()) {
    CAPTURE(name_of(c));
    require_plan(c);
    const auto run = [&](Device& device) -> std::vector<Tensor> { return {convolution_of(device, c)}; };
    compare_in(Precision::f32, winograd_tolerance, 0, run);
    compare_in(Precision::bf16, winograd_tolerance, bf16_convolution,
               run);  // where pairs of bf16 are less work, weights are rounded too
  }
}

TEST_CASE("the gradient by the input equals the reference by Winograd's kernels") {
  for (const Case& c : winograd_cases()) {
    CAPTURE(name_of(c));
    REQUIRE(winograd_takes_gradient(c));
    const auto run = [&](Device& device) -> std::vector<Tensor> { return {gradient_by_input(device, c)}; };
    compare_in(Precision::f32, winograd_tolerance, 0, run);
    compare_in(Precision::bf16, winograd_tolerance, bf16_convolution + bf16_rounding,
               run);  // what comes from the frame is rounded again
  }
}

TEST_CASE("it can add to what is there, and activates after that") {
  const Case c{{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {2, 20, 26, 35}, 24};
  const auto plan = plan_of(c);
  REQUIRE(plan.has_value());
  for (const Isa isa : available_isas()) {
    CAPTURE(to_string(isa));
    const auto backend = std::make_shared<CpuBackend>(DeviceOptions{.threads = 2}, isa);
    CHECK(error_of_adding(backend, c, *plan) <= 1e-6);
  }
}

TEST_CASE("pending inputs are finished when Winograd's kernels read them") {
  for (const Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu, Activation::tanh})
    for (const int in : {18, 144}) {
      const Case c{{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::zero}, {2, in, 30, 33}, 64};
      require_plan(c);
      CAPTURE(name_of(c));
      CAPTURE(to_string(activation));
      compare_convolution(winograd_tolerance, [&](Device& device) -> std::vector<Tensor> {
        const BlockInput x(pending_or_finished(device, c.x, "x", activation));
        const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
        Tensor y = device.empty(output_of(c));
        device.backend().convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = nullptr, .y = y});
        return {y};
      });
    }
}

TEST_CASE("zeros give exactly zeros, and a flat picture is flat but for rounding") {
  const Shape shape{1, 48, 37, 45};
  for (const Isa isa : available_isas()) {
    CAPTURE(to_string(isa));
    Device device = cpu({.threads = 1}, isa);
    const Tensor weight = random_tensor(device, {48, 48, 3, 3}, "weight", Role::parameter);
    for (const float value : {0.0f, 0.7f}) {
      const BlockInput x(tensor(device, shape, std::vector<float>(shape.count(), value)));
      Tensor y = device.empty(shape);
      device.backend().convolve({.geometry = {.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect},
                                 .x = &x,
                                 .weight = &weight,
                                 .bias = nullptr,
                                 .y = y});
      const std::vector<double> values = values_of(device, y);
      double spread = 0, largest = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        spread = std::max(spread, std::abs(values[i] - values[i / shape.pixels() * shape.pixels()]));
        largest = std::max(largest, std::abs(values[i]));
      }
      if (value == 0)
        CHECK(largest == 0);
      else
        CHECK(spread <= winograd_tolerance * largest);
    }
  }
}
