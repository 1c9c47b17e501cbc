// Winograd's convolutions with each type of factor, whether it is the least work or not.

#include "winograd_cases.hpp"

#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>
#include <pix2pixhd/core/random.hpp>

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

using namespace convolution_test;
using detail::WinogradFactor;
using detail::WinogradPlan;

namespace {

/// Normal numbers, of which each is multiplied by e^(spread n), n being another.
std::vector<double> heavy(const Shape& shape, const std::string& name, double spread_of) {
  const RandomStream stream(17, name);
  std::vector<double> result(shape.count());
  for (std::size_t i = 0; i < result.size(); ++i)
    result[i] =
        static_cast<double>(static_cast<float>(stream.normal(2 * i) * std::exp(spread_of * stream.normal(2 * i + 1))));
  return result;
}

std::vector<double> as_bf16(std::vector<double> values) {
  for (double& value : values)
    value = static_cast<double>(detail::to_float(detail::to_bf16(static_cast<float>(value))));
  return values;
}

/// A plan with such factors; none where there are no such tiles.
std::optional<WinogradPlan> plan_with(WinogradFactor factors, const Case& c) {
  const ConvGeometry& g = c.geometry;
  std::optional<WinogradPlan> plan =
      g.transposed ? detail::winograd_gathered_tiles(c.x, output_of(c), g.kernel, g.stride, g.padding, factors)
                   : detail::winograd_tiles(c.x, output_of(c), g, factors);
  if (plan) detail::choose_blocks(*plan);
  return plan;
}

/// The convolution in bf16 by such a plan.
std::vector<double> run_with(const WinogradPlan& plan, const Case& c, const std::vector<double>& x,
                             const std::vector<double>& w, int threads) {
  const auto backend = cpu_backend(Isa::avx512_bf16, threads, Precision::bf16);
  const Tensor input = upload(*backend, c.x, x), weight = upload(*backend, weight_of(c), w, Role::parameter);
  Tensor y = Device(backend).empty(output_of(c));
  detail::run_winograd(*backend, {.plan = &plan,
                                  .x = &input,
                                  .weights = detail::forward_weights(c.geometry, weight, 0),
                                  .output = detail::mutable_elements(y)});
  return download(*backend, y);
}

/// The convolution by the reference.
std::vector<double> exact(const Case& c, const std::vector<double>& x, const std::vector<double>& w) {
  const auto backend = reference_backend();
  const BlockInput input(upload(*backend, c.x, x));
  const Tensor weight = upload(*backend, weight_of(c), w, Role::parameter);
  Tensor y = Device(backend).empty(output_of(c));
  backend->convolve({.geometry = c.geometry, .x = &input, .weight = &weight, .bias = nullptr, .y = y});
  return download(*backend, y);
}

}  // namespace

TEST_CASE("every convolution is right with each type of factor that has tiles for it, for any number of threads") {
  if (best_isa() < Isa::avx512_bf16) return;
  int numbers = 0;
  for (const Case& c : winograd_cases()) {
    CAPTURE(name_of(c));
    const std::vector<double> x = as_bf16(heavy(c.x, "x", 0)), w = heavy(weight_of(c), "w", 0);
    const std::vector<double> expected = exact(c, x, w);
    for (const WinogradFactor factors : {WinogradFactor::f32, WinogradFactor::fixed16, WinogradFactor::bf16}) {
      const std::optional<WinogradPlan> plan = plan_with(factors, c);
      if (!plan) continue;
      numbers += factors == WinogradFactor::fixed16 ? 1 : 0;
      CAPTURE(static_cast<int>(factors));
      const std::vector<double> got = run_with(*plan, c, x, w, 1);
      CHECK(relative_rms(got, expected) <= (factors == WinogradFactor::f32    ? 0.002
                                            : factors == WinogradFactor::bf16 ? 0.007
                                                                              : 0.003));
      CHECK(got == run_with(*plan, c, x, w, 2));
    }
  }
  CHECK(numbers > 30);  // kernels of three and four taps, phases of either kind, few and many channels
}

TEST_CASE("numbers round less than bf16 does at four points, and of normal factors no more than direct bf16") {
  if (best_isa() < Isa::avx512_bf16) return;
  const Case c{{.kernel = 3, .stride = 1, .padding = 1}, {1, 256, 20, 24}, 64};
  for (const double of_inputs : {0.0, 1.0})
    for (const double of_weights : {0.0, 1.0}) {
      CAPTURE(of_inputs);
      CAPTURE(of_weights);
      const std::vector<double> x = as_bf16(heavy(c.x, "x", of_inputs)), w = heavy(weight_of(c), "w", of_weights);
      const std::vector<double> expected = exact(c, x, w);
      const auto rounding = [&](WinogradFactor factors) {
        return relative_rms(run_with(*plan_with(factors, c), c, x, w, 2), expected);
      };
      // Inputs are bf16 already: direct bf16 rounds weights and outputs.
      const double direct = relative_rms(as_bf16(exact(c, x, as_bf16(w))), expected);
      const double numbers = rounding(WinogradFactor::fixed16);
      CHECK(numbers <= 0.85 * rounding(WinogradFactor::bf16));
      CHECK(numbers <= (of_inputs + of_weights == 0.0 ? 1.12 : 1.5) * direct);  // one decibel; three and a half
    }
}
