#pragma once
/// Random tensors on a device, the same numbers on each.

#include "backend/cpu/backends.hpp"

#include <pix2pixhd/core/random.hpp>

#include <memory>
#include <string>
#include <vector>

namespace pix2pixhd_test {

inline std::vector<float> random_values(const Shape& shape, const std::string& name, double mean = 0,
                                        double deviation = 1) {
  const RandomStream stream(11, name);
  std::vector<float> values(shape.count());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(mean + deviation * stream.normal(i));
  return values;
}

inline Tensor tensor(Device& device, const Shape& shape, const std::vector<float>& values,
                     Role role = Role::activation) {
  return upload(device.backend(), shape, {values.begin(), values.end()}, role);
}

inline Tensor random_tensor(Device& device, const Shape& shape, const std::string& name, Role role = Role::activation) {
  return tensor(device, shape, random_values(shape, name), role);
}

/// A pending tensor: raw values, mean, scale and shift of every channel, and an activation.
inline Tensor random_pending(Device& device, const Shape& shape, const std::string& name, Activation activation) {
  Tensor raw = random_tensor(device, shape, name);
  const Shape rows{shape.n, statistics_rows, 1, (shape.c + 15) / 16 * 16};
  std::vector<float> values = random_values(rows, name + ".statistics", 0.5);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (static_cast<int>(i) % rows.w >= shape.c) values[i] = 0;
  return raw.with_pending(
      std::make_shared<Pending>(Pending{tensor(device, rows, values, Role::statistics), activation}));
}

/// The same, or its finished values where the device's convolutions take nothing pending, as those of the reference.
inline Tensor pending_or_finished(Device& device, const Shape& shape, const std::string& name, Activation activation) {
  Tensor pending = random_pending(device, shape, name, activation);
  if (device.backend().normalises_on_load()) return pending;
  Tensor finished = device.empty(shape);
  device.backend().normalise({.x = &pending,
                              .statistics = &pending.pending()->statistics,
                              .activation = activation,
                              .skip = nullptr,
                              .y = finished});
  return finished;
}

inline std::vector<double> values_of(Device& device, const Tensor& x) { return download(device.backend(), x); }

}  // namespace pix2pixhd_test
