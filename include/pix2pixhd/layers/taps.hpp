#pragma once
/// Layers one after the other, of which every output is a result.

#include <pix2pixhd/layers/layer_chain.hpp>
#include <pix2pixhd/ops/add.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Like Sequential, but forward returns the outputs of all layers, and backward takes one gradient for each (empty:
/// zero). A patch discriminator and the slices of VGG-19 are of this kind.
template <class... Ls>
struct Taps : detail::LayerChain<Ls...> {
 private:
  using Base = detail::LayerChain<Ls...>;
  using Base::size;
  using Indices = std::index_sequence_for<Ls...>;
  using Check = detail::check_chain<Indices, Ls...>;
  using Chain = detail::chain<Ls...>;

 public:
  static_assert(size > 0, "pix2pixhd::Taps needs at least one layer");
  static_assert(Check::layers());
  static_assert(Check::links());
  static constexpr int in_channels = Chain::in(), out_channels = Chain::out();
  using Output = std::array<Tensor, size>;

  using Base::Base;
  using Base::layers;
  template <Mode M>
  using Context = typename Base::template Context<M>;

  template <class X, Mode M>
  Output forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    detail::ChainNeeds<size> needs;
    if constexpr (M == Mode::train) needs = this->chain_needs(ask.need);
    context.set(ask.need);
    Output y;
    const auto run = [&]<std::size_t I>(auto input, std::integral_constant<std::size_t, I>) {
      y[I] =
          std::get<I>(layers).forward(device, std::move(input), std::get<I>(context.layers), ask.inner(needs.saved[I]));
    };
    [&]<std::size_t First, std::size_t... I>(std::index_sequence<First, I...>) {
      run(std::move(x), std::integral_constant<std::size_t, First>{});
      (run(y[I - 1], std::integral_constant<std::size_t, I>{}), ...);
    }
    (Indices{});
    return y;
  }

  Tensor backward(Device& device, Output dy, Context<Mode::train>& context, Need need) {
    return this->backward_through(device, context, need, "Taps", [&](std::size_t i, Tensor dx) {
      return add(device, std::exchange(dy[i], {}), std::move(dx));
    });
  }
};

}  // namespace pix2pixhd::inline v0
