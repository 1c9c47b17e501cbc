#pragma once
/// x + branch(x).

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/layers/saved_need.hpp>
#include <pix2pixhd/layers/trainable.hpp>
#include <pix2pixhd/ops/add.hpp>

#include <cstddef>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// What a residual layer keeps to run its branch again in backward.
template <Mode M>
struct Recomputation {};
template <>
struct Recomputation<Mode::train> {
  Tensor input;
  Ask ask;
};

}  // namespace detail

/// y = x + branch(x), without an activation after the sum (He et al. 2016; paper, section 3.1). Opens the scope
/// `conv_block` for its branch and takes one slot. With Ask::recompute it saves x alone and runs its branch again in
/// backward, unless x has fewer pixels than channels: what the branch of such a picture makes is small beside its
/// weights, and to go through these again takes longer than the memory is worth.
template <class L>
struct Residual {
  static_assert(detail::check_layer<0, L>::value);
  static_assert(detail::makes(L::out_channels, L::in_channels) == L::in_channels,
                "pix2pixhd::Residual: the branch must make as many channels as it takes, so that they can be added");
  static constexpr int in_channels = L::in_channels, out_channels = in_channels;

  L branch;

  template <Mode M>
  struct Context : SavedNeed<M>, detail::Recomputation<M> {
    typename L::template Context<M> branch;
  };

  template <Mode M>
  Tensor forward(Device& device, Tensor x, Context<M>& context, const Ask& ask = {}) const {
    context.set(ask.need);
    Ask inner = ask;
    if constexpr (M == Mode::train) {
      if (ask.recompute && wants(ask.need, Need::both) && x.shape().pixels() >= static_cast<std::size_t>(x.shape().c)) {
        context.input = x;
        context.ask = ask.inner(ask.need);
        context.ask.recompute = false;
        inner.need = Need::none;
      }
    }
    return run(device, std::move(x), context.branch, inner);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    context.take(need, "Residual");
    if (!context.input.empty()) {
      Ask again = context.ask;
      again.replay = true;
      run(device, context.input, context.branch, again);
      context.input = {};  // the branch's context is full now, to be kept or not
    }
    if (!wants(need, Need::input)) return branch.backward(device, std::move(dy), context.branch, need);
    Tensor dx = branch.backward(device, dy, context.branch, need);
    return add(device, std::move(dx), std::move(dy));
  }

  void visit(Names& names, Visitor& visitor) {
    Names inner(names.here() + ".conv_block");
    branch.visit(inner, visitor);
    names.skip();
  }

  bool has_trainable() const { return pix2pixhd::has_trainable(branch); }

 private:
  template <class C>
  Tensor run(Device& device, Tensor x, C& context, const Ask& ask) const {
    Ask inner = ask.inner(ask.need);
    if constexpr (adds_skip<L>) {
      inner.add = &x;
      return branch.forward(device, x, context, inner);
    } else {
      Tensor y = branch.forward(device, x, context, inner);
      return add(device, std::move(y), std::move(x));
    }
  }
};

}  // namespace pix2pixhd::inline v0
