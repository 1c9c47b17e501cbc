#pragma once
/// Layers that run again in backward instead of saving what they made.

#include <pix2pixhd/layers/saved_need.hpp>
#include <pix2pixhd/layers/wrapped_layer.hpp>

#include <functional>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The forward pass of a layer, to be run again in backward; its input may be a Tensor or a SemanticMap.
template <class L, Mode M>
struct SecondRun {};
template <class L>
struct SecondRun<L, Mode::train> {
  using Context = typename L::template Context<Mode::train>;
  std::function<void(const L&, Device&, Context&)> again;

  /// What the first run is to be asked for: with Ask::recompute nothing is saved by it but its input, here.
  template <class X>
  Ask first(const X& x, Ask ask) {
    again = nullptr;
    if (!ask.recompute || !wants(ask.need, Need::both)) return ask;
    Ask second = ask, result = ask;
    second.recompute = false;
    second.replay = true;
    again = [x, second](const L& layer, Device& device, Context& context) {
      layer.forward(device, x, context, second);
    };
    result.need = Need::none;
    return result;
  }
  /// Fills the context, if that is still to be done.
  void second(const L& layer, Device& device, Context& context) {
    if (const auto forward = std::exchange(again, nullptr)) forward(layer, device, context);
  }
};

}  // namespace detail

/// L, which with Ask::recompute saves its input alone and runs again in backward: for layers that make much of little,
/// as the front end of a generator does of a semantic map. Names are those of L.
template <class L>
struct Recomputed : detail::WrappedLayer<L> {
  using detail::WrappedLayer<L>::WrappedLayer;

  template <Mode M>
  struct Context : SavedNeed<M>, detail::SecondRun<L, M> {
    typename L::template Context<M> layer;
  };

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    context.set(ask.need);
    Ask inner = ask.inner(ask.need);
    if constexpr (M == Mode::train) inner = context.first(x, inner);
    return this->layer.forward(device, std::move(x), context.layer, inner);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    context.take(need, "Recomputed");
    context.second(this->layer, device, context.layer);
    return this->layer.backward(device, std::move(dy), context.layer, need);
  }
};

}  // namespace pix2pixhd::inline v0
