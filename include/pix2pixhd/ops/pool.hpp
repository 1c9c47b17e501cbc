#pragma once
/// Pooling of tensors and of semantic maps.

#include <pix2pixhd/ops/resolve.hpp>

#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Halves the sides (average3: rounding up; max2: rounding down).
inline Tensor pool(Device& device, Tensor x, Pooling pooling) {
  detail::check_activation(device, x, "the input of pooling");
  const Shape& in = x.shape();
  const Shape out{in.n, in.c, pooled_side(pooling, in.h), pooled_side(pooling, in.w)};
  detail::require(out.h > 0 && out.w > 0, "pooling: a picture of ", in.w, " x ", in.h,
                  " pixels is too small, at least 2 x 2 are needed.");
  x = resolve(device, std::move(x));
  device.before_work();
  Tensor y = device.empty(out);
  device.backend().pool(x, pooling, y);
  return y;
}

/// The map one level up: its classes stay, its dense parts are pooled. Average pooling only.
inline SemanticMap pool(Device& device, const SemanticMap& map, Pooling pooling) {
  detail::require(pooling == Pooling::average3, "a semantic map can be pooled by averages only.");
  detail::check_input(device, map, "the input of pooling");
  std::vector<Tensor> parts;
  for (const Tensor& part : map.parts()) parts.push_back(pool(device, part, pooling));
  return map.pooled(std::move(parts));
}

/// Gradient of pooling by its input of shape `input`. `x` (the input itself) is needed by max2 only. Throws
/// Error for sizes that do not go together, and for max2 without its input.
inline Tensor pool_backward(Device& device, Tensor dy, const Shape& input, Pooling pooling, Tensor x = {}) {
  if (dy.empty()) return {};
  detail::check_activation(device, dy, "the gradient of pooling");
  detail::check_same_shape(dy.shape(),
                           {input.n, dy.shape().c, pooled_side(pooling, input.h), pooled_side(pooling, input.w)},
                           "the gradient of pooling and its output");
  if (pooling == Pooling::max2) {
    detail::check_activation(device, x, "the input of max pooling, which its gradient needs,");
    detail::check_same_shape(x.shape(), input.with_channels(dy.shape().c), "the input of pooling and its gradient");
  }
  dy = resolve(device, std::move(dy));
  Tensor dx = device.empty(input.with_channels(dy.shape().c));
  device.backend().pool_backward(dy, resolve(device, std::move(x)), pooling, dx);
  return dx;
}

}  // namespace pix2pixhd::inline v0
