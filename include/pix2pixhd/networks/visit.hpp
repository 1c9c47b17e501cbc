#pragma once
/// What is done with all parameters of a network: naming, initialising, clearing gradients, copying.

#include <pix2pixhd/core/device.hpp>
#include <pix2pixhd/core/parameter.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A parameter or buffer of a network, by name. `grad` and `trainable` are null for a buffer.
struct NamedArray {
  std::string name;
  Tensor* value = nullptr;
  Tensor* grad = nullptr;
  bool* trainable = nullptr;
  ParameterInfo info;
  Parameter* parameter = nullptr;  ///< null for a buffer
};

/// All parameters and buffers of a network in the order of its state_dict.
template <class Net>
std::vector<NamedArray> named_arrays(Net& network) {
  struct Collect : Visitor {
    std::vector<NamedArray> arrays;
    void parameter(const std::string& name, Parameter& p, const ParameterInfo& info) override {
      arrays.push_back({name, &p.value, &p.grad, &p.trainable, info, &p});
    }
    void buffer(const std::string& name, Buffer& b, const ParameterInfo& info) override {
      arrays.push_back({name, &b.value, nullptr, nullptr, info, nullptr});
    }
  } collect;
  Names names;
  network.visit(names, collect);
  return std::move(collect.arrays);
}

/// The same for a network that will only be read.
template <class Net>
std::vector<NamedArray> named_arrays(const Net& network) {
  return named_arrays(const_cast<Net&>(network));
}

namespace detail {

/// Gives an array its values, and the parameter its name.
inline void set_values(const NamedArray& array, Tensor values) {
  *array.value = std::move(values);
  if (array.parameter) array.parameter->name = array.name;
}

}  // namespace detail

/// Calls f(name, Parameter&) for every parameter, in the order of the state_dict; buffers are not shown.
template <class Net, class F>
void for_each_parameter(Net& network, F&& f) {
  struct Call : Visitor {
    F& call;
    explicit Call(F& c) : call(c) {}
    void parameter(const std::string& name, Parameter& p, const ParameterInfo&) override { call(name, p); }
    void buffer(const std::string&, Buffer&, const ParameterInfo&) override {}
  } call(f);
  Names names;
  const_cast<std::remove_const_t<Net>&>(network).visit(names, call);
}

/// Input channels of a network: those of its first weight. Error if they are not known yet.
template <class Net>
int input_channels(const Net& network) {
  if constexpr (requires { requires Net::in_channels >= 1; }) {
    return Net::in_channels;
  } else {
    const auto arrays = named_arrays(network);
    const int in = arrays.empty() ? dynamic : arrays.front().info.shape[1];
    detail::require(in != dynamic,
                    "the number of input channels of the network is not known yet; give it to the network's "
                    "constructor, or load weights.");
    return in;
  }
}

/// Allocates and fills all parameters and buffers: weights N(0, 0.02), biases zero, batch norm's scale N(1, 0.02) and
/// shift zero, running mean 0 and variance 1. A value depends on seed, parameter name and index only.
/// Throws Error if the number of input channels is not known.
template <class Net>
void initialize(Device& device, Net& network, std::uint64_t seed) {
  const auto arrays = named_arrays(network);
  for (const NamedArray& array : arrays)
    detail::require(!array.info.is_dynamic(), array.name,
                    ": the number of input channels is not known; give it to the "
                    "network's constructor, or load weights instead.");
  std::vector<float> values;
  for (const NamedArray& array : arrays) {
    const RandomStream random(seed, array.name);
    values.resize(array.info.sizes().count());
    const ParameterRole role = array.info.role;
    const bool ones = role == ParameterRole::scale || role == ParameterRole::variance;
    std::fill(values.begin(), values.end(), ones ? 1.0f : 0.0f);
    if (role == ParameterRole::weight || role == ParameterRole::scale)
      for (std::size_t i = 0; i < values.size(); i += 2) {
        const auto [even, odd] = random.normals(i / 2);
        values[i] += static_cast<float>(0.02 * even);
        if (i + 1 < values.size()) values[i + 1] += static_cast<float>(0.02 * odd);
      }
    detail::set_values(array, upload<float>(device, array.info.sizes(), values, Role::parameter));
    if (array.grad) *array.grad = {};
  }
}

namespace detail {

/// An array like a parameter's, of zeros.
inline Tensor zero_parameter(Device& device, const Shape& shape) {
  const std::vector<float> values(shape.count(), 0.0f);
  return upload<float>(device, shape, values, Role::parameter);
}

/// zero_gradients, which gives frozen parameters a gradient only if asked to: what they have becomes zero.
template <class Net>
void mark_gradients_zero(Device& device, Net& network, bool make_those_of_frozen) {
  for (const NamedArray& array : named_arrays(network)) {
    if (!array.grad || array.value->empty()) continue;
    if (array.grad->empty()) {
      if (!make_those_of_frozen && !*array.trainable) continue;
      const Format format = device.backend().format(array.value->shape(), Role::parameter);
      *array.grad = Tensor(array.value->shape(), format, device.backend().allocate(format.bytes(array.value->shape())));
    }
    array.grad->storage()->clear();
  }
}

}  // namespace detail

/// Makes every gradient zero by a mark: the next backward overwrites it, until then it downloads as zeros. Gradients
/// that are not there yet are made, those of frozen parameters too.
template <class Net>
void zero_gradients(Device& device, Net& network) {
  detail::mark_gradients_zero(device, network, true);
}

/// Makes all parameters of a network (or of a part of one) trainable or not. Gradients and moments are kept.
template <class Net>
void set_trainable(Net& network, bool trainable) {
  for_each_parameter(network, [&](const std::string&, Parameter& parameter) { parameter.trainable = trainable; });
}

namespace detail {

/// A network of the same type and channels, without values.
template <class Net>
Net unfilled(const Net& network) {
  if constexpr (requires { network.unfilled(); })
    return network.unfilled();
  else if constexpr (requires { requires Net::in_channels == dynamic; })
    return Net(input_channels(network));
  else
    return Net();
}

}  // namespace detail

/// A copy of a network with values of its own, on `device` (which may be another than the network's).
template <class Net>
Net clone(Device& device, const Net& network) {
  Net copy = detail::unfilled(network);
  const auto from = named_arrays(network);
  const auto to_arrays = named_arrays(copy);
  for (std::size_t i = 0; i < from.size(); ++i) {
    detail::require(!from[i].value->empty(), "clone: ", from[i].name,
                    " has no values yet; initialize or load the network first.");
    Device source(from[i].value->storage()->backend());
    std::vector<double> values(from[i].value->shape().count());
    download<double>(source, *from[i].value, values);
    detail::set_values(to_arrays[i], upload<double>(device, from[i].value->shape(), values, Role::parameter));
    if (to_arrays[i].trainable) *to_arrays[i].trainable = *from[i].trainable;
  }
  return copy;
}

}  // namespace pix2pixhd::inline v0
