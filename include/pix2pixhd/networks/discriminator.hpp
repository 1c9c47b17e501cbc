#pragma once
/// Multi-scale patch discriminators.

#include <pix2pixhd/layers/conv_block.hpp>
#include <pix2pixhd/layers/taps.hpp>
#include <pix2pixhd/networks/shapes.hpp>
#include <pix2pixhd/ops/pool.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

template <DiscriminatorShape S, class Indices>
struct patch_stages;

/// The stages of one 70x70 PatchGAN: 4x4 convolutions with padding 2, of stride 2 but for the last two.
template <DiscriminatorShape S, std::size_t... I>
struct patch_stages<S, std::index_sequence<I...>> {
  static constexpr int width(std::size_t stage) {
    int channels = S.width;
    for (std::size_t i = 0; i < stage; ++i) channels = channels * 2 < 512 ? channels * 2 : 512;
    return channels;
  }
  static constexpr int layers = static_cast<int>(sizeof...(I));
  using First =
      ConvBlock<S.in, S.width,
                BlockShape{.kernel = 4, .stride = 2, .norm = Norm::none, .activation = Activation::leaky_relu}>;
  template <std::size_t Stage>
  using Middle = ConvBlock<width(Stage), width(Stage + 1),
                           BlockShape{.kernel = 4,
                                      .stride = Stage + 1 < sizeof...(I) ? 2 : 1,
                                      .norm = S.norm,
                                      .activation = Activation::leaky_relu}>;
  using Score =
      ConvBlock<width(sizeof...(I)), 1, BlockShape{.kernel = 4, .norm = Norm::none, .activation = Activation::none}>;
  using type = Taps<First, Middle<I>..., Score>;
};

}  // namespace detail

/// One discriminator: the activations after every stage; the last one is the score map.
template <DiscriminatorShape S>
using PatchDiscriminator = typename detail::patch_stages<S, detail::stages<S.layers>>::type;

/// `Scales` discriminators of identical structure, each seeing the picture at half the size of the one before it
/// (paper, section 3.2). Result: [scale][stage], scale 0 at full resolution. The input is a SemanticMap joined with the
/// picture, or a Tensor.
///
/// Names: `scale{i}_layer{j}`, where scale{Scales - 1} is the full resolution, in whatever scope it is visited.
template <int Scales = 3, DiscriminatorShape S = DiscriminatorShape{}>
struct MultiscaleDiscriminator {
  static_assert(Scales >= 1, "pix2pixhd::MultiscaleDiscriminator: at least one scale is needed");
  static_assert(S.layers >= 1, "pix2pixhd::MultiscaleDiscriminator: DiscriminatorShape::layers must be at least 1");
  using Patch = PatchDiscriminator<S>;
  using Output = std::array<typename Patch::Output, static_cast<std::size_t>(Scales)>;
  static constexpr std::size_t size = static_cast<std::size_t>(Scales);
  static constexpr int scales = Scales, in_channels = S.in;
  static constexpr DiscriminatorShape shape = S;

  std::array<Patch, size> patches;  ///< [0] sees the full resolution

  template <Mode M>
  struct Context : SavedNeed<M> {
    std::array<typename Patch::template Context<M>, size> patches;
    std::array<Shape, M == Mode::train ? size : 0> shapes;
  };

  MultiscaleDiscriminator() = default;
  /// For S.in = dynamic: the number of input channels.
  explicit MultiscaleDiscriminator(int in) requires(S.in == dynamic) {
    for (Patch& patch : patches) patch = Patch(in);
  }

  template <class X, Mode M>
  Output forward(Device& device, X x, Context<M>& context, const Ask& ask = {}) const {
    context.set(ask.need);
    Output y;
    for (std::size_t i = 0; i < size; ++i) {
      if constexpr (M == Mode::train) context.shapes[i] = x.shape();
      y[i] = patches[i].forward(device, x, context.patches[i], ask.inner(ask.need));
      if (i + 1 < size) x = pool(device, std::move(x), Pooling::average3);
    }
    return y;
  }

  /// dy: like the output; empty tensors are zeros. Returns the gradient by the input; of a map, by its dense parts.
  Tensor backward(Device& device, Output dy, Context<Mode::train>& context, Need need) {
    context.take(need, "MultiscaleDiscriminator");
    Tensor dx;
    for (std::size_t i = size; i-- > 0;) {
      Tensor from_pool =
          i + 1 < size ? pool_backward(device, std::move(dx), context.shapes[i], Pooling::average3) : Tensor();
      dx = add(device, patches[i].backward(device, std::move(dy[i]), context.patches[i], need), std::move(from_pool));
    }
    return dx;
  }

  void visit(Names&, Visitor& visitor) {
    for (std::size_t scale = 0; scale < size; ++scale) {
      std::size_t stage = 0;
      const auto one = [&](auto& layer) {
        Names names("scale" + std::to_string(scale) + "_layer" + std::to_string(stage++));
        layer.visit(names, visitor);
      };
      std::apply([&](auto&... layer) { (one(layer), ...); }, patches[size - 1 - scale].layers);
    }
  }

  bool has_trainable() const {
    for (const Patch& patch : patches)
      if (patch.has_trainable()) return true;
    return false;
  }
};

}  // namespace pix2pixhd::inline v0
