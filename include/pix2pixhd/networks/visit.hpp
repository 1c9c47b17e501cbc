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
#include <set>
#include <string>
#include <string_view>
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

namespace detail {

/// Which side of which array is the number of input channels: the one that such a network leaves open when it is made
/// without them, or that of the first weight.
template <class Net>
std::pair<std::size_t, std::size_t> place_of_input_channels() {
  if constexpr (requires {
                  requires Net::in_channels == dynamic;
                  Net();
                }) {
    Net open;
    const auto arrays = named_arrays(open);
    for (std::size_t i = 0; i < arrays.size(); ++i)
      if (const auto side = arrays[i].info.dynamic_side()) return {i, *side};
  }
  return {0, 1};
}

}  // namespace detail

/// Input channels of a network: those that it declares, or that its first weights have. Error if they are not known
/// yet.
template <class Net>
int input_channels(const Net& network) {
  if constexpr (requires { requires Net::in_channels >= 1; }) {
    return Net::in_channels;
  } else {
    const auto arrays = named_arrays(network);
    const auto [array, side] = detail::place_of_input_channels<Net>();
    const int in = array < arrays.size() ? arrays[array].info.shape[side] : dynamic;
    detail::require(in != dynamic,
                    "the number of input channels of the network is not known yet; give it to the network's "
                    "constructor, or load weights.");
    return in;
  }
}

namespace detail {

/// Throws Error if two arrays have one name: whatever gives values by name would give both the same.
inline void require_unique_names(const std::vector<NamedArray>& arrays) {
  std::set<std::string_view> names;
  for (const NamedArray& array : arrays)
    require(names.insert(array.name).second, "two arrays of the network are named ", array.name,
            " and would get the same values (discriminators, enhancers and Vgg19 keep their published names in every "
            "scope); show one of them under another name in visit(), or initialize, load and save such parts one by "
            "one.");
}

}  // namespace detail

/// Allocates and fills all parameters and buffers: weights N(0, 0.02), biases zero, batch norm's scale N(1, 0.02) and
/// shift zero, running mean 0 and variance 1. A value depends on seed, parameter name and index only.
/// Throws Error if the number of input channels is not known, or if two arrays have one name.
template <class Net>
void initialize(Device& device, Net& network, std::uint64_t seed) {
  const auto arrays = named_arrays(network);
  detail::require_unique_names(arrays);
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
    if (!array.grad->empty() && !device.backend().accepts(*array.grad->storage()->backend())) *array.grad = {};
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

/// A network of the same type and channels, without values, see clone(). Throws Error if its arrays are not those of
/// `network`.
template <class Net>
Net unfilled(const Net& network) {
  Net made = [&] {
    if constexpr (requires { network.unfilled(); })
      return network.unfilled();
    else if constexpr (requires { requires Net::in_channels == dynamic; })
      return Net(input_channels(network));
    else
      return Net();
  }();
  const auto wanted = named_arrays(network), given = named_arrays(made);
  const auto alike = [](const NamedArray& a, const NamedArray& b) { return a.name == b.name; };
  const auto [want, give] = std::mismatch(wanted.begin(), wanted.end(), given.begin(), given.end(), alike);
  require(want == wanted.end() && give == given.end(), "a new network of this type has ",
          give == given.end() ? "nothing" : give->name, " where the one to copy has ",
          want == wanted.end() ? "nothing" : want->name,
          "; if its structure is chosen at run time, give it a member unfilled() that returns another one of the same "
          "structure.");
  return made;
}

}  // namespace detail

/// A copy of a network with values of its own, on `device` (which may be another than the network's).
///
/// It is made by the network's default constructor (from the number of input channels where that is `dynamic`), or by a
/// member `Net unfilled() const`: a network whose structure is chosen at run time, by the length of a vector of blocks
/// for example, has to have one, which returns another network of the same structure, without values.
/// Throws Error if the network has no values, or if the one that was made has other arrays.
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
