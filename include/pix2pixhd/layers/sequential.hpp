#pragma once
/// Layers one after the other.

#include <pix2pixhd/layers/layer_chain.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0 {

/// y = last(...(second(first(x)))). The first layer may take a SemanticMap. A layer that nothing below or in it needs a
/// gradient of saves nothing.
template <class... Ls>
struct Sequential : detail::LayerChain<Ls...> {
 private:
  using Base = detail::LayerChain<Ls...>;
  using Base::size;
  using Indices = std::index_sequence_for<Ls...>;
  using Check = detail::check_chain<Indices, Ls...>;
  using Chain = detail::chain<Ls...>;

 public:
  static_assert(size > 0, "pix2pixhd::Sequential needs at least one layer");
  static_assert(Check::layers());
  static_assert(Check::links());
  static constexpr int in_channels = Chain::in(), out_channels = Chain::out();
  using Last = std::tuple_element_t<size - 1, std::tuple<Ls...>>;
  static constexpr bool adds_skip = pix2pixhd::adds_skip<Last>;

  using Base::Base;
  using Base::layers;
  template <Mode M>
  using Context = typename Base::template Context<M>;

  explicit Sequential(Ls... parts) requires(!(size == 1 && std::same_as<std::tuple<Ls...>, std::tuple<int>>))
      : Base(std::tuple<Ls...>(std::move(parts)...)) {}

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    detail::ChainNeeds<size> needs;
    if constexpr (M == Mode::train) needs = this->chain_needs(ask.need);
    context.set(ask.need);
    const auto run = [&]<std::size_t I>(auto input, std::integral_constant<std::size_t, I>) {
      Ask inner = ask.inner(needs.saved[I]);
      if (I + 1 == size) inner.add = ask.add;
      return std::get<I>(layers).forward(device, std::move(input), std::get<I>(context.layers), inner);
    };
    return [&]<std::size_t First, std::size_t... I>(std::index_sequence<First, I...>) {
      Tensor y = run(std::move(x), std::integral_constant<std::size_t, First>{});
      ((y = run(std::move(y), std::integral_constant<std::size_t, I>{})), ...);
      return y;
    }
    (Indices{});
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    return this->backward_through(device, context, need, "Sequential", [&](std::size_t i, Tensor dx) {
      return i + 1 == size ? std::move(dy) : std::move(dx);
    });
  }
};

}  // namespace pix2pixhd::inline v0
