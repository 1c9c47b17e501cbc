// Convolutions and their gradients.

#include "convolution_cases.hpp"

using namespace convolution_test;

namespace {

/// Of a result in float whose factors were rounded to bf16 (few outputs on Isa::avx512_bf16). Rounding changes a factor
/// by 2^-8 of itself at most, by 0.0017 in the root of the mean square, both of a product by 0.0024, and a sum of
/// independent products by as much of its own. The largest of many errors and the largest of many results are about as
/// many deviations away from zero, so that their ratio is 0.0024 again; a third more is allowed.
constexpr double of_factors = 0.0032;

}  // namespace

TEST_CASE("convolutions of every geometry equal the reference") {
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    const double tolerance = plan_of(c) ? winograd_tolerance : direct_tolerance;
    const auto run = [&](Device& device) -> std::vector<Tensor> { return {convolution_of(device, c)}; };
    compare_in(Precision::f32, tolerance, 0, run);
    compare_in(Precision::bf16, of_factors, bf16_convolution, run);  // Isa::avx512_bf16 rounds the weights too
  }
}

TEST_CASE("few outputs of many taps equal the reference where a picture takes several tiles") {
  for (const int out : {2, 3, 4, 6})
    for (const Shape& x : {Shape{1, 32, 45, 300}, Shape{2, 17, 70, 129}}) {
      const Case c{{.kernel = 7, .stride = 1, .padding = 3, .pad = Pad::reflect}, x, out};
      CAPTURE(name_of(c));
      const auto run = [&](Device& device) -> std::vector<Tensor> { return {convolution_of(device, c)}; };
      compare_in(Precision::f32, direct_tolerance, 0, run);
      compare_in(Precision::bf16, of_factors, bf16_convolution, run);
    }
}

TEST_CASE("the gradient by the input equals the reference") {
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    const double tolerance = winograd_takes_gradient(c) ? winograd_tolerance : direct_tolerance;
    const auto run = [&](Device& device) -> std::vector<Tensor> { return {gradient_by_input(device, c)}; };
    compare_in(Precision::f32, tolerance, 0, run);
    compare_in(Precision::bf16, of_factors, bf16_convolution + bf16_rounding,
               run);  // what comes from the frame is rounded again
  }
}

TEST_CASE("the gradients by weight and bias equal the reference, added or overwriting") {
  for (const bool add : {false, true})
    for (const Case& c : cases()) {
      CAPTURE(name_of(c));
      CAPTURE(add);
      compare_convolution(2e-5, [&](Device& device) -> std::vector<Tensor> {
        const BlockInput x(random_tensor(device, c.x, "x"));
        const Tensor dy = random_tensor(device, output_of(c), "dy");
        Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
        Tensor bias = random_tensor(device, {c.out, 1, 1, 1}, "bias", Role::parameter);
        device.backend().convolve_backward_weights({.geometry = c.geometry,
                                                    .x = &x,
                                                    .dy = &dy,
                                                    .weight = &weight,
                                                    .bias = &bias,
                                                    .add_weight = add,
                                                    .add_bias = add});
        return {weight, bias};
      });
    }
}

TEST_CASE("pending inputs are finished when they are read") {
  const std::vector<Case> some{
      {{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {2, 24, 7, 9}, 18},
      {{.kernel = 3, .stride = 2, .padding = 1}, {1, 5, 9, 8}, 16},
      {{.kernel = 3, .stride = 2, .padding = 1, .transposed = true}, {2, 20, 5, 7}, 12},
      {{.kernel = 7, .stride = 1, .padding = 3, .pad = Pad::replicate}, {1, 16, 6, 11}, 3},
  };
  for (const Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu, Activation::tanh})
    for (const Case& c : some) {
      CAPTURE(name_of(c));
      CAPTURE(to_string(activation));
      const auto run = [&](Device& device) -> std::vector<Tensor> {
        const BlockInput x(pending_or_finished(device, c.x, "x", activation));
        const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
        const Tensor dy = random_tensor(device, output_of(c), "dy");
        Tensor y = device.empty(output_of(c));
        Tensor gradient = device.empty(weight_of(c), Role::parameter);
        device.backend().convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = nullptr, .y = y});
        device.backend().convolve_backward_weights(
            {.geometry = c.geometry, .x = &x, .dy = &dy, .weight = &gradient, .bias = nullptr, .add_weight = false});
        return {y, gradient};
      };
      compare_in(Precision::f32, 2e-5, 0, run);
      compare_in(Precision::bf16, of_factors, 2e-5 + bf16_convolution, run);
    }
}
