#pragma once
/// Finished values of a tensor that is still to be normalised and activated.

#include <pix2pixhd/ops/check.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {

/// `x` with its pending normalisation and activation applied; `x` itself if there is none.
inline Tensor resolve(Device& device, Tensor x) {
  if (x.empty() || !x.pending()) return x;
  detail::check_tensor(device, x, "the tensor to resolve");
  const std::shared_ptr<const Pending> pending = x.pending();
  // Values that nobody else holds are finished in place, if they are stored as finished ones are.
  const bool in_place = x.unique() && x.format() == device.backend().format(x.shape(), Role::activation);
  Tensor y = in_place ? x.with_pending(nullptr) : device.empty(x.shape());
  x = x.with_pending(nullptr);
  device.backend().normalise({.x = &x, .statistics = &pending->statistics, .activation = pending->activation, .y = y});
  return y;
}

}  // namespace pix2pixhd::inline v0
