#pragma once
/// Layers one after the other.

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/layers/saved_need.hpp>
#include <pix2pixhd/layers/trainable.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

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

}  // namespace detail

/// y = last(...(second(first(x)))). The first layer may take a SemanticMap. A layer that nothing below or in it needs a
/// gradient of saves nothing.
template <class... Ls>
struct Sequential {
 private:
  using Indices = std::index_sequence_for<Ls...>;
  using Check = detail::check_chain<Indices, Ls...>;
  using Chain = detail::chain<Ls...>;
  static constexpr std::size_t size = sizeof...(Ls);

 public:
  static_assert(size > 0, "pix2pixhd::Sequential needs at least one layer");
  static_assert(Check::layers());
  static_assert(Check::links());
  static constexpr int in_channels = Chain::in(), out_channels = Chain::out();
  using Last = std::tuple_element_t<size - 1, std::tuple<Ls...>>;
  static constexpr bool adds_skip = pix2pixhd::adds_skip<Last>;

  std::tuple<Ls...> layers;

  template <Mode M>
  struct Context : SavedNeed<M> {
    std::tuple<typename Ls::template Context<M>...> layers;
  };

  Sequential() = default;
  explicit Sequential(Ls... parts) requires(!(size == 1 && std::same_as<std::tuple<Ls...>, std::tuple<int>>))
      : layers(std::move(parts)...) {}
  /// Passes a number of input channels on to the first layer.
  explicit Sequential(int in) requires std::constructible_from < std::tuple_element_t<0, std::tuple<Ls...>>,
  int > {
    using First = std::tuple_element_t<0, std::tuple<Ls...>>;
    std::get<0>(layers) = First(in);
  }

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    detail::ChainNeeds<size> needs;
    if constexpr (M == Mode::train) needs = chain_needs(ask.need);
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
    const detail::ChainNeeds<size> needs = chain_needs(context.need);
    context.take(need, "Sequential");
    const auto run = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
      const Need asked = needs.asked(I, need);
      auto& inner = std::get<I>(context.layers);
      if (wants(asked, Need::both))
        dy = std::get<I>(layers).backward(device, std::move(dy), inner, asked | (need & Need::keep));
      else if (!wants(need, Need::keep))
        inner = {};
    };
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (run(std::integral_constant<std::size_t, size - 1 - I>{}), ...);
    }
    (Indices{});
    return wants(need, Need::input) ? dy : Tensor();
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
