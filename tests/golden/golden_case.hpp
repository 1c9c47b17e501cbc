#pragma once
/// Reads the golden cases and holds networks to them. What the files contain is said in tests/golden/README.md.

#include "../devices.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/store/tensor_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tests {

using namespace pix2pixhd;

/// An array of a golden file, its rank padded with trailing ones.
struct Values {
  Shape shape;
  std::vector<double> values;
};

class GoldenCase {
 public:
  explicit GoldenCase(const std::string& name)
      : file_(open_tensor_file(std::string(PIX2PIXHD_TEST_DATA) + "/" + name + ".safetensors")) {}

  bool has(const std::string& name) const { return file_->find(name) != nullptr; }

  Values read(const std::string& name) const {
    const TensorEntry* entry = file_->find(name);
    REQUIRE_MESSAGE(entry, "the golden file lacks " << name);
    int sides[4] = {1, 1, 1, 1};
    for (std::size_t i = 0; i < entry->shape.size(); ++i) sides[i] = static_cast<int>(entry->shape[i]);
    Values result{{sides[0], sides[1], sides[2], sides[3]}, std::vector<double>(file_->count(*entry))};
    file_->read(*entry, std::span<double>(result.values));
    return result;
  }

  Tensor upload(Device& device, const std::string& name, Role role = Role::activation) const {
    const Values values = read(name);
    return pix2pixhd::upload<double>(device, values.shape, values.values, role);
  }

  /// The case's label and instance maps as a semantic map.
  SemanticMap map(Device& device, int classes) const {
    return semantic_map(device, integers<std::uint8_t>("input/label"), integers<std::int32_t>("input/inst"), classes);
  }
  InstanceMap instances(Device& device) const { return instance_map(device, integers<std::int32_t>("input/inst")); }

 private:
  template <class T>
  xt::xtensor<T, 3> integers(const std::string& name) const {
    const Values values = read(name);
    auto result = xt::xtensor<T, 3>::from_shape({static_cast<std::size_t>(values.shape.n),
                                                 static_cast<std::size_t>(values.shape.h),
                                                 static_cast<std::size_t>(values.shape.w)});
    std::transform(values.values.begin(), values.values.end(), result.data(),
                   [](double v) { return static_cast<T>(v); });
    return result;
  }

  std::unique_ptr<TensorFile> file_;
};

inline std::vector<double> host(Device& device, const Tensor& x) {
  std::vector<double> values(x.shape().count());
  download<double>(device, x, values);
  return values;
}

/// max |a - b| / max |b|.
inline double relative_error(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i])) return INFINITY;
    difference = std::max(difference, std::abs(a[i] - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return largest > 0 ? difference / largest : difference;
}

inline constexpr double output_tolerance = 2e-5, gradient_tolerance = 1e-4;

/// Gives every parameter and buffer the value that the case stores under `prefix`.
template <class Net>
void set_weights(Device& device, Net& network, const GoldenCase& golden, const std::string& prefix = "weights/") {
  for (const NamedArray& array : named_arrays(network))
    *array.value = golden.upload(device, prefix + array.name, Role::parameter);
}

/// Compares every parameter's gradient; under a norm a bias has gradient zero exactly.
template <class Net>
void check_gradients(Device& device, Net& network, const GoldenCase& golden, const std::string& prefix = "grad/",
                     double tolerance = gradient_tolerance) {
  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    CAPTURE(name);
    REQUIRE_FALSE(parameter.grad.empty());
    const std::vector<double> got = host(device, parameter.grad), expected = golden.read(prefix + name).values;
    double largest = 0;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    if (name.ends_with("bias") && largest < 1e-9)
      CHECK(std::all_of(got.begin(), got.end(), [](double value) { return value == 0; }));
    else
      CHECK(relative_error(got, expected) <= tolerance);
  });
}

/// Forward and backward of a network with one output, from input x, against the case.
template <class Net, class X>
void check_network(Device& device, Net& network, const X& x, const GoldenCase& golden, bool input_gradient,
                   const Ask& ask = {}) {
  typename Net::template Context<Mode::train> context;
  const Tensor y = network.forward(device, x, context, ask);
  CHECK(relative_error(host(device, y), golden.read("output/y").values) <= output_tolerance);
  zero_gradients(device, network);
  const Tensor dx = network.backward(device, golden.upload(device, "probe/y"), context, Need::both);
  check_gradients(device, network, golden);
  if (input_gradient) CHECK(relative_error(host(device, dx), golden.read("grad/input/x").values) <= gradient_tolerance);
}

/// A generator's case: the dense input and, where the case has labels, the semantic map, on every device.
template <class Net>
void check_generator(const std::string& name, int classes, const Ask& ask = {}) {
  const GoldenCase golden(name);
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Net network;
    set_weights(on.device, network, golden);
    check_network(on.device, network, golden.upload(on.device, "input/x"), golden, true, ask);
    for (const NamedArray& array : named_arrays(network))  // batch norm's statistics have moved
      if (!array.grad) *array.value = golden.upload(on.device, "weights/" + array.name, Role::parameter);
    check_network(on.device, network, golden.map(on.device, classes), golden, false, ask);
  }
}

}  // namespace tests
