#pragma once
/// The CPU backend of every instruction set beside the reference, on the same numbers.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/element.hpp>
#include <pix2pixhd/backend/reference/reference_backend.hpp>
#include <pix2pixhd/core/random.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace pix2pixhd_test {

using namespace pix2pixhd;

/// Numbers that depend on the seed only, normal, with the stated mean and a deviation of 0.58.
inline std::vector<double> numbers(std::size_t count, std::uint32_t seed, double mean = 0.0) {
  const RandomStream stream(seed, "numbers");
  std::vector<double> result(count);
  for (std::size_t i = 0; i < count; ++i)
    result[i] = static_cast<double>(static_cast<float>(mean + 0.58 * stream.normal(i)));  // both backends get the same
  return result;
}

inline std::shared_ptr<Backend> reference_backend() { return std::make_shared<ReferenceBackend>(DeviceOptions{}); }
inline std::shared_ptr<CpuBackend> cpu_backend(Isa isa, int threads, Precision precision = Precision::f32) {
  return std::make_shared<CpuBackend>(DeviceOptions{.threads = threads, .precision = precision}, isa);
}

/// Whether activations are bf16 on the backend whose results are compared: the reference then gets rounded ones too.
inline bool& activations_are_bf16() {
  static bool value = false;
  return value;
}

/// A tensor whose every byte is that of a NaN, lanes that fill up the last block included.
inline Tensor poisoned(Backend& backend, const Shape& shape, Role role = Role::activation) {
  const Format format = backend.format(shape, role);
  Tensor result(shape, format, backend.allocate(format.bytes(shape)));
  auto* bytes = result.mutable_data<unsigned char>();
  std::fill_n(bytes, format.bytes(shape), static_cast<unsigned char>(0xff));
  return result;
}

inline Tensor upload(Backend& backend, const Shape& shape, std::vector<double> values, Role role = Role::activation) {
  REQUIRE(values.size() == shape.count());
  if (role == Role::activation && activations_are_bf16() && shape.c >= detail::cpu_blocked_from)
    for (double& value : values)
      value = static_cast<double>(detail::to_float(detail::to_bf16(static_cast<float>(value))));
  Tensor result = poisoned(backend, shape, role);
  backend.write(result, values.data(), DataType::f64);
  return result;
}

inline std::vector<double> download(Backend& backend, const Tensor& x) {
  std::vector<double> result(x.shape().count());
  backend.read(x, result.data(), DataType::f64);
  return result;
}

/// Largest difference relative to the largest expected value; infinite where a value is not finite.
inline double distance(const std::vector<double>& values, const std::vector<double>& expected) {
  REQUIRE(values.size() == expected.size());
  double difference = 0, largest = 1e-30;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, std::abs(values[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  return difference / largest;
}

/// Stored value number `i` of a tensor.
inline float value_at(const Tensor& x, std::size_t i) {
  return x.format().type == DataType::bf16 ? detail::to_float(x.data<detail::Bf16>()[i]) : x.data<float>()[i];
}

/// Whether the lanes that fill up the last block of a blocked tensor are zeros.
inline bool filled_with_zeros(const Tensor& x) {
  const int block = x.format().block, stored = x.format().stored_channels(x.shape().c);
  const std::size_t pixels = x.shape().pixels();
  for (int n = 0; n < x.shape().n; ++n)
    for (int c = x.shape().c; c < stored; ++c)
      for (std::size_t i = 0; i < pixels; ++i) {
        const std::size_t at =
            (static_cast<std::size_t>((n * stored + c) / block) * pixels + i) * static_cast<std::size_t>(block) +
            static_cast<std::size_t>(c % block);
        if (value_at(x, at) != 0.0f) return false;
      }
  return true;
}

/// The arrays that one run on one backend produced, and whether their filling was intact.
struct Results {
  std::vector<std::vector<double>> arrays;
  std::vector<bool> rounded{};  ///< which of them were stored as bf16; those at the end that are missing were not
  bool zeros = true;

  void take(Backend& backend, const Tensor& x) {
    arrays.push_back(download(backend, x));
    rounded.resize(arrays.size());
    rounded.back() = x.format().type == DataType::bf16;
    zeros = zeros && filled_with_zeros(x);
  }
};

/// Difference of a result that was rounded to bf16 from the exact one, relative to the largest.
inline constexpr double bf16_rounding = 1.0 / 256;

/// What `run` produces on a backend: run(Backend&) -> Results, or run(Device&) -> std::vector<Tensor>.
template <class Run>
Results results_of(Run& run, std::shared_ptr<Backend> backend) {
  if constexpr (std::is_invocable_v<Run&, Backend&>) {
    return run(*backend);
  } else {
    Device device(std::move(backend));
    Results results;
    for (const Tensor& x : run(device)) results.take(device.backend(), x);
    return results;
  }
}

/// Holds what `run` produces on every instruction set with one and two threads against what it produces on the
/// reference: within `tolerance` of that or, where it is stored as bf16, `of_rounded`, and the same bits for both
/// numbers of threads.
template <class Run>
void compare_in(Precision precision, double tolerance, double of_rounded, Run&& run) {
  CAPTURE(to_string(precision));
  activations_are_bf16() = precision == Precision::bf16;
  const Results expected = results_of(run, reference_backend());
  for (const Isa isa : available_isas(precision)) {
    const Results one = results_of(run, cpu_backend(isa, 1, precision));
    const Results two = results_of(run, cpu_backend(isa, 2, precision));
    CAPTURE(std::string(to_string(isa)));
    REQUIRE(one.arrays.size() == expected.arrays.size());
    REQUIRE(two.arrays.size() == expected.arrays.size());
    for (std::size_t i = 0; i < expected.arrays.size(); ++i) {
      CAPTURE(i);
      const bool rounded = i < one.rounded.size() && one.rounded[i];
      CHECK(distance(one.arrays[i], expected.arrays[i]) <= (rounded ? of_rounded : tolerance));
      CHECK(one.arrays[i] == two.arrays[i]);
    }
    CHECK(one.zeros);
  }
  activations_are_bf16() = false;
}

/// The same in every precision.
template <class Run>
void compare(double tolerance, Run&& run) {
  compare_in(Precision::f32, tolerance, 0, run);
  compare_in(Precision::bf16, tolerance, tolerance + bf16_rounding, run);
}

/// Sizes that leave something over: batches, plain and blocked, incomplete blocks, several chunks.
inline std::vector<Shape> awkward_shapes() {
  return {{1, 1, 1, 2},  {1, 3, 5, 7},  {2, 5, 9, 6},    {2, 16, 4, 4},
          {1, 20, 7, 5}, {2, 33, 6, 3}, {1, 8, 70, 131}, {1, 3, 260, 271}};
}

}  // namespace pix2pixhd_test
