#pragma once
/// The encoder of instance features.

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/networks/alignment.hpp>
#include <pix2pixhd/networks/shapes.hpp>
#include <pix2pixhd/ops/instance_mean.hpp>

#include <cstddef>
#include <utility>

namespace pix2pixhd::inline v0 {

/// A picture and the instances whose features are wanted.
struct EncoderInput {
  Tensor image;
  InstanceMap instances;

  Shape shape() const { return image.shape(); }
};

namespace detail {

template <EncoderShape S, class Indices>
struct encoder_layers;

template <EncoderShape S, std::size_t... I>
struct encoder_layers<S, std::index_sequence<I...>> {
  static_assert(S.downsamples >= 0, "pix2pixhd::FeatureEncoder: EncoderShape::downsamples must not be negative");
  static constexpr int width(std::size_t halvings) { return S.width << halvings; }
  using type =
      Sequential<Stem<S.in, S.width, S.norm>, Downsample<width(I), width(I + 1), S.norm>...,
                 Upsample<width(sizeof...(I) - I), width(sizeof...(I) - I - 1), S.norm>..., Head<S.width, S.out>>;
};

template <Mode M>
struct SavedInstances {
  void keep_instances(const InstanceMap&) {}
};
template <>
struct SavedInstances<Mode::train> {
  InstanceMap instances;
  void keep_instances(const InstanceMap& map) { instances = map; }
};

}  // namespace detail

/// Encoder and decoder without skips, then instance-wise average pooling: every pixel of an instance gets the
/// instance's mean feature, in its own picture of the batch (paper, section 3.4).
template <EncoderShape S = EncoderShape{}>
struct FeatureEncoder {
  using Layers = typename detail::encoder_layers<S, detail::stages<S.downsamples>>::type;
  static constexpr int in_channels = S.in, out_channels = S.out;
  static constexpr EncoderShape shape = S;
  static constexpr int alignment = 1 << S.downsamples;

  Layers layers;

  template <Mode M>
  struct Context : SavedNeed<M>, detail::SavedInstances<M> {
    typename Layers::template Context<M> layers;
  };

  FeatureEncoder() = default;
  /// For S.in = dynamic: the number of input channels.
  explicit FeatureEncoder(int in) requires(S.in == dynamic) : layers(in) {}

  /// The picture's sides must be multiples of `alignment` and at least twice it. The instance map may be smaller than
  /// the picture: features are then cropped at the bottom and the right before they are averaged.
  template <Mode M>
  Tensor forward(Device& device, EncoderInput x, Context<M>& context, const Ask& ask = {}) const {
    detail::check_alignment(x.image.shape(), alignment, "FeatureEncoder");
    detail::require(!x.instances.empty(), "FeatureEncoder: the instance map is empty; make one by instance_map.");
    const Shape& plane = x.instances.plane();
    detail::require(M == Mode::infer || (plane.h == x.image.shape().h && plane.w == x.image.shape().w),
                    "FeatureEncoder: the instance map is ", plane.w, " x ", plane.h, " pixels, the picture ",
                    x.image.shape().w, " x ", x.image.shape().h, "; in training they must be the same size.");
    detail::require(plane.h <= x.image.shape().h && plane.w <= x.image.shape().w,
                    "FeatureEncoder: the instance map is ", plane.w, " x ", plane.h,
                    " pixels, larger than the picture of ", x.image.shape().w, " x ", x.image.shape().h,
                    "; pixels outside the picture have no features.");
    detail::require(plane.n == x.image.shape().n, "FeatureEncoder: a batch of ", x.image.shape().n,
                    " has instance maps for ", plane.n, "; give one map a picture.");
    context.set(ask.need);
    context.keep_instances(x.instances);
    Tensor y = layers.forward(device, std::move(x.image), context.layers, ask.inner(ask.need));
    y = extend(device, std::move(y), {plane.h, plane.w});
    return instance_mean(device, std::move(y), x.instances);
  }

  /// Returns the gradient by the picture.
  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    context.take(need, "FeatureEncoder");
    if (!dy.empty()) dy = instance_mean(device, std::move(dy), context.instances);  // its own adjoint
    return layers.backward(device, std::move(dy), context.layers, need);
  }

  void visit(Names& names, Visitor& visitor) { layers.visit(names, visitor); }
  bool has_trainable() const { return layers.has_trainable(); }
};

}  // namespace pix2pixhd::inline v0
