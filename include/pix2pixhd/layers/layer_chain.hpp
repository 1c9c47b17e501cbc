#pragma once
/// What combinators of layers one after the other have in common.

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/layers/saved_need.hpp>
#include <pix2pixhd/layers/trainable.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0::detail {

/// What each layer of a chain saves: parameters where it learns, the input's gradient where something below needs it.
template <std::size_t N>
struct ChainNeeds {
  std::array<Need, N> saved{};

  /// `trainable[i]`: whether layer i learns.
  ChainNeeds() = default;
  ChainNeeds(Need need, const std::array<bool, N>& trainable) {
    bool below = wants(need, Need::input);
    for (std::size_t i = 0; i < N; ++i) {
      const bool learns = wants(need, Need::parameters) && trainable[i];
      saved[i] = (learns ? Need::parameters : Need::none) | (below ? Need::input : Need::none);
      below = below || learns;
    }
  }

  /// What backward asks of layer `i` if it is itself asked for `need`.
  Need asked(std::size_t i, Need need) const {
    bool input = wants(need, Need::input);
    for (std::size_t j = 0; j < i; ++j)
      input = input || (wants(need, Need::parameters) && wants(saved[j], Need::parameters));
    return (saved[i] & need & Need::parameters) | (input ? Need::input : Need::none);
  }
};

/// The layers of a chain, and how a gradient goes back through them: the base of Sequential and Taps.
template <class... Ls>
struct LayerChain {
 protected:
  using First = std::tuple_element_t<0, std::tuple<Ls..., void>>;
  static constexpr std::size_t size = sizeof...(Ls);

 public:
  std::tuple<Ls...> layers;

  template <Mode M>
  struct Context : SavedNeed<M> {
    std::tuple<typename Ls::template Context<M>...> layers;
  };

  LayerChain() = default;
  /// Passes a number of input channels on to the first layer.
  explicit LayerChain(int in) requires(std::constructible_from<First, int>) { std::get<0>(layers) = First(in); }

  void visit(Names& names, Visitor& visitor) {
    std::apply([&](auto&... layer) { (layer.visit(names, visitor), ...); }, layers);
  }

  bool has_trainable() const {
    return std::apply([](const auto&... layer) { return (pix2pixhd::has_trainable(layer) || ...); }, layers);
  }

 protected:
  explicit LayerChain(std::tuple<Ls...> parts) : layers(std::move(parts)) {}

  ChainNeeds<size> chain_needs(Need need) const {
    return std::apply(
        [&](const auto&... layer) {
          return ChainNeeds<size>(need, std::array<bool, size>{pix2pixhd::has_trainable(layer)...});
        },
        layers);
  }

  /// backward of the combinator `who`. `gradient(i, dx)` is the gradient by the output of layer i, where `dx` is that
  /// by the input of the layer after it (empty for the last one).
  template <class Gradient>
  Tensor backward_through(Device& device, Context<Mode::train>& context, Need need, const char* who,
                          const Gradient& gradient) {
    const ChainNeeds<size> needs = chain_needs(context.need);
    context.take(need, who);
    Tensor dx;
    const auto run = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      const Need asked = needs.asked(I, need);
      auto& inner = std::get<I>(context.layers);
      if (wants(asked, Need::both)) {
        Tensor dy = gradient(I, std::exchange(dx, {}));
        dx = std::get<I>(layers).backward(device, std::move(dy), inner, asked | (need & Need::keep));
      } else if (!wants(need, Need::keep)) {
        inner = {};
      }
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (run(std::integral_constant<std::size_t, size - 1 - I>{}), ...);
    }
    (std::index_sequence_for<Ls...>{});
    return wants(need, Need::input) ? dx : Tensor();
  }
};

}  // namespace pix2pixhd::inline v0::detail
