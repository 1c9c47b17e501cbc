#pragma once
/// Networks with several outputs as layers with one.

#include <pix2pixhd/layers/concepts.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace tests {

namespace detail_of_output {

template <class T>
T& at(T& output) {
  return output;
}
template <class T, std::size_t N, class... Rest>
auto& at(std::array<T, N>& output, std::size_t first, Rest... rest) {
  return at(output[first], rest...);
}

}  // namespace detail_of_output

/// The network with the output at [Path]...; the gradients by the others are empty.
template <class Net, std::size_t... Path>
struct OneOutput {
  static constexpr int in_channels = Net::in_channels, out_channels = pix2pixhd::any;

  Net network;

  template <pix2pixhd::Mode M>
  struct Context {
    typename Net::template Context<M> inner;
  };

  template <class X, pix2pixhd::Mode M>
  pix2pixhd::Tensor forward(pix2pixhd::Device& device, X x, Context<M>& context, const pix2pixhd::Ask& ask = {}) const {
    auto y = network.forward(device, std::move(x), context.inner, ask);
    return detail_of_output::at(y, Path...);
  }
  pix2pixhd::Tensor backward(pix2pixhd::Device& device, pix2pixhd::Tensor dy, Context<pix2pixhd::Mode::train>& context,
                             pix2pixhd::Need need) {
    typename Net::Output all;
    detail_of_output::at(all, Path...) = std::move(dy);
    return network.backward(device, std::move(all), context.inner, need);
  }
  void visit(pix2pixhd::Names& names, pix2pixhd::Visitor& visitor) { network.visit(names, visitor); }
  bool has_trainable() const { return network.has_trainable(); }
};

}  // namespace tests
