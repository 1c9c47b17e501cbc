#pragma once
/// Layers whose outputs are worth more bits than the device stores.

#include <pix2pixhd/layers/wrapped_layer.hpp>

#include <utility>

namespace pix2pixhd::inline v0 {

/// L, whose blocks in inference leave what is still to be normalised in f32 where the device stores 16 bits and can mix
/// both (the CPU in bf16). Meant for front ends of generators: on a label map their outputs are nearly constant over
/// whole objects, so that rounding makes the same error all over an object, which no sum over neighbours averages out,
/// and the next normalisation magnifies it. G1's residual blocks gain a little from it, and are so small that it costs
/// nothing; layers of later and larger pictures do not gain. Names are those of L.
template <class L>
struct StoredAsFloat : detail::WrappedLayer<L> {
  using detail::WrappedLayer<L>::WrappedLayer;

  template <Mode M>
  struct Context {
    typename L::template Context<M> layer;
  };

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    Ask inner = ask.inner(ask.need);
    inner.stored_as_float = true;
    return this->layer.forward(device, std::move(x), context.layer, inner);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    return this->layer.backward(device, std::move(dy), context.layer, need);
  }
};

}  // namespace pix2pixhd::inline v0
