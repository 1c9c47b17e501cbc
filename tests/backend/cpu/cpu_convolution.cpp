#include <pix2pixhd/backend/cpu/cpu_backend.hpp>

#include "on_both.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pix2pixhd;
using namespace on_both;

namespace {

struct Case {
  ConvGeometry geometry;
  Shape x;
  int out;
};

std::string name_of(const Case& c) {
  const ConvGeometry& g = c.geometry;
  return detail::sentence("kernel ", g.kernel, " stride ", g.stride, " padding ", g.padding, " ", to_string(g.pad),
                          g.transposed ? " transposed" : "", " enlarge ", g.enlarge, ", ", to_string(c.x), " to ", c.out);
}

Shape output_of(const Case& c) {
  return {c.x.n, c.out, c.geometry.output(c.x.h), c.geometry.output(c.x.w)};
}

Shape weight_of(const Case& c) {
  return c.geometry.transposed ? Shape{c.x.c, c.out, c.geometry.kernel, c.geometry.kernel}
                               : Shape{c.out, c.x.c, c.geometry.kernel, c.geometry.kernel};
}

/// Every geometry that a block may have, on a few shapes each.
std::vector<Case> cases() {
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
  const std::vector<Channels> channels{{1, 3}, {3, 16}, {5, 17}, {16, 64}, {17, 5}, {39, 64}, {64, 1}, {96, 48}};
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

}  // namespace

TEST_CASE("convolutions of every geometry equal the reference") {
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    compare(3e-6, [&](Device& device) -> std::vector<Tensor> {
      const BlockInput x(random_tensor(device, c.x, "x"));
      const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
      const Tensor bias = random_tensor(device, {c.out, 1, 1, 1}, "bias", Role::parameter);
      Tensor y = device.empty(output_of(c));
      device.backend().convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = &bias, .y = y});
      return {y};
    });
  }
}

TEST_CASE("the gradient by the input equals the reference") {
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    compare(3e-6, [&](Device& device) -> std::vector<Tensor> {
      const Tensor dy = random_tensor(device, output_of(c), "dy");
      const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
      Tensor dx = device.empty(c.x);
      device.backend().convolve_backward_data(
          {.geometry = c.geometry, .dy = &dy, .weight = &weight, .map = nullptr, .dx = dx});
      return {dx};
    });
  }
}

TEST_CASE("the gradients by weight and bias equal the reference, added or overwriting") {
  for (const bool add : {false, true})
    for (const Case& c : cases()) {
      CAPTURE(name_of(c));
      CAPTURE(add);
      compare(2e-5, [&](Device& device) -> std::vector<Tensor> {
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
