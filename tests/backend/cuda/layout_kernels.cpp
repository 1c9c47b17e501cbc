// Filters turned round in chunks, and pictures padded and folded back in rows, against the reference.
#include "ops/map_case.hpp"

#include <vector>

using namespace tests;

namespace {

/// Output, gradient by the input and gradient by the weight, added to what was there, of a convolution.
std::vector<std::vector<double>> run(Device& device, const ConvGeometry& geometry, const Shape& in, int out) {
  Backend& backend = device.backend();
  const Shape weight{out, in.c, geometry.kernel, geometry.kernel};
  const Shape result{in.n, out, geometry.output(in.h), geometry.output(in.w)};
  const auto parameter = [&](std::uint64_t seed) {
    std::vector<double> values = detail::normal_values(weight.count(), seed, "layout");
    for (double& value : values) value = static_cast<float>(value);
    return detail::device_values(device, weight, values, Role::parameter);
  };
  const BlockInput x = normal_tensor(device, in, 1);
  const Tensor w = parameter(2), y = device.empty(result), dy = normal_tensor(device, result, 3), dx = device.empty(in);
  Tensor gradient = parameter(4);
  backend.convolve({.geometry = geometry, .x = &x, .weight = &w, .y = y});
  backend.convolve_backward_data({.geometry = geometry, .dy = &dy, .weight = &w, .dx = dx});
  backend.convolve_backward_weights(
      {.geometry = geometry, .x = &x, .dy = &dy, .weight = &gradient, .add_weight = in.h % 2 == 0});
  std::vector<std::vector<double>> all;
  for (const Tensor& one : {y, dx, gradient}) all.push_back(detail::host_values(device, one));
  return all;
}

void check_against_reference(const ConvGeometry& geometry, const Shape& in, int out) {
  Device exact = reference(), device = cuda();
  CAPTURE(geometry.kernel);
  CAPTURE(geometry.padding);
  CAPTURE(geometry.enlarge);
  CAPTURE(to_string(geometry.pad));
  CAPTURE(to_string(in));
  const auto got = run(device, geometry, in, out), expected = run(exact, geometry, in, out);
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(relative_difference(got[i], expected[i]) <= 1e-5);
  }
}

}  // namespace

TEST_CASE("filters of one chunk of channels, of several, and of more taps than a chunk has room for") {
  if (!cuda_availability().empty()) {
    MESSAGE("left out: ", cuda_availability());
    return;
  }
  check_against_reference({.kernel = 3, .padding = 1}, {1, 1000, 3, 4}, 9);
  check_against_reference({.kernel = 7, .padding = 3}, {1, 205, 4, 5}, 3);
  check_against_reference({.kernel = 4, .stride = 2, .padding = 2}, {2, 390, 6, 5}, 8);
  check_against_reference({.kernel = 1, .padding = 0}, {1, 3, 5, 5}, 17);
  check_against_reference({.kernel = 1, .padding = 0}, {1, 6200, 2, 2}, 2);
  check_against_reference({.kernel = 23, .padding = 11}, {1, 19, 12, 13}, 5);
}

TEST_CASE("padded pictures and their gradients: rows in fours, inside and at borders") {
  if (!cuda_availability().empty()) return;
  for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate})
    for (const int kernel : {1, 3, 7})
      for (const int enlarge : {1, 2})
        for (const int h : {4, 7, 13, 18})
          check_against_reference({.kernel = kernel, .padding = kernel / 2, .pad = pad, .enlarge = enlarge},
                                  {h % 3 + 1, 9, h, 17 - h % 2}, 3);
}
