#pragma once
/// Terms of objectives with their gradients.

#include <pix2pixhd/ops/transfer.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {

/// A loss and its gradient; the gradient is empty if it was not wanted.
struct LossResult {
  double value = 0;  ///< 0 where it went to a sink, see Device::summing
  Tensor gradient = {};
};

/// What to compute: weight * loss(x), see LossKind.
struct LossTermSpec {
  LossKind kind = LossKind::squared;
  double target = 0;
  double weight = 1;
  bool gradient = true;
};

namespace detail {

/// Computes a loss and its gradient, and returns the value, unless the device's sink takes that.
inline double loss_value(Device& device, const LossCall& call) {
  if (!device.loss_sink()) return device.backend().loss(call);
  device.loss_sink()->take(device.backend(), call);
  return 0;
}

}  // namespace detail

/// A loss of one tensor against a number, of any kind but LossKind::absolute. The tensor is an activation, or a
/// parameter or its gradient; the gradient is stored like it.
inline LossResult loss(Device& device, Tensor x, const LossTermSpec& spec) {
  detail::check_tensor(device, x, "the argument of a loss");
  detail::require(spec.kind != LossKind::absolute, "loss: LossKind::absolute compares two tensors; use ",
                  "absolute_difference(device, x, y, weight).");
  x = detail::with_values(device, resolve(device, std::move(x)));
  LossCall call{.kind = spec.kind, .x = &x, .target = spec.target, .weight = spec.weight};
  if (spec.gradient) call.dx = device.empty_like(x);
  const double value = detail::loss_value(device, call);
  return {value, call.dx};
}

/// weight * mean |x - y|, and its gradient by x. Both are activations, or both parameters or gradients of such. The
/// gradient takes the place of `y` where no other handle holds that.
inline LossResult absolute_difference(Device& device, Tensor x, Tensor y, double weight, bool gradient = true) {
  detail::check_tensor(device, x, "the first argument of a loss");
  detail::check_tensor(device, y, "the second argument of a loss");
  detail::check_same_shape(x.shape(), y.shape(), "the arguments of a loss");
  // Two pending tensors may be of different types, of which finished ones are not.
  if (!device.backend().normalises_on_load() || x.format() != y.format()) {
    x = resolve(device, std::move(x));
    y = resolve(device, std::move(y));
  }
  detail::check_same_format(x, y, "the arguments of a loss");
  x = detail::with_values(device, std::move(x));
  y = detail::with_values(device, std::move(y));
  LossCall call{.kind = LossKind::absolute, .x = &x, .y = &y, .weight = weight};
  if (gradient) call.dx = y.unique() ? Tensor(y.shape(), y.format(), y.storage()) : device.empty_like(x);
  const double value = detail::loss_value(device, call);
  return {value, call.dx};
}

}  // namespace pix2pixhd::inline v0
