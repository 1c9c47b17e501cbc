#pragma once
// The convolutions that the tests of the CPU backend run.

#include "backend/cpu/random_tensors.hpp"

#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace convolution_test {

using namespace pix2pixhd_test;

/// A convolution: `x` pixels and channels in, `out` channels out.
struct Case {
  ConvGeometry geometry;
  Shape x;
  int out;
};

inline std::string name_of(const Case& c) {
  const ConvGeometry& g = c.geometry;
  return detail::sentence("kernel ", g.kernel, " stride ", g.stride, " padding ", g.padding, " ", to_string(g.pad),
                          g.transposed ? " transposed" : "", " enlarge ", g.enlarge, ", ", to_string(c.x), " to ",
                          c.out);
}

inline Shape output_of(const Case& c) { return {c.x.n, c.out, c.geometry.output(c.x.h), c.geometry.output(c.x.w)}; }

inline Shape weight_of(const Case& c) {
  return c.geometry.transposed ? Shape{c.x.c, c.out, c.geometry.kernel, c.geometry.kernel}
                               : Shape{c.out, c.x.c, c.geometry.kernel, c.geometry.kernel};
}

// max |difference| / max |expected| of convolutions and their gradients by the input. Summing n products of one size
// one after the other, each partial sum rounded by 2^-24 / sqrt(3) of itself in the root of the mean square, leaves an
// error of 2^-24 sqrt(n / 6) of the result: 1e-6 for the 1700 products of the largest case, of which five times is
// allowed. Winograd's transforms on six points magnify what is rounded at the points, and divide n by the taps: the
// norms of the rows of B^T and G, weighted with those of A^T, give up to 11.8 for F(5x5, 2x2), 8.8 for F(4x4, 3x3)
// and 7.2 for F(3x3, 4x4), in the worst of the places of a tile: 11.8 (sqrt(256 / 6) + 2) 2^-24 = 6e-6 with 256
// channels, the 2 for the transforms' own rounding.
inline constexpr double direct_tolerance = 5e-6, winograd_tolerance = 1e-5;

/// bf16_rounding of a convolution with factors in bf16. The error of a value is normal, as a sum of many, and so are
/// the values: the largest of each stand in the ratio of their deviations, 0.0042 = 1.1 / 256 with Winograd's
/// transforms (winograd_bf16.cpp) and 0.0024 without, if there are many values. Of a hundred, the largest may be two
/// deviations where that of the errors is four: twice as much, and half as much again for what is stored.
inline constexpr double bf16_convolution = 3 * bf16_rounding;

/// compare() of convolutions, where in bf16 Isa::avx512_bf16 rounds weights too, or what Winograd's transforms make of
/// them.
template <class Run>
void compare_convolution(double tolerance, Run&& run) {
  compare_in(Precision::f32, tolerance, 0, run);
  compare_in(Precision::bf16, tolerance, tolerance + bf16_convolution, run);
}

/// The convolution of random numbers, with a bias.
inline Tensor convolution_of(Device& device, const Case& c) {
  const BlockInput x(random_tensor(device, c.x, "x"));
  const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
  const Tensor bias = random_tensor(device, {c.out, 1, 1, 1}, "bias", Role::parameter);
  Tensor y = device.empty(output_of(c));
  device.backend().convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = &bias, .y = y});
  return y;
}

/// Its gradient by the input.
inline Tensor gradient_by_input(Device& device, const Case& c) {
  const Tensor dy = random_tensor(device, output_of(c), "dy");
  const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
  Tensor dx = device.empty(c.x);
  device.backend().convolve_backward_data(
      {.geometry = c.geometry, .dy = &dy, .weight = &weight, .map = nullptr, .dx = dx});
  return dx;
}

/// Winograd's plan, where the convolution has one.
inline std::optional<detail::WinogradPlan> plan_of(const Case& c) {
  const ConvGeometry& g = c.geometry;
  return g.transposed ? detail::plan_winograd_gathered(c.x, output_of(c), g.kernel, g.stride, g.padding)
                      : detail::plan_winograd_strided(c.x, output_of(c), g);
}

/// Whether Winograd's kernels take the gradient by the input.
inline bool winograd_takes_gradient(const Case& c) {
  const auto backend = std::make_shared<CpuBackend>(DeviceOptions{.threads = 1}, Isa::baseline);
  Device planning(backend);
  const Tensor dy = planning.empty(output_of(c));
  const ConvolutionBackwardData call{.geometry = c.geometry, .dy = &dy, .dx = planning.empty(c.x)};
  return detail::plan_backward_data(*backend, call).winograd.has_value();
}

/// Every geometry that a block may have, on a few shapes each.
inline std::vector<Case> cases() {
  std::vector<ConvGeometry> geometries;
  for (const int kernel : {1, 3, 4, 7})
    for (const int stride : {1, 2})
      for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate})
        geometries.push_back({.kernel = kernel, .stride = stride, .padding = kernel / 2, .pad = pad});
  geometries.push_back({.kernel = 3, .stride = 1, .padding = 0});
  geometries.push_back({.kernel = 3, .stride = 3, .padding = 1});
  for (const int kernel : {1, 3, 4})
    geometries.push_back({.kernel = kernel, .stride = 2, .padding = (kernel - 1) / 2, .transposed = true});
  geometries.push_back({.kernel = 3, .stride = 1, .padding = 1, .transposed = true});
  for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate})
    geometries.push_back({.kernel = 3, .stride = 1, .padding = 1, .pad = pad, .enlarge = 2});
  geometries.push_back({.kernel = 4, .stride = 2, .padding = 2, .pad = Pad::reflect, .enlarge = 2});

  struct Channels {
    int in, out;
  };
  const std::vector<Channels> channels{{1, 3},  {3, 16},  {5, 17}, {16, 64}, {17, 5}, {39, 64},
                                       {64, 1}, {96, 48}, {33, 3}, {16, 2},  {20, 4}};
  struct Sides {
    int h, w;
  };
  const std::vector<Sides> sides{{9, 13}, {4, 4}, {8, 71}, {19, 6}};
  std::vector<Case> result;
  for (std::size_t i = 0; i < geometries.size(); ++i)
    for (std::size_t j = 0; j < channels.size(); ++j) {
      const Sides& s = sides[(i + j) % sides.size()];
      result.push_back({geometries[i], {1 + static_cast<int>((i + j) % 2), channels[j].in, s.h, s.w}, channels[j].out});
    }
  return result;
}

}  // namespace convolution_test
