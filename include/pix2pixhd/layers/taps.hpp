#pragma once
/// Layers one after the other, of which every output is a result.

#include <pix2pixhd/layers/sequential.hpp>
#include <pix2pixhd/ops/add.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Like Sequential, but forward returns the outputs of all layers, and backward takes one gradient for each (empty:
/// zero). A patch discriminator and the slices of VGG-19 are of this kind.
template <class... Ls>
struct Taps {
 private:
  using Indices = std::index_sequence_for<Ls...>;
  using Check = detail::check_chain<Indices, Ls...>;
  using Chain = detail::chain<Ls...>;
  static constexpr std::size_t size = sizeof...(Ls);

 public:
  static_assert(size > 0, "pix2pixhd::Taps needs at least one layer");
  static_assert(Check::layers());
  static_assert(Check::links());
  static constexpr int in_channels = Chain::in(), out_channels = Chain::out();
  using Output = std::array<Tensor, size>;

  std::tuple<Ls...> layers;

  template <Mode M>
  struct Context : SavedNeed<M> {
    std::tuple<typename Ls::template Context<M>...> layers;
  };

  Taps() = default;
  /// Passes a number of input channels on to the first layer.
  explicit Taps(int in) requires std::constructible_from < std::tuple_element_t<0, std::tuple<Ls...>>,
  int > {
    using First = std::tuple_element_t<0, std::tuple<Ls...>>;
    std::get<0>(layers) = First(in);
  }

  template <class X, Mode M>
  Output forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    detail::ChainNeeds<size> needs;
    if constexpr (M == Mode::train) needs = chain_needs(ask.need);
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
    const detail::ChainNeeds<size> needs = chain_needs(context.need);
    context.take(need, "Taps");
    Tensor dx;
    const auto run = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      const Need asked = needs.asked(I, need);
      auto& inner = std::get<I>(context.layers);
      if (wants(asked, Need::both)) {
        Tensor gradient = add(device, std::exchange(dy[I], {}), std::exchange(dx, {}));
        dx = std::get<I>(layers).backward(device, std::move(gradient), inner, asked | (need & Need::keep));
      } else if (!wants(need, Need::keep)) {
        inner = {};
      }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (run(std::integral_constant<std::size_t, size - 1 - I>{}), ...);
    }
    (Indices{});
    return wants(need, Need::input) ? dx : Tensor();
  }

  void visit(Names& names, Visitor& visitor) {
    std::apply([&](auto&... layer) { (layer.visit(names, visitor), ...); }, layers);
  }

  bool has_trainable() const {
    return std::apply([](const auto&... layer) { return (pix2pixhd::has_trainable(layer) || ...); }, layers);
  }

 private:
  detail::ChainNeeds<size> chain_needs(Need need) const {
    return std::apply(
        [&](const auto&... layer) {
          return detail::ChainNeeds<size>(need, std::array<bool, size>{pix2pixhd::has_trainable(layer)...});
        },
        layers);
  }
};

}  // namespace pix2pixhd::inline v0
