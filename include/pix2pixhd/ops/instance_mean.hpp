#pragma once
/// Instance-wise average pooling (paper, section 3.4).

#include <pix2pixhd/ops/resolve.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {

/// Every pixel becomes the mean of `x` over the pixels of its instance in its own picture. The operation is its own
/// adjoint: applied to an output gradient it gives the input gradient.
inline Tensor instance_mean(Device& device, Tensor x, const InstanceMap& instances) {
  detail::check_activation(device, x, "the input of instance pooling");
  detail::require(!instances.empty(), "instance pooling: the instance map is empty; make one by instance_map.");
  detail::check_storage(device, *instances.indices(), "the instance map",
                        "make it by instance_map on the device that is to read it");
  detail::check_same_shape(x.shape().with_channels(1), instances.plane(),
                           "instance pooling: features and instance map");
  x = resolve(device, std::move(x));
  Tensor y = x.unique() ? x : device.empty(x.shape());
  device.backend().instance_mean(x, instances, y);
  return y;
}

}  // namespace pix2pixhd::inline v0
