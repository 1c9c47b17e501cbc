#pragma once
/// A layer of one's own, as somebody outside the library writes it.

#include <pix2pixhd/pix2pixhd.hpp>

#include <cstddef>
#include <vector>

namespace tests {

using namespace pix2pixhd;

/// Doubles its input and adds a learnt shift to each channel, by way of the host: it calls no operation of the library
/// on activations.
template <int Channels>
struct HostShift {
  static constexpr int in_channels = Channels, out_channels = Channels;

  Parameter shift;

  template <Mode M>
  struct Context {
    bool full = false;
  };

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& = {}) const {
    context.full = M == Mode::train;
    std::vector<double> values = host(device, x);
    const std::vector<double> shifts = host(device, shift.value);
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = 2 * values[i] + shifts[i / x.shape().pixels() % static_cast<std::size_t>(Channels)];
    return upload<double>(device, x.shape(), values);
  }
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    if (!wants(need, Need::keep)) context.full = false;
    if (dy.empty()) return {};
    std::vector<double> values = host(device, dy);
    if (wants(need, Need::parameters) && shift.trainable) {
      std::vector<double> sums(static_cast<std::size_t>(Channels), 0.0);
      for (std::size_t i = 0; i < values.size(); ++i)
        sums[i / dy.shape().pixels() % static_cast<std::size_t>(Channels)] += values[i];
      shift.grad = add(device, shift.grad, upload<double>(device, shift.value.shape(), sums, Role::parameter));
    }
    for (double& value : values) value *= 2;
    return wants(need, Need::input) ? upload<double>(device, dy.shape(), values) : Tensor();
  }
  void visit(Names& names, Visitor& visitor) {
    visitor.parameter(names.of("shift"), shift,
                      {.shape = {Channels, 1, 1, 1}, .rank = 1, .role = ParameterRole::shift});
    names.skip();
  }
  bool has_trainable() const { return shift.trainable; }

  static std::vector<double> host(Device& device, const Tensor& x) {
    std::vector<double> values(x.shape().count());
    download<double>(device, x, values);
    return values;
  }
};

}  // namespace tests
