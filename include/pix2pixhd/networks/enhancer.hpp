#pragma once
/// The trunk of a generator: G1 and the local enhancers around it, without the head that makes the picture.

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/recomputed.hpp>
#include <pix2pixhd/layers/refine.hpp>
#include <pix2pixhd/layers/repeat.hpp>
#include <pix2pixhd/layers/sequential.hpp>
#include <pix2pixhd/layers/stored_as_float.hpp>
#include <pix2pixhd/networks/alignment.hpp>
#include <pix2pixhd/networks/shapes.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {

template <int N, GeneratorShape S>
struct Enhancer;

namespace detail {

template <GeneratorShape S, class Indices>
struct global_trunk;

/// G1: a front end with S.downsamples halvings, S.blocks residual blocks, a back end with as many doublings.
template <GeneratorShape S, std::size_t... I>
struct global_trunk<S, std::index_sequence<I...>> {
  static_assert(S.downsamples >= 0, "pix2pixhd::GeneratorShape: downsamples must not be negative");
  static constexpr int width(std::size_t halvings) { return S.width << halvings; }
  using Front = Sequential<Stem<S.in, S.width, S.norm, S.pad>, Downsample<width(I), width(I + 1), S.norm>...>;
  using Blocks = Repeat<S.blocks, ResBlock<width(sizeof...(I)), S.norm, S.pad>>;
  using type = Sequential<Recomputed<StoredAsFloat<Front>>, StoredAsFloat<Blocks>,
                          Upsample<width(sizeof...(I) - I), width(sizeof...(I) - I - 1), S.norm, S.up, S.pad>...>;
};

/// The layers of enhancer N >= 1: front end, residual blocks and back end.
template <int N, GeneratorShape S>
struct enhancer_parts {
  static_assert(S.width % (1 << N) == 0,
                "pix2pixhd::Enhancer: GeneratorShape::width must be divisible by 2^N, because every enhancer outwards "
                "halves the channels");
  static constexpr int width = S.width >> N;
  using Front = Sequential<Stem<S.in, width, S.norm, S.pad>, Downsample<width, 2 * width, S.norm>>;
  using Back = Sequential<Repeat<S.local_blocks, ResBlock<2 * width, S.norm, S.pad>>,
                          Upsample<2 * width, width, S.norm, S.up, S.pad>>;
};

/// What Enhancer<N, S> is made of. A negative N is taken for 1, so that the sentence about it is all that is printed.
template <int N, GeneratorShape S, int Depth = (N < 1 ? 1 : N)>
using refined_trunk =
    Refine<Enhancer<Depth - 1, S>, typename enhancer_parts<Depth, S>::Front, typename enhancer_parts<Depth, S>::Back>;

}  // namespace detail

/// The trunk of depth N (paper, section 3.1): `inner` is the trunk of depth N - 1 and works at half size, `front` and
/// `back` are the local enhancer's. It makes S.width >> N channels at the size of its input. `Enhancer<0, S>` is G1's.
///
/// Names: G1 is `model`, enhancer n counted outwards from G1 is `model{n}_1` (front) and `model{n}_2` (back).
template <int N, GeneratorShape S = GeneratorShape{}>
struct Enhancer : detail::refined_trunk<N, S> {
  static_assert(N >= 1, "pix2pixhd::Enhancer: the depth must not be negative");
  using Base = detail::refined_trunk<N, S>;
  using Base::Base;

  static constexpr int alignment = 1 << (N + S.downsamples);

  template <class X, Mode M>
  Tensor forward(Device& device, X x, typename Base::template Context<M>& context, const Ask& ask = {}) const {
    detail::check_alignment(x.shape(), alignment, "Enhancer");
    return Base::forward(device, std::move(x), context, ask);
  }

  void visit(Names& names, Visitor& visitor) {
    const std::string me = "model" + std::to_string(N);
    this->inner.visit(names, visitor);
    names = Names(me + "_1");
    this->front.visit(names, visitor);
    names = Names(me + "_2");
    this->back.visit(names, visitor);
  }
};

template <GeneratorShape S>
struct Enhancer<0, S> : detail::global_trunk<S, detail::stages<S.downsamples>>::type {
  using Base = typename detail::global_trunk<S, detail::stages<S.downsamples>>::type;
  Enhancer() = default;
  /// For S.in = dynamic: the number of input channels.
  explicit Enhancer(int in) requires(S.in == dynamic) : Base(in) {}

  static constexpr int alignment = 1 << S.downsamples;

  template <class X, Mode M>
  Tensor forward(Device& device, X x, typename Base::template Context<M>& context, const Ask& ask = {}) const {
    detail::check_alignment(x.shape(), alignment, "Enhancer");
    return Base::forward(device, std::move(x), context, ask);
  }
};

}  // namespace pix2pixhd::inline v0
