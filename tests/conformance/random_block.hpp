#pragma once
/// Blocks of random shape, run on any device.

#include "ops/map_case.hpp"

#include <pix2pixhd/ops/conv_block.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tests {

/// What a block reads.
enum class Source { tensor, pending, map };

struct RandomBlock {
  ConvBlockSpec spec;
  Source source = Source::tensor;
  int n = 1, in = 1, out = 1, h = 1, w = 1;
  int classes = 0, parts = 0, level = 0;  ///< of a map; in = classes + 1 + parts
  bool skip = false, running = false;
  std::uint64_t seed = 0;

  std::string text() const {
    const ConvGeometry& g = spec.geometry;
    return detail::sentence(
        "case ", seed, ": ", g.kernel, "x", g.kernel, " stride ", g.stride, " ", to_string(g.pad),
        g.transposed ? " transposed" : "", g.enlarge == 2 ? " resized" : "", ", norm ", to_string(spec.norm),
        running ? " (running)" : "", ", ", to_string(spec.activation), skip ? ", skip" : "", ", from ",
        source == Source::map       ? detail::sentence("a map of level ", level, " with ", parts, " parts")
        : source == Source::pending ? std::string("a pending tensor")
                                    : std::string("a tensor"),
        ", ", n, "x", in, "x", h, "x", w, " to ", out, " channels");
  }
  Shape output() const { return {n, out, spec.geometry.output(h), spec.geometry.output(w)}; }
  Shape weight() const {
    const int k = spec.geometry.kernel;
    return spec.geometry.transposed ? Shape{in, out, k, k} : Shape{out, in, k, k};
  }
  bool valid() const {
    const Shape y = output();
    const int smallest = spec.geometry.pad == Pad::reflect ? spec.geometry.padding + 1 : 1;
    // Ill conditioned, so that single precision says nothing: statistics of a handful of values; and the gradient by a
    // weight that the norm cancels, as it does a single one.
    const int values = y.h * y.w * (spec.norm == Norm::batch && !running ? n : 1);
    return y.h > 0 && y.w > 0 && std::min(h, w) * spec.geometry.enlarge >= smallest &&
           (spec.norm == Norm::none || running ||
            (values >= 24 && in * spec.geometry.kernel * spec.geometry.kernel >= 4)) &&
           multiply_adds(spec.geometry, {n, in, h, w}, y) < 3e7;
  }

  /// The case of a seed; shapes are drawn until one is valid.
  explicit RandomBlock(std::uint64_t case_seed) : seed(case_seed) {
    const RandomStream random(seed, "block");
    std::uint64_t next = 0;
    const auto below = [&](int limit) {
      return static_cast<int>(random.bits(next++) % static_cast<std::uint64_t>(limit));
    };
    do {
      ConvGeometry& g = spec.geometry;
      g = {};
      g.kernel = std::array{1, 3, 4, 7}[static_cast<std::size_t>(below(4))];
      g.padding = g.kernel / 2;
      g.stride = 1 + below(2);
      g.pad = static_cast<Pad>(below(3));
      const int kind = below(5);
      if (kind == 0 && g.kernel % 2 == 1) {
        g.transposed = true;
        g.pad = Pad::zero;
      } else if (kind == 1) {
        g.enlarge = 2;
        g.stride = 1;
      }
      spec.norm = static_cast<Norm>(below(3));
      spec.activation = static_cast<Activation>(below(4));
      running = spec.norm == Norm::batch && below(3) == 0;
      skip = below(3) == 0;
      source = g.transposed ? static_cast<Source>(below(2)) : static_cast<Source>(below(3));
      n = 1 + below(3);
      // Small counts as often as large ones.
      in = 1 + below(below(2) == 0 ? 8 : 70);
      out = 1 + below(below(2) == 0 ? 8 : 70);
      h = 1 + below(below(2) == 0 ? 9 : 40);
      w = 1 + below(below(2) == 0 ? 9 : 40);
      if (source == Source::map) {
        level = below(3);
        parts = below(4);
        classes = std::max(1, in - 1 - parts);
        in = classes + 1 + parts;
      }
    } while (!valid());
  }
};

/// The arrays of a block on a device.
inline void fill_arrays(Device& device, const RandomBlock& block, ConvBlockArrays& arrays) {
  const auto values = [&](const Shape& shape, const char* name, double scale, double shift) {
    std::vector<double> result = detail::normal_values(shape.count(), block.seed, name);
    for (double& value : result) value = static_cast<float>(shift + scale * (shift != 0 ? std::tanh(value) : value));
    return detail::device_values(device, shape, result, Role::parameter);
  };
  const Shape weight = block.weight(), each{block.out, 1, 1, 1};
  const int k = block.spec.geometry.kernel;
  arrays.weight.value = values(weight, "weight", 1 / std::sqrt(static_cast<double>(block.in) * k * k), 0);
  arrays.bias.value = values(each, "bias", 0.3, 0);
  if (block.spec.norm != Norm::batch) return;
  arrays.scale.value = values(each, "scale", 0.5, 1);
  arrays.shift.value = values(each, "shift", 0.3, 0);
  arrays.mean.value = values(each, "mean", 0.3, 0);
  arrays.variance.value = values(each, "variance", 0.5, 1);
}

