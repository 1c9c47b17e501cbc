/// Each concept of a layer: a table of yes and no.

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/pool.hpp>
#include <pix2pixhd/layers/refine.hpp>
#include <pix2pixhd/layers/repeat.hpp>
#include <pix2pixhd/layers/taps.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/vgg19.hpp>

namespace tests {

using namespace pix2pixhd;

/// A layer of one's own that has everything, and others that differ in one thing.
struct Channels {
  static constexpr int in_channels = any, out_channels = any;
};
struct Contexts {
  template <Mode M>
  struct Context {};
};
struct Forward {
  Tensor forward(Device&, Tensor x, auto&, const Ask&) const { return x; }
};
struct Backward {
  Tensor backward(Device&, Tensor dy, auto&, Need) { return dy; }
};
struct Visit {
  void visit(Names&, Visitor&) {}
};
struct Own : Channels, Contexts, Forward, Backward, Visit {};

struct OnlyInput {
  static constexpr int in_channels = 3;
};
struct ChannelsAsText {
  static constexpr const char *in_channels = "3", *out_channels = "3";
};
struct ContextWithoutDefault {
  template <Mode M>
  struct Context {
    explicit Context(int) {}
  };
};
struct ContextThatStays {
  template <Mode M>
  struct Context {
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
  };
};
struct ContextOfOneMode {
  template <Mode M>
  struct Context;
};
template <>
struct ContextOfOneMode::Context<Mode::train> {};
struct ForwardNotConst : Contexts {
  Tensor forward(Device&, Tensor x, auto&, const Ask&) { return x; }
};
struct ForwardOfOneMode : Contexts {
  Tensor forward(Device&, Tensor x, Context<Mode::infer>&, const Ask&) const { return x; }
};
struct ForwardWithoutAsk : Contexts {
  Tensor forward(Device&, Tensor x, auto&) const { return x; }
};
struct ForwardOfNothing : Contexts {
  void forward(Device&, Tensor, auto&, const Ask&) const {}
};
struct BackwardWithoutNeed : Contexts {
  Tensor backward(Device&, Tensor dy, auto&) { return dy; }
};
struct BackwardOfNothing : Contexts {
  void backward(Device&, Tensor, auto&, Need) {}
};
struct VisitOfAConstant {
  void visit(const int&, Visitor&) {}
};

using Block = ConvBlock<3, 4>;
using Tapped = Taps<Block, ConvBlock<4, 1>>;

// HasChannels
static_assert(HasChannels<Channels> && HasChannels<Block> && HasChannels<AveragePool> && HasChannels<Tapped> &&
              HasChannels<FeatureEncoder<>> && HasChannels<ConvBlock<dynamic, 4>>);
static_assert(!HasChannels<int> && !HasChannels<OnlyInput> && !HasChannels<ChannelsAsText> && !HasChannels<Visit> &&
              !HasChannels<MultiscaleDiscriminator<>>);

// HasContext
static_assert(HasContext<Contexts> && HasContext<Block> && HasContext<AveragePool> && HasContext<Tapped>);
static_assert(!HasContext<int> && !HasContext<ContextWithoutDefault> && !HasContext<ContextThatStays> &&
              !HasContext<ContextOfOneMode> && !HasContext<Channels>);

// HasForward
struct WithForward : Contexts, Forward {};
static_assert(HasForward<WithForward> && HasForward<Block> && HasForward<MaxPool> && HasForward<ResBlock<4>>);
static_assert(!HasForward<int> && !HasForward<ForwardNotConst> && !HasForward<ForwardOfOneMode> &&
              !HasForward<ForwardWithoutAsk> && !HasForward<ForwardOfNothing> && !HasForward<Contexts>);

// HasBackward
struct WithBackward : Contexts, Backward {};
static_assert(HasBackward<WithBackward> && HasBackward<Block> && HasBackward<MaxPool>);
static_assert(!HasBackward<int> && !HasBackward<BackwardWithoutNeed> && !HasBackward<BackwardOfNothing> &&
              !HasBackward<Contexts>);

// HasVisit
static_assert(HasVisit<Visit> && HasVisit<Block> && HasVisit<Vgg19> && HasVisit<MultiscaleDiscriminator<>>);
static_assert(!HasVisit<int> && !HasVisit<VisitOfAConstant> && !HasVisit<Channels>);

// Layer: one tensor in, one out.
static_assert(Layer<Own>);
static_assert(Layer<Block> && Layer<ConvBlock<dynamic, 4>> && Layer<ResBlock<4>> && Layer<AveragePool> &&
              Layer<MaxPool>);
static_assert(Layer<Stem<3, 4>> && Layer<Downsample<3, 4>> && Layer<Upsample<4, 3>> && Layer<Head<4, 3>>);
static_assert(Layer<Upsample<4, 3, Norm::batch, Upsampling::resize>>);
static_assert(Layer<Sequential<Block>> && Layer<Sequential<Block, AveragePool, ConvBlock<4, 3>>>);
static_assert(Layer<Repeat<0, ResBlock<4>>> && Layer<Repeat<9, ResBlock<4>>> &&
              Layer<Residual<Repeat<2, ResBlock<4>>>>);
static_assert(Layer<Refine<ConvBlock<3, 4>, Downsample<3, 4>, Upsample<4, 2>>>);
static_assert(Layer<Enhancer<0>> && Layer<Enhancer<3>> && Layer<Generator<0>> && Layer<Generator<2>>);
static_assert(!Layer<int> && !Layer<void> && !Layer<Tensor> && !Layer<WithForward> && !Layer<WithBackward>);
static_assert(!Layer<Tapped> && !Layer<MultiscaleDiscriminator<>> && !Layer<Vgg19> && !Layer<FeatureEncoder<>>);

// adds_skip: the last block of a chain adds the skip for it.
struct Declines {
  static constexpr bool adds_skip = false;
};
static_assert(adds_skip<Block> && adds_skip<Sequential<AveragePool, Block>> && adds_skip<Enhancer<0>> &&
              adds_skip<Enhancer<2>>);
static_assert(!adds_skip<AveragePool> && !adds_skip<Sequential<Block, AveragePool>> && !adds_skip<ResBlock<4>> &&
              !adds_skip<Repeat<1, ConvBlock<4, 4>>> && !adds_skip<Declines> && !adds_skip<int>);

// Channels pass through layers that keep them.
static_assert(detail::takes(3, 3) && detail::takes(any, 3) && detail::takes(3, any) && detail::takes(dynamic, 3));
static_assert(!detail::takes(3, 4) && !detail::takes(4, dynamic));
static_assert(detail::makes(any, 5) == 5 && detail::makes(4, 5) == 4);

// So do combinators: layers side by side may leave the number to each other, and any may follow.
struct KeepsEight : Own {
  static constexpr int in_channels = 8;
};
using KeepingBack = Refine<ConvBlock<3, 4>, Downsample<3, 4>, Own>;
using KeepingFront = Refine<ConvBlock<3, 3>, Own, ConvBlock<3, 2>>;
static_assert(Layer<KeepingBack> && KeepingBack::in_channels == 3 && KeepingBack::out_channels == 4);
static_assert(Layer<KeepingFront> && KeepingFront::in_channels == 3 && KeepingFront::out_channels == 2);
static_assert(Layer<Refine<Own, Own, Own>> && Refine<Own, Own, Own>::out_channels == any);
static_assert(Layer<Residual<KeepsEight>> && Residual<KeepsEight>::out_channels == 8);
static_assert(Layer<Repeat<2, KeepsEight>> && Repeat<2, KeepsEight>::out_channels == 8);
static_assert(detail::agree(3, 3) && detail::agree(any, 3) && detail::agree(3, any) && detail::agree(any, dynamic));
static_assert(!detail::agree(3, 4) && !detail::agree(3, dynamic) && !detail::agree(dynamic, 3));

}  // namespace tests
