#pragma once
/// Sum of two tensors.

#include <pix2pixhd/ops/transfer.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {

/// a + b, written over a or b where nobody else holds them: two activations, or two parameters or gradients of such. An
/// empty tensor counts as zeros, and so does a gradient that was cleared. Throws Error for tensors of different sizes or
/// devices, and for an activation and a parameter.
inline Tensor add(Device& device, Tensor a, Tensor b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  detail::check_tensor(device, a, "the first summand");
  detail::check_tensor(device, b, "the second summand");
  detail::check_same_shape(a.shape(), b.shape(), "the summands");
  a = detail::with_values(device, resolve(device, std::move(a)));
  b = detail::with_values(device, resolve(device, std::move(b)));
  detail::check_same_format(a, b, "the summands");
  Tensor y = a.unique() ? a : b.unique() ? b : device.empty_like(a);
  device.backend().add(a, b, y);
  return y;
}

}  // namespace pix2pixhd::inline v0
