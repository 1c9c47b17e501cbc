#pragma once
/// The same layer several times, each with its own parameters.

#include <pix2pixhd/layers/layer_chain.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace pix2pixhd::inline v0 {

/// `Count` layers of one type in a row: one instantiation for nine residual blocks. Count may be 0.
template <int Count, class L>
struct Repeat {
  static_assert(Count >= 0, "pix2pixhd::Repeat: the number of layers must not be negative");
  static_assert(detail::check_layer<0, L>::value);
  static_assert(detail::makes(L::out_channels, L::in_channels) == L::in_channels,
                "pix2pixhd::Repeat: the repeated layer must make as many channels as it takes");
  static constexpr int in_channels = L::in_channels, out_channels = in_channels;
  static constexpr std::size_t size = static_cast<std::size_t>(Count);

  std::array<L, size> layers;

  template <Mode M>
  struct Context : SavedNeed<M> {
    std::array<typename L::template Context<M>, size> layers;
  };

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    detail::ChainNeeds<size> needs;
    if constexpr (M == Mode::train) needs = chain_needs(ask.need);
    context.set(ask.need);
    for (std::size_t i = 0; i < size; ++i)
      x = layers[i].forward(device, std::move(x), context.layers[i], ask.inner(needs.saved[i]));
    return x;
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    const detail::ChainNeeds<size> needs = chain_needs(context.need);
    context.take(need, "Repeat");
    for (std::size_t i = size; i-- > 0;) {
      const Need asked = needs.asked(i, need);
      if (wants(asked, Need::both))
        dy = layers[i].backward(device, std::move(dy), context.layers[i], asked | (need & Need::keep));
      else if (!wants(need, Need::keep))
        context.layers[i] = {};
    }
    return wants(need, Need::input) ? dy : Tensor();
  }

  void visit(Names& names, Visitor& visitor) {
    for (L& layer : layers) layer.visit(names, visitor);
  }

  bool has_trainable() const {
    for (const L& layer : layers)
      if (pix2pixhd::has_trainable(layer)) return true;
    return false;
  }

 private:
  detail::ChainNeeds<size> chain_needs(Need need) const {
    std::array<bool, size> trainable{};
    for (std::size_t i = 0; i < size; ++i) trainable[i] = pix2pixhd::has_trainable(layers[i]);
    return {need, trainable};
  }
};

}  // namespace pix2pixhd::inline v0
