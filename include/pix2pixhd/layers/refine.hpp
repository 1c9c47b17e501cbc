#pragma once
/// A network at half size inside one at full size: the coarse-to-fine step of the paper (section 3.1, figure 3).

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/layers/recomputed.hpp>
#include <pix2pixhd/layers/saved_need.hpp>
#include <pix2pixhd/layers/trainable.hpp>
#include <pix2pixhd/ops/add.hpp>
#include <pix2pixhd/ops/pool.hpp>

#include <concepts>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

template <Mode M>
struct InputShape {
  void set_shape(const Shape&) {}
};
template <>
struct InputShape<Mode::train> {
  Shape shape;
  void set_shape(const Shape& input) { shape = input; }
};

}  // namespace detail

/// y = back(front(x) + inner(pool(x))): `inner` sees the picture at half size; its features are added to those of
/// `front`, which halves the sides; `back` doubles them again. Enhancers are made of it, and stacks of one's own.
///
/// `front` runs first: what it makes on the way, at full size, is the largest of all, and lies beside nothing then.
/// With Ask::recompute it saves the picture alone, which of a semantic map is a byte a pixel, and runs again in
/// backward.
template <class Inner, class Front, class Back>
struct Refine {
  static_assert(detail::check_layer<0, Inner>::value && detail::check_layer<1, Front>::value &&
                detail::check_layer<2, Back>::value);
  static_assert(detail::agree(Inner::in_channels, Front::in_channels),
                "pix2pixhd::Refine: `Front` must take as many channels as `Inner`, because both see the same picture");
  static constexpr int in_channels = Front::in_channels == any ? Inner::in_channels : Front::in_channels;

 private:
  static constexpr int inner_makes = detail::makes(Inner::out_channels, in_channels);
  static constexpr int front_makes = detail::makes(Front::out_channels, in_channels);

 public:
  static_assert(detail::agree(inner_makes, front_makes),
                "pix2pixhd::Refine: `Front` must make as many channels as `Inner`, because their features are added");
  static_assert(detail::takes(Back::in_channels, front_makes),
                "pix2pixhd::Refine: `Back` must take as many channels as `Front` makes");
  static constexpr int out_channels = detail::makes(Back::out_channels, front_makes);
  static constexpr bool adds_skip = pix2pixhd::adds_skip<Back>;

  Inner inner;
  Front front;
  Back back;

  template <Mode M>
  struct Context : SavedNeed<M>, detail::InputShape<M>, detail::SecondRun<Front, M> {
    typename Inner::template Context<M> inner;
    typename Front::template Context<M> front;
    typename Back::template Context<M> back;
  };

  Refine() = default;
  Refine(Inner inner_layer, Front front_layer, Back back_layer)
      : inner(std::move(inner_layer)), front(std::move(front_layer)), back(std::move(back_layer)) {}
  /// Passes a number of input channels on to `inner` and `front`.
  explicit Refine(int in) requires(std::constructible_from<Inner, int>&& std::constructible_from<Front, int>)
      : inner(in), front(in) {}

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    context.set(ask.need);
    context.set_shape(x.shape());
    const Need need = M == Mode::train ? ask.need : Need::none;
    Ask front_ask = ask.inner(need_of(front, need));
    if constexpr (M == Mode::train) front_ask = context.first(x, front_ask);
    Tensor t = front.forward(device, x, context.front, front_ask);
    auto coarse = pool(device, std::move(x), Pooling::average3);
    Ask inner_ask = ask.inner(need_of(inner, need));
    if constexpr (pix2pixhd::adds_skip<Inner>) {
      inner_ask.add = &t;
      t = inner.forward(device, std::move(coarse), context.inner, inner_ask);
    } else {
      Tensor features = inner.forward(device, std::move(coarse), context.inner, inner_ask);
      t = add(device, std::move(features), std::move(t));
    }
    Ask back_ask = ask.inner(need_of_back(need));
    back_ask.add = ask.add;
    return back.forward(device, std::move(t), context.back, back_ask);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    const Need saved = context.need;
    context.take(need, "Refine");
    const Need keep = need & Need::keep;
    const auto asked = [&](const auto& layer) { return need_of(layer, saved) & (need & Need::both); };
    const bool fine = wants(asked(front), Need::both), coarse = wants(asked(inner), Need::both);
    const Need back_need =
        (need_of_back(saved) & need & Need::parameters) | (fine || coarse ? Need::input : Need::none);
    Tensor dt = backward_of(back, device, std::move(dy), context.back, back_need, keep);
    if (fine) context.second(front, device, context.front);
    Tensor dx = fine ? front.backward(device, coarse ? dt : std::exchange(dt, {}), context.front, asked(front) | keep)
                     : discard(context.front, keep);
    if (keep == Need::none) context.again = nullptr;
    Tensor d_inner = coarse ? inner.backward(device, std::move(dt), context.inner, asked(inner) | keep)
                            : discard(context.inner, keep);
    if (!wants(need, Need::input)) return {};
    Tensor d_pooled = pool_backward(device, std::move(d_inner), context.shape, Pooling::average3);
    return add(device, std::move(dx), std::move(d_pooled));
  }

  void visit(Names& names, Visitor& visitor) {
    inner.visit(names, visitor);
    front.visit(names, visitor);
    back.visit(names, visitor);
  }

  bool has_trainable() const {
    return pix2pixhd::has_trainable(inner) || pix2pixhd::has_trainable(front) || pix2pixhd::has_trainable(back);
  }

 private:
  /// Front and inner network read the input itself: they learn, or pass the gradient on.
  template <class L>
  static Need need_of(const L& layer, Need need) {
    return (pix2pixhd::has_trainable(layer) ? need & Need::parameters : Need::none) | (need & Need::input);
  }
  Need need_of_back(Need need) const {
    const bool below = wants(need_of(front, need), Need::both) || wants(need_of(inner, need), Need::both);
    return (pix2pixhd::has_trainable(back) ? need & Need::parameters : Need::none) | (below ? Need::input : Need::none);
  }
  template <class L, class C>
  static Tensor backward_of(L& layer, Device& device, Tensor dy, C& context, Need need, Need keep) {
    return wants(need, Need::both) ? layer.backward(device, std::move(dy), context, need | keep)
                                   : discard(context, keep);
  }
  template <class C>
  static Tensor discard(C& context, Need keep) {
    if (keep == Need::none) context = {};
    return {};
  }
};

}  // namespace pix2pixhd::inline v0
