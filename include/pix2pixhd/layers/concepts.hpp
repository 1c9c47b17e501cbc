#pragma once
/// What a layer is, and the sentences that a compiler prints when something is not one.

#include <pix2pixhd/core/ask.hpp>
#include <pix2pixhd/core/device.hpp>
#include <pix2pixhd/core/parameter.hpp>

#include <concepts>
#include <cstddef>
#include <utility>

namespace pix2pixhd::inline v0 {

/// A layer that declares `in_channels` or `out_channels` as `any` takes any number of channels and keeps it.
inline constexpr int any = 0;

/// A layer states its channels: a number, `any`, or (input only) `dynamic`.
template <class L>
concept HasChannels = requires {
  { L::in_channels } -> std::convertible_to<int>;
  { L::out_channels } -> std::convertible_to<int>;
};

/// A layer has a struct template Context<Mode> for what forward leaves to backward: default constructible, movable.
template <class L>
concept HasContext = requires {
  sizeof(typename L::template Context<Mode::train>);  // complete: std::movable must not be asked about anything else
  sizeof(typename L::template Context<Mode::infer>);
  requires std::default_initializable<typename L::template Context<Mode::train>>;
  requires std::movable<typename L::template Context<Mode::train>>;
  requires std::default_initializable<typename L::template Context<Mode::infer>>;
};

/// `y = layer.forward(device, x, context, ask)`; const, for both modes.
template <class L>
concept HasForward = requires(const L layer, Device& device, Tensor x, typename L::template Context<Mode::infer>& infer,
                              typename L::template Context<Mode::train>& train) {
  { layer.forward(device, x, infer, Ask{}) } -> std::same_as<Tensor>;
  { layer.forward(device, x, train, Ask{}) } -> std::same_as<Tensor>;
};

/// `dx = layer.backward(device, dy, context, need)`: adds to the gradients of the parameters, returns the gradient by
/// the input (empty if `need` does not ask for it) and empties the context unless `need` says keep. An empty dy is
/// zeros. A layer may run several times in a pass, each time with a context of its own. Where it has convolutions of
/// the library, a Trainer of such a network needs TrainOptions::keep_gradients: otherwise the gradients of one run
/// would change weights before the next runs backward, which is an Error.
template <class L>
concept HasBackward = requires(L layer, Device& device, Tensor dy, typename L::template Context<Mode::train>& context) {
  { layer.backward(device, dy, context, Need::both) } -> std::same_as<Tensor>;
};

/// `layer.visit(names, visitor)` shows every parameter under its name and moves the cursor past the layer. All tensors
/// that forward and backward read, beside input and context, must be among them (a Parameter that is not trainable, or
/// a Buffer): what a device has recorded of a pass is made anew where these change, and at nothing else.
template <class L>
concept HasVisit = requires(L layer, Names& names, Visitor& visitor) {
  layer.visit(names, visitor);
};

/// A layer. What it asks of its device may depend on sizes, of its input and of its parameters, not on values: plans
/// (plan, Session, plan_step) run it where there are none. It may compute on the host all the same: in a plan what it
/// downloads is zeros, and what it uploads goes nowhere. A device that records passes does not record one with such a
/// layer, and ONNX has no operators for it.
template <class L>
concept Layer = HasChannels<L> && HasContext<L> && HasForward<L> && HasBackward<L> && HasVisit<L>;

/// A layer that can add Ask::add to its result.
template <class L>
inline constexpr bool adds_skip = [] {
  if constexpr (requires {
                  { L::adds_skip } -> std::convertible_to<bool>;
                })
    return static_cast<bool>(L::adds_skip);
  else
    return false;
}();

namespace detail {

/// Concepts define, these sentences speak: a constrained template would only say "constraint not satisfied".
template <int Position, class L>
struct check_layer {
  static_assert(HasChannels<L>,
                "pix2pixhd: the layer at `Position` must declare static constexpr int in_channels and out_channels "
                "(a number of channels, or pix2pixhd::any to keep what it is given)");
  static_assert(HasContext<L>,
                "pix2pixhd: the layer at `Position` must have template <Mode M> struct Context, default constructible "
                "and movable, for what forward leaves to backward");
  static_assert(
      HasForward<L>,
      "pix2pixhd: the layer at `Position` must have Tensor forward(Device&, Tensor x, Context<M>&, const Ask&) "
      "const for both modes");
  static_assert(
      HasBackward<L>,
      "pix2pixhd: the layer at `Position` must have Tensor backward(Device&, Tensor dy, Context<Mode::train>&, "
      "Need)");
  static_assert(HasVisit<L>, "pix2pixhd: the layer at `Position` must have void visit(Names&, Visitor&)");
  static constexpr bool value = Layer<L>;
};

constexpr bool takes(int in_channels, int given) {
  return in_channels == any || given == any || in_channels == dynamic || in_channels == given;
}
constexpr int makes(int out_channels, int given) { return out_channels == any ? given : out_channels; }
/// Whether two layers that lie side by side may state these numbers of what both take, or both make.
constexpr bool agree(int first, int second) { return first == any || second == any || first == second; }

/// `Given` channels reach the layer at `Position`.
template <int Position, int Given, class L>
struct link {
  static_assert(takes(L::in_channels, Given),
                "pix2pixhd: the layer at `Position` does not take the `Given` channels that the layer before it makes; "
                "change its input channels to `Given`, or the output channels of the layer before it");
  static constexpr bool value = takes(L::in_channels, Given);
};

/// Channels that reach each layer of a chain, and what the chain takes and makes.
template <class... Ls>
struct chain {
  static constexpr int in() {
    int first = any;
    ((first = first == any ? static_cast<int>(Ls::in_channels) : first), ...);
    return first;
  }
  static constexpr int given(std::size_t position) {
    int channels = in();
    std::size_t i = 0;
    ((channels = i++ < position ? makes(Ls::out_channels, channels) : channels), ...);
    return channels;
  }
  static constexpr int out() { return given(sizeof...(Ls)); }
};

template <class Indices, class... Ls>
struct check_chain;
template <std::size_t... I, class... Ls>
struct check_chain<std::index_sequence<I...>, Ls...> {
  static constexpr bool layers() { return (check_layer<static_cast<int>(I), Ls>::value && ...); }
  static constexpr bool links() {
    if constexpr ((Layer<Ls> && ...))
      return (link<static_cast<int>(I), chain<Ls...>::given(I), Ls>::value && ...);
    else
      return true;
  }
};

}  // namespace detail

/// True for a layer. For anything else the compiler says which member is missing or of another form, unlike Layer, of
/// which it would only say that it is not satisfied: static_assert(is_layer<MyLayer>).
template <class L>
inline constexpr bool is_layer = detail::check_layer<0, L>::value;
}  // namespace pix2pixhd::inline v0
