#pragma once
/// One layer, one input and one output gradient, run in the ways that the rules of a layer are about.

#include <pix2pixhd/testing/layer_under_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// What one pass delivered, on the host.
struct PassValues {
  std::vector<double> y, dx;
  std::vector<std::vector<double>> gradients;  ///< by parameter; empty where there is none
};

/// True if all values are equal and none is a NaN.
inline bool same(const std::vector<double>& a, const std::vector<double>& b) { return a == b; }

inline bool all_zero(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
}

/// Runs the layer and collects what it gets wrong.
class ContractProbe {
 public:
  using Saved = LayerUnderTest::Saved;

  ContractProbe(Device& on, LayerUnderTest& under_test, const Shape& input, std::uint64_t seed)
      : device(on), layer(under_test), shape(input), arrays(under_test.arrays()) {
    x = normal_values(input.count(), seed, "input");
    const Tensor y = layer.infer(device, input_tensor());
    output = y.shape();
    dy = normal_values(output.count(), seed, "output");
    exact = device.backend().format(input, Role::activation).type == DataType::f64;
    for (const NamedArray& array : arrays)
      if (!array.grad) buffers.push_back(host_values(device, *array.value));
    expected = pass();
  }

  Tensor input_tensor() { return device_values(device, shape, x); }
  Tensor dy_tensor() { return device_values(device, output, dy); }

  /// Forward and backward with fresh gradients and nothing shared.
  PassValues pass(Ask ask = {}) {
    clear();
    const auto saved = layer.context();
    PassValues result;
    result.y = host_values(device, layer.forward(device, input_tensor(), *saved, ask));
    const Tensor dx = layer.backward(device, dy_tensor(), *saved, ask.need);
    result.dx = host(dx);
    result.gradients = gradients();
    return result;
  }

  std::vector<double> host(const Tensor& values) {
    return values.empty() ? std::vector<double>() : host_values(device, values);
  }

  /// The running statistics as they were before the first pass; batch norm moves them in every training pass.
  void restore_buffers() {
    std::size_t next = 0;
    for (const NamedArray& array : arrays)
      if (!array.grad) *array.value = device_values(device, array.value->shape(), buffers[next++], Role::parameter);
  }
  std::vector<std::vector<double>> buffer_values() {
    std::vector<std::vector<double>> result;
    for (const NamedArray& array : arrays)
      if (!array.grad) result.push_back(host_values(device, *array.value));
    return result;
  }

  std::vector<std::vector<double>> gradients() {
    std::vector<std::vector<double>> result;
    for (const NamedArray& array : arrays)
      if (array.grad) result.push_back(host(*array.grad));
    return result;
  }
  /// Fills every gradient with one value, as values and not as a mark.
  void fill(double value) {
    for (const NamedArray& array : arrays)
      if (array.grad)
        *array.grad = device_values(device, array.value->shape(),
                                    std::vector<double>(array.value->shape().count(), value), Role::parameter);
  }
  /// What zero_gradients does.
  void mark_cleared() {
    for (const NamedArray& array : arrays)
      if (array.grad) array.grad->storage()->clear();
  }
  /// The same on gradients full of NaN, which are not to be seen again.
  void clear() {
    fill(std::numeric_limits<double>::quiet_NaN());
    mark_cleared();
  }

  /// Notes a sentence unless `condition` holds.
  template <class... Parts>
  void expect(bool condition, const Parts&... parts) {
    if (!condition) violations.push_back(sentence(parts...));
  }
  /// Notes it if `f` does not throw Error.
  template <class F>
  void expect_error(const char* what, F&& f) {
    try {
      f();
    } catch (const Error&) {
      return;
    }
    violations.push_back(sentence(what, " must throw pix2pixhd::Error"));
  }
  /// Notes every difference between two passes.
  void expect_same(const PassValues& got, const PassValues& wanted, const char* when) {
    expect(same(got.y, wanted.y), when, ": the output differs");
    expect(same(got.dx, wanted.dx), when, ": the gradient by the input differs");
    expect_gradients(wanted.gradients, when);
  }
  void expect_gradients(const std::vector<std::vector<double>>& wanted, const char* when) {
    const auto got = gradients();
    std::size_t i = 0;
    for (const NamedArray& array : arrays)
      if (array.grad) {
        expect(same(got[i], wanted[i]), when, ": the gradient of ", array.name, " differs");
        ++i;
      }
  }

  std::size_t held() const { return device.memory().current(); }

  Device& device;
  LayerUnderTest& layer;
  Shape shape, output;
  std::vector<NamedArray> arrays;
  std::vector<std::vector<double>> buffers;
  std::vector<double> x, dy;
  bool exact = false;
  PassValues expected;
  std::vector<std::string> violations;
};

}  // namespace detail
}  // namespace pix2pixhd::inline v0
