#pragma once
/// Coarse-to-fine generators.

#include <pix2pixhd/networks/alignment.hpp>
#include <pix2pixhd/networks/enhancer.hpp>
#include <pix2pixhd/networks/visit.hpp>

#include <cstdint>
#include <utility>

namespace pix2pixhd::inline v0 {

/// The generator with N local enhancers around G1 (paper, section 3.1): a trunk and the head that makes the picture,
/// in [-1, 1]. `Generator<0>` is G1 alone, `Generator<1>` the paper's for 2048x1024, `Generator<2>` its 4096x2048
/// successor. The input is a SemanticMap, or a Tensor for networks on plain images.
///
/// Sides must be multiples of `alignment` and at least twice it; infer takes any.
template <int N, GeneratorShape S = GeneratorShape{}>
struct Generator {
  static_assert(N >= 0, "pix2pixhd::Generator: the number of enhancers must not be negative");
  using Trunk = Enhancer<N, S>;
  static constexpr int depth = N;
  static constexpr GeneratorShape shape = S;
  static constexpr int in_channels = S.in, out_channels = S.out;
  static constexpr int alignment = Trunk::alignment;

  Trunk trunk;
  Head<(S.width >> N), S.out, S.pad> head;

  template <Mode M>
  struct Context : SavedNeed<M> {
    typename Trunk::template Context<M> trunk;
    typename Head<(S.width >> N), S.out, S.pad>::template Context<M> head;
  };

  Generator() = default;
  /// For S.in = dynamic: the number of input channels. Default-constructed, it is taken from the weights loaded.
  explicit Generator(int in) requires(S.in == dynamic) : trunk(in) {}

  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    detail::check_alignment(x.shape(), alignment, "Generator");
    context.set(ask.need);
    const Need need = M == Mode::train ? ask.need : Need::none;
    Tensor features = trunk.forward(device, std::move(x), context.trunk, ask.inner(trunk_need(need)));
    return head.forward(device, std::move(features), context.head, ask.inner(head_need(need)));
  }

  /// dy: the gradient by the picture. Returns the gradient by the input; of a map, by its dense parts.
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    const Need saved = context.need;
    context.take(need, "Generator");
    const Need both = need & Need::both, keep = need & Need::keep;
    const Need trunk_asked = trunk_need(saved & both);
    const Need head_asked = head_need(saved & both);
    if (wants(head_asked, Need::both))
      dy = head.backward(device, std::move(dy), context.head, head_asked | keep);
    else if (!wants(need, Need::keep))
      context.head = {};
    if (wants(trunk_asked, Need::both)) return trunk.backward(device, std::move(dy), context.trunk, trunk_asked | keep);
    if (!wants(need, Need::keep)) context.trunk = {};
    return {};
  }

  void visit(Names& names, Visitor& visitor) {
    trunk.visit(names, visitor);
    head.visit(names, visitor);  // goes on counting where the outermost back end ended
  }

  bool has_trainable() const { return trunk.has_trainable() || head.has_trainable(); }

 private:
  Need trunk_need(Need need) const {
    return (trunk.has_trainable() ? need & Need::parameters : Need::none) | (need & Need::input);
  }
  Need head_need(Need need) const {
    return (head.has_trainable() ? need & Need::parameters : Need::none) |
           (wants(trunk_need(need), Need::both) ? Need::input : Need::none);
  }
};

/// The generator with one enhancer more around `trained`, whose trunk becomes the inner network, weights untouched; the
/// new enhancer and the new head are initialised from `seed`. The old head is dropped: the new one sees other features.
template <int N, GeneratorShape S>
Generator<N + 1, S> grow(Device& device, Generator<N, S>&& trained, std::uint64_t seed) {
  Generator<N + 1, S> grown;
  if constexpr (S.in == dynamic) grown = Generator<N + 1, S>(input_channels(trained));
  initialize(device, grown, seed);
  grown.trunk.inner = std::move(trained.trunk);
  return grown;
}

}  // namespace pix2pixhd::inline v0
