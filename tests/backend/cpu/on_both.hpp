#pragma once
// Runs one call on the reference backend and on the CPU backend with every instruction set, and compares the results.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/element.hpp>
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

/// Whether activations are bf16 on the device whose results are compared: the reference then gets rounded ones too.
inline bool& activations_are_bf16() {
  static bool value = false;
  return value;
}

inline Tensor tensor(Device& device, const Shape& shape, std::vector<float> values, Role role = Role::activation) {
  if (role == Role::activation && activations_are_bf16() && shape.c >= detail::cpu_blocked_from)
    for (float& value : values) value = detail::to_float(detail::to_bf16(value));
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

/// Stored value number `i` of a tensor.
inline float value_at(const Tensor& x, std::size_t i) {
  return x.format().type == DataType::bf16 ? detail::to_float(x.data<detail::Bf16>()[i]) : x.data<float>()[i];
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
            value_at(x, (((n * blocks) + blocks - 1) * shape.pixels() + i) * block + lane) != 0.0f)
          return false;
      }
  return true;
}

/// Difference of a result that was rounded to bf16 from the exact one, relative to the largest.
inline constexpr double bf16_rounding = 1.0 / 256;

/// The same of a convolution with factors in bf16. The error of a value is normal, as a sum of many, and so are the
/// values: the largest of each stand in the ratio of their deviations, 0.0042 = 1.1 / 256 with Winograd's transforms
/// (winograd_bf16.cpp) and 0.0024 without, if there are many values. Of a hundred, the largest may be two deviations
/// where that of the errors is four: twice as much, and half as much again for what is stored.
inline constexpr double bf16_convolution = 3 * bf16_rounding;

/// Calls `run(Device&)`, which returns tensors, on the reference and on every instruction set with one and two
/// threads; compares with the reference, within `tolerance` or, where a result is stored as bf16, `of_rounded`, and the
/// threads bit for bit.
template <class Run>
void compare_in(Precision precision, double tolerance, double of_rounded, Run&& run) {
  CAPTURE(to_string(precision));
  activations_are_bf16() = precision == Precision::bf16;
  Device oracle = reference();
  std::vector<std::vector<double>> expected;
  for (const Tensor& x : run(oracle)) expected.push_back(values_of(oracle, x));
  for (const Isa isa : available_isas(precision)) {
    CAPTURE(to_string(isa));
    std::vector<std::vector<double>> alone;
    for (const int threads : {1, 2}) {
      Device device = cpu({.threads = threads, .precision = precision}, isa);
      const std::vector<Tensor> results = run(device);
      REQUIRE(results.size() == expected.size());
      for (std::size_t i = 0; i < results.size(); ++i) {
        CAPTURE(i);
        const std::vector<double> values = values_of(device, results[i]);
        if (threads == 1) {
          const bool rounded = results[i].format().type == DataType::bf16;
          CHECK(distance(values, expected[i]) <= (rounded ? of_rounded : tolerance));
          CHECK(padding_is_zero(results[i]));
          alone.push_back(values);
        } else {
          CHECK(values == alone[i]);
        }
      }
    }
  }
  activations_are_bf16() = false;
}

/// The same in every precision. In bf16 Isa::avx512_bf16 rounds weights too, or what Winograd's transforms make of
/// them.
template <class Run>
void compare(double tolerance, Run&& run) {
  compare_in(Precision::f32, tolerance, 0, run);
  compare_in(Precision::bf16, tolerance, tolerance + bf16_convolution, run);
}

}  // namespace on_both