/// The result of a block with a norm: a backend that normalises when it reads leaves it pending.
inline Tensor pending_tensor(Device& device, const Shape& shape, std::uint64_t seed) {
  RandomBlock before(seed);
  before.spec = {.geometry = {.kernel = 1, .padding = 0}, .norm = Norm::instance, .activation = Activation::leaky_relu};
  before.in = before.out = shape.c;
  ConvBlockArrays arrays;
  fill_arrays(device, before, arrays);
  return conv_block(device, normal_tensor(device, shape, seed), arrays, before.spec, {}, nullptr);
}

/// The input of the block.
inline BlockInput input_of(Device& device, const RandomBlock& block) {
  if (block.source == Source::map) {
    int h = block.h, w = block.w;  // full-size sides that pool to the wanted ones
    for (int i = 0; i < block.level; ++i) h = 2 * h - (block.seed % 2 == 0 ? 1 : 0);
    for (int i = 0; i < block.level; ++i) w = 2 * w - (block.seed % 3 == 0 ? 1 : 0);
    SemanticMap map = MapArrays(block.n, h, w, block.classes, block.seed).map(device, true);
    const Shape part{block.n, block.parts, h, w};
    if (block.parts > 0 && block.seed % 2 == 0) map = join(map, normal_tensor(device, part, block.seed));
    if (block.parts > 0 && block.seed % 2 == 1) map = join(map, pending_tensor(device, part, block.seed));
    for (int i = 0; i < block.level; ++i) map = pool(device, map, Pooling::average3);
    return map;
  }
  const Shape shape{block.n, block.in, block.h, block.w};
  return block.source == Source::tensor ? normal_tensor(device, shape, block.seed)
                                        : pending_tensor(device, shape, block.seed);
}

/// Output, gradients and running statistics of a block, on the host.
struct BlockValues {
  std::vector<double> y, dx, weight, bias, scale, shift, mean, variance;
};

/// Runs a block forward and backward; without `dy` forward in inference only.
inline BlockValues run_block(Device& device, const RandomBlock& block, const std::vector<double>* dy,
                             bool once_more = false) {
  ConvBlockArrays arrays;
  fill_arrays(device, block, arrays);
  BlockValues result;
  const Shape out = block.output();
  const Tensor skip = !block.skip          ? Tensor()
                      : block.seed % 4 < 2 ? normal_tensor(device, out, block.seed + 1)
                                           : pending_tensor(device, out, block.seed + 1);
  const Ask ask{.add = block.skip ? &skip : nullptr, .running_statistics = block.running};
  ConvBlockRecord record;
  const Tensor y = conv_block(device, input_of(device, block), arrays, block.spec, ask, dy ? &record : nullptr);
  result.y = detail::host_values(device, y);
  const auto host = [&](const Tensor& x) { return x.empty() ? std::vector<double>() : detail::host_values(device, x); };
  result.mean = host(arrays.mean.value);
  result.variance = host(arrays.variance.value);
  if (!dy) return result;
  const Tensor gradient = detail::device_values(device, out, *dy);
  const Tensor dx = conv_block_backward(device, gradient, arrays, block.spec,
                                        once_more ? Need::both | Need::keep : Need::both, record);
  if (once_more) conv_block_backward(device, gradient, arrays, block.spec, Need::both, record);
  result.dx = host(dx);
  result.weight = host(arrays.weight.grad);
  result.bias = host(arrays.bias.grad);
  result.scale = host(arrays.scale.grad);
  result.shift = host(arrays.shift.grad);
  return result;
}

/// A random output gradient that is zero where the activation has its kink within single precision: there the
/// derivative of one device may be that of the other side.
inline std::vector<double> output_gradient(const RandomBlock& block) {
  Device device = reference();
  RandomBlock linear = block;
  linear.spec.activation = Activation::none;
  linear.skip = false;
  const std::vector<double> z = run_block(device, linear, nullptr).y;
  std::vector<double> dy = detail::normal_values(block.output().count(), block.seed, "dy");
  if (block.running || block.spec.norm != Norm::batch) {
    for (std::size_t i = 0; i < dy.size(); ++i)
      if (std::abs(z[i]) < 1e-4) dy[i] = 0;
    return dy;
  }
  // In inference batch norm uses other statistics than in training: look at a training pass.
  ConvBlockArrays arrays;
  fill_arrays(device, linear, arrays);
  ConvBlockRecord record;
  const auto trained = detail::host_values(
      device, conv_block(device, input_of(device, linear), arrays, linear.spec, {.need = Need::none}, &record));
  for (std::size_t i = 0; i < dy.size(); ++i)
    if (std::abs(trained[i]) < 1e-4) dy[i] = 0;
  return dy;
}

}  // namespace tests
