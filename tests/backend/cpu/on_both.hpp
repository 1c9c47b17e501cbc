#pragma once
// Runs one call on the reference backend and on the CPU backend with every instruction set, and compares the results.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/core/random.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace on_both {

using namespace pix2pixhd;

inline std::vector<float> random_values(const Shape& shape, const std::string& name, double mean = 0,
                                        double deviation = 1) {
  const RandomStream stream(11, name);
  std::vector<float> values(shape.count());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(mean + deviation * stream.normal(i));
  return values;
}

inline Tensor tensor(Device& device, const Shape& shape, const std::vector<float>& values,
                     Role role = Role::activation) {
  Tensor result = device.empty(shape, role);
  device.backend().write(result, values.data(), DataType::f32);
  return result;
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

inline std::vector<double> values_of(Device& device, const Tensor& x) {
  std::vector<double> values(x.shape().count());
  device.backend().read(x, values.data(), DataType::f64);
  return values;
}

/// Largest difference relative to the largest expected value.
inline double distance(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!(std::abs(got[i] - expected[i]) <= difference)) difference = std::abs(got[i] - expected[i]);
    largest = std::max(largest, std::abs(expected[i]));
  }
  return difference == 0 ? 0 : difference / std::max(largest, 1e-30);
}

/// Whether the lanes that fill up the last block of a blocked tensor are zeros.
inline bool padding_is_zero(const Tensor& x) {
  const Format& format = x.format();
  if (format.layout != Layout::blocked) return true;
  const Shape& shape = x.shape();
  const auto block = static_cast<std::size_t>(format.block);
  const std::size_t blocks = static_cast<std::size_t>(format.stored_channels(shape.c)) / block;
  for (std::size_t n = 0; n < static_cast<std::size_t>(shape.n); ++n)
    for (std::size_t i = 0; i < shape.pixels(); ++i)
      for (std::size_t lane = 0; lane < block; ++lane) {
        const std::size_t channel = (blocks - 1) * block + lane;
        if (channel >= static_cast<std::size_t>(shape.c) &&
            x.data<float>()[(((n * blocks) + blocks - 1) * shape.pixels() + i) * block + lane] != 0.0f)
          return false;
      }
  return true;
}

/// Calls `run(Device&)`, which returns tensors, on the reference and on every instruction set with one and two
/// threads; compares with the reference, and the threads bit for bit.
template <class Run>
void compare(double tolerance, Run&& run) {
  Device oracle = reference();
  std::vector<std::vector<double>> expected;
  for (const Tensor& x : run(oracle)) expected.push_back(values_of(oracle, x));
  for (const Isa isa : available_isas()) {
    CAPTURE(to_string(isa));
    std::vector<std::vector<double>> alone;
    for (const int threads : {1, 2}) {
      Device device = cpu({.threads = threads}, isa);
      const std::vector<Tensor> results = run(device);
      REQUIRE(results.size() == expected.size());
      for (std::size_t i = 0; i < results.size(); ++i) {
        CAPTURE(i);
        const std::vector<double> values = values_of(device, results[i]);
        if (threads == 1) {
          CHECK(distance(values, expected[i]) <= tolerance);
          CHECK(padding_is_zero(results[i]));
          alone.push_back(values);
        } else {
          CHECK(values == alone[i]);
        }
      }
    }
  }
}

}  // namespace on_both
