#pragma once
// The convolutions with which the tests try Winograd's kernels.

#include "convolution_cases.hpp"

#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>

#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

namespace convolution_test {

/// Shapes with all that differs between plans: sizes of tiles, phases of source and output with all taps and with some,
/// few and many channels, one block of tiles and several, several bands, slices and groups, channel counts beside
/// multiples of 16, sides that leave parts of tiles over.
inline std::vector<Case> winograd_cases() {
  std::vector<Case> result;
  for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate}) {
    const ConvGeometry geometry{.kernel = 3, .stride = 1, .padding = 1, .pad = pad};
    result.push_back({geometry, {2, 16, 33, 70}, 16});
    result.push_back({geometry, {1, 64, 41, 38}, 64});
    result.push_back({geometry, {1, 23, 30, 301}, 37});
    result.push_back({geometry, {2, 150, 24, 17}, 100});
  }
  result.push_back({{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {1, 768, 28, 92}, 20});
  result.push_back(
      {{.kernel = 3, .stride = 1, .padding = 1}, {7, 208, 9, 11}, 200});  // blocks share weights, the last fewer
  result.push_back({{.kernel = 3, .stride = 1, .padding = 0}, {1, 32, 31, 22}, 48});
  result.push_back({{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect, .enlarge = 2}, {1, 40, 11, 13}, 24});
  for (const int kernel : {3, 4}) {
    for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate}) {
      const ConvGeometry geometry{.kernel = kernel, .stride = 2, .padding = kernel / 2, .pad = pad};
      result.push_back({geometry, {2, 24, 70, 91}, 40});
      result.push_back({geometry, {1, 100, 59, 64}, 150});
    }
    const ConvGeometry geometry{.kernel = kernel, .stride = 2, .padding = (kernel - 1) / 2, .transposed = true};
    result.push_back({geometry, {2, 40, 38, 35}, 24});
    result.push_back({geometry, {1, 150, 29, 33}, 100});
  }
  result.push_back({{.kernel = 3, .stride = 2, .padding = 1}, {1, 300, 60, 64}, 70});
  const ConvGeometry four{.kernel = 4, .stride = 1, .padding = 2};
  result.push_back({four, {2, 33, 28, 41}, 37});
  result.push_back({four, {1, 150, 18, 34}, 260});
  result.push_back({{.kernel = 4, .stride = 2, .padding = 2, .pad = Pad::reflect, .enlarge = 2}, {1, 40, 31, 33}, 64});
  return result;
}

/// The root of the mean squared difference, relative to that of the expected values.
inline double relative_rms(const std::vector<double>& got, const std::vector<double>& expected) {
  double difference = 0, sum = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference += (got[i] - expected[i]) * (got[i] - expected[i]);
    sum += expected[i] * expected[i];
  }
  return std::sqrt(difference / sum);
}

/// Largest difference, relative to the largest value, of a convolution that is added to what is there and activated
/// after that, from the same convolution by itself with both done to it afterwards.
inline double error_of_adding(const std::shared_ptr<CpuBackend>& backend, const Case& c,
                              const detail::WinogradPlan& plan) {
  Device device(backend);
  const Tensor x = random_tensor(device, c.x, "x");
  const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
  Tensor alone = device.empty(output_of(c)), added = random_tensor(device, output_of(c), "y");
  const std::vector<double> before = values_of(device, added);
  detail::WinogradConvolution call{.plan = &plan,
                                   .x = &x,
                                   .weights = detail::forward_weights(c.geometry, weight, 0),
                                   .output = detail::mutable_elements(alone)};
  detail::run_winograd(*backend, call);
  call.output = detail::mutable_elements(added);
  call.add = true;
  call.activation = Activation::leaky_relu;
  detail::run_winograd(*backend, call);
  std::vector<double> expected = values_of(device, alone);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    expected[i] += before[i];
    if (expected[i] < 0) expected[i] *= leaky_slope;
  }
  return distance(values_of(device, added), expected);
}

}  // namespace convolution_test
