// The gradient by the weights with Winograd's kernels against the reference, which computes in double.

#include <pix2pixhd/backend/cpu/winograd_gradient.hpp>

#include "winograd_cases.hpp"

using namespace convolution_test;

namespace {

// max |difference| / max |expected|
constexpr double gradient_tolerance = 1e-5;

void require_plan(const Case& c) { REQUIRE(detail::plan_winograd_gradient(c.geometry, c.x, output_of(c)).has_value()); }

}  // namespace

TEST_CASE("the gradient by the weights equals the reference by Winograd's kernels, added or overwriting") {
  bool add = false;
  std::vector<Case> cases = winograd_cases();
  // The weights of a block take more memory than its sums where the kernel is large and the channels are few.
  for (const int kernel : {7, 8}) {
    cases.push_back({{.kernel = kernel, .stride = 2, .padding = 3}, {1, 40, 64, 66}, 16});
    cases.push_back({{.kernel = kernel, .stride = 2, .padding = 3, .transposed = true}, {1, 16, 35, 38}, 33});
  }
  for (const Case& c : cases) {
    CAPTURE(name_of(c));
    CAPTURE(add);
    require_plan(c);
    compare_convolution(gradient_tolerance, [&](Device& device) -> std::vector<Tensor> {
      const BlockInput x(random_tensor(device, c.x, "x"));
      const Tensor dy = random_tensor(device, output_of(c), "dy");
      Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
      device.backend().convolve_backward_weights({.geometry = c.geometry,
                                                  .x = &x,
                                                  .dy = &dy,
                                                  .weight = &weight,
                                                  .bias = nullptr,
                                                  .add_weight = add,
                                                  .add_bias = false});
      return {weight};
    });
    add = !add;
  }
}

TEST_CASE("pending inputs are finished when the gradient by the weights reads them") {
  const std::vector<Case> some{
      {{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {2, 40, 17, 30}, 24},
      {{.kernel = 3, .stride = 2, .padding = 1, .transposed = true}, {1, 64, 31, 33}, 40},
  };
  for (const Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu, Activation::tanh})
    for (const Case& c : some) {
      CAPTURE(name_of(c));
      CAPTURE(to_string(activation));
      require_plan(c);
      compare_convolution(gradient_tolerance, [&](Device& device) -> std::vector<Tensor> {
        const BlockInput x(pending_or_finished(device, c.x, "x", activation));
        const Tensor dy = random_tensor(device, output_of(c), "dy");
        Tensor weight = device.empty(weight_of(c), Role::parameter);
        device.backend().convolve_backward_weights(
            {.geometry = c.geometry, .x = &x, .dy = &dy, .weight = &weight, .bias = nullptr, .add_weight = false});
        return {weight};
      });
    }
}

TEST_CASE("plans of the gradient hold a part of the tiles at once and share the channels out") {
  const ConvGeometry geometry{.kernel = 4, .stride = 1, .padding = 2};
  const auto plan = detail::plan_winograd_gradient(geometry, {1, 256, 65, 129}, {1, 512, 66, 130});
  REQUIRE(plan.has_value());
  CHECK(plan->tiles.tile() == 3);
  CHECK(plan->tiles.side() == 4);
  CHECK(plan->blocks() > plan->band);
  CHECK(plan->large_ranges() * plan->large_range >= 16);
  CHECK(plan->small_ranges() * plan->small_range >= 32);
  const auto few =
      detail::plan_winograd_gradient({.kernel = 3, .stride = 1, .padding = 1}, {1, 64, 128, 256}, {1, 64, 128, 256});
  REQUIRE(few.has_value());
  CHECK(few->large_ranges() * few->small_ranges() >= 8);
}

TEST_CASE("where Winograd's gradient is no less work there is no plan") {
  const ConvGeometry three{.kernel = 3, .stride = 1, .padding = 1};
  CHECK_FALSE(detail::plan_winograd_gradient(three, {1, 3, 64, 64}, {1, 64, 64, 64}).has_value());
  CHECK_FALSE(detail::plan_winograd_gradient(three, {1, 64, 64, 64}, {1, 3, 64, 64}).has_value());
  CHECK_FALSE(detail::plan_winograd_gradient(three, {1, 256, 2, 4}, {1, 256, 2, 4}).has_value());
  CHECK_FALSE(detail::plan_winograd_gradient({.kernel = 7, .stride = 1, .padding = 3}, {1, 64, 64, 64}, {1, 64, 64, 64})
                  .has_value());
}
