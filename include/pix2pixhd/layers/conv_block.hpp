#pragma once
/// The unit of work: pad, convolve, normalise, activate.

#include <pix2pixhd/layers/concepts.hpp>
#include <pix2pixhd/ops/conv_block.hpp>

#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {

/// What a ConvBlock does. The padding is kernel / 2 on every side, so that odd kernels of stride 1 keep the sides.
struct BlockShape {
  int kernel = 3;
  int stride = 1;
  Pad pad = Pad::zero;
  bool transposed = false;  ///< multiplies the sides by the stride instead of dividing them
  bool resize = false;      ///< doubles the sides by nearest neighbour first
  Norm norm = Norm::instance;
  Activation activation = Activation::relu;
};

/// activation(norm(convolution(pad(x)))) (+ a skip if the caller gives one). `In` may be `dynamic`.
///
/// Weights are [Out, In, kernel, kernel], transposed [In, Out, kernel, kernel]. The bias exists under a norm too, for
/// interchange with published checkpoints; the norm cancels it, its gradient is zero by definition.
/// Slots: nearest upsampling, reflection or replication padding, convolution, norm, activation.
template <int In, int Out, BlockShape S = BlockShape{}>
struct ConvBlock {
  static_assert(In >= 1 || In == dynamic,
                "pix2pixhd::ConvBlock: the input channels must be at least 1, or pix2pixhd::dynamic");
  static_assert(Out >= 1, "pix2pixhd::ConvBlock: the output channels must be at least 1");
  static_assert(S.kernel >= 1 && S.stride >= 1, "pix2pixhd::ConvBlock: kernel and stride must be at least 1");
  static_assert(
      !S.transposed || (S.pad == Pad::zero && !S.resize && S.kernel % 2 == 1 && In != dynamic),
      "pix2pixhd::ConvBlock: a transposed convolution has an odd kernel, zero padding, no resizing and a fixed "
      "number of input channels; use resize for other paddings");
  static_assert(!S.resize || S.stride == 1, "pix2pixhd::ConvBlock: a resizing block has stride 1");

  static constexpr int in_channels = In, out_channels = Out;
  static constexpr bool adds_skip = true;
  static constexpr ConvBlockSpec spec{.geometry = {.kernel = S.kernel,
                                                   .stride = S.stride,
                                                   .padding = S.kernel / 2,
                                                   .pad = S.pad,
                                                   .transposed = S.transposed,
                                                   .enlarge = S.resize ? 2 : 1},
                                      .norm = S.norm,
                                      .activation = S.activation};

  template <Mode M>
  struct Context : std::conditional_t<M == Mode::train, ConvBlockRecord, std::type_identity<void>> {
    Context() = default;
    Context(Context&&) noexcept = default;
    Context& operator=(Context&&) noexcept = default;
  };

  ConvBlock() = default;
  /// For `In` = dynamic: the number of input channels.
  explicit ConvBlock(int in) requires(In == dynamic) : in_(in) {
    detail::require(in >= 1, "a network with ", in, " input channels was asked for; at least 1 is needed.");
  }

  /// x: a Tensor or, for the first layer of a network, a SemanticMap.
  template <class X, Mode M>
  Tensor forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    if constexpr (M == Mode::train)
      return conv_block(device, std::move(x), arrays_, spec, ask, &context);
    else
      return conv_block(device, std::move(x), arrays_, spec, ask, nullptr);
  }

  Tensor backward(Device& device, Tensor dy, Context<Mode::train>& context, Need need) {
    return conv_block_backward(device, std::move(dy), arrays_, spec, need, context);
  }

  void visit(Names& names, Visitor& visitor) {
    if (S.resize) names.skip();
    if (S.pad != Pad::zero) names.skip();
    const int in = In == dynamic && !arrays_.weight.value.empty() ? arrays_.weight.value.shape().c : in_;
    const ParameterInfo weight{.shape = {S.transposed ? in : Out, S.transposed ? Out : in, S.kernel, S.kernel}};
    visitor.parameter(names.of("weight"), arrays_.weight, weight);
    visitor.parameter(names.of("bias"), arrays_.bias, vector(ParameterRole::bias));
    names.skip();
    if constexpr (S.norm == Norm::batch) {
      visitor.parameter(names.of("weight"), arrays_.scale, vector(ParameterRole::scale));
      visitor.parameter(names.of("bias"), arrays_.shift, vector(ParameterRole::shift));
      visitor.buffer(names.of("running_mean"), arrays_.mean, vector(ParameterRole::mean));
      visitor.buffer(names.of("running_var"), arrays_.variance, vector(ParameterRole::variance));
    }
    if (S.norm != Norm::none) names.skip();
    if (S.activation != Activation::none) names.skip();
  }

  bool has_trainable() const {
    return arrays_.weight.trainable || arrays_.bias.trainable ||
           (S.norm == Norm::batch && (arrays_.scale.trainable || arrays_.shift.trainable));
  }

 private:
  static constexpr ParameterInfo vector(ParameterRole role) {
    return {.shape = {Out, 1, 1, 1}, .rank = 1, .role = role};
  }

  ConvBlockArrays arrays_;
  int in_ = In;
};

}  // namespace pix2pixhd::inline v0
