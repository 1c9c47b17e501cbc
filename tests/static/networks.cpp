/// Networks as types: what can be copied, what holds nothing, what is known at compile time.

#include <pix2pixhd/layers/blocks.hpp>
#include <pix2pixhd/layers/pool.hpp>
#include <pix2pixhd/networks/discriminator.hpp>
#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/vgg19.hpp>

#include <array>
#include <type_traits>
#include <utility>

namespace {

using namespace pix2pixhd;

constexpr GeneratorShape open{.in = dynamic};
constexpr DiscriminatorShape open_d{.in = dynamic};
constexpr EncoderShape open_e{.in = dynamic};

template <class T>
concept MoveOnly = std::is_default_constructible_v<T> && std::is_move_constructible_v<T> &&
                   std::is_move_assignable_v<T> && !std::is_copy_constructible_v<T> &&
                   !std::is_copy_assignable_v<T>;

// Networks are move-only: a copy would share its weights.
static_assert(MoveOnly<ConvBlock<3, 4>> && MoveOnly<ResBlock<4>> && MoveOnly<Sequential<ConvBlock<3, 4>, AveragePool>>);
static_assert(MoveOnly<Generator<0>> && MoveOnly<Generator<1>> && MoveOnly<Generator<2, open>> &&
              MoveOnly<Enhancer<1>>);
static_assert(MoveOnly<MultiscaleDiscriminator<>> && MoveOnly<MultiscaleDiscriminator<2, open_d>>);
static_assert(MoveOnly<FeatureEncoder<>> && MoveOnly<FeatureEncoder<open_e>> && MoveOnly<Vgg19>);
static_assert(MoveOnly<std::array<Generator<0>, 2>>);
static_assert(!MoveOnly<int>);

// Training contexts are move-only too, and hold nothing in inference.
template <class Net>
using Training = typename Net::template Context<Mode::train>;
template <class Net>
using Inference = typename Net::template Context<Mode::infer>;
static_assert(MoveOnly<Training<ConvBlock<3, 4>>> && MoveOnly<Training<AveragePool>> &&
              MoveOnly<Training<ResBlock<4>>>);
static_assert(MoveOnly<Training<Generator<1>>> && MoveOnly<Training<MultiscaleDiscriminator<>>> &&
              MoveOnly<Training<FeatureEncoder<>>> && MoveOnly<Training<Vgg19>>);
static_assert(MoveOnly<Training<Repeat<0, ResBlock<4>>>>);
static_assert(std::is_empty_v<Inference<ConvBlock<3, 4>>> && std::is_empty_v<Inference<AveragePool>>);
template <class Net>
concept SavesNothing = std::is_trivially_destructible_v<Inference<Net>> && sizeof(Inference<Net>) < 256;
static_assert(SavesNothing<ResBlock<4>> && SavesNothing<Sequential<ConvBlock<3, 4>, AveragePool>>);
static_assert(SavesNothing<Generator<0>> && SavesNothing<Generator<1>> && SavesNothing<Generator<3>>);
static_assert(SavesNothing<MultiscaleDiscriminator<>> && SavesNothing<FeatureEncoder<>> && SavesNothing<Vgg19>);
static_assert(!std::is_trivially_destructible_v<Training<ConvBlock<3, 4>>>);

// A number of channels is given where it is not known, and only there; never by conversion.
static_assert(std::is_constructible_v<Generator<1, open>, int> && std::is_constructible_v<Enhancer<2, open>, int>);
static_assert(std::is_constructible_v<MultiscaleDiscriminator<3, open_d>, int>);
static_assert(std::is_constructible_v<FeatureEncoder<open_e>, int> &&
              std::is_constructible_v<ConvBlock<dynamic, 4>, int>);
static_assert(std::is_constructible_v<Sequential<ConvBlock<dynamic, 4>, AveragePool>, int>);
static_assert(!std::is_constructible_v<Generator<1>, int> && !std::is_constructible_v<Enhancer<0>, int> &&
              !std::is_constructible_v<Enhancer<1>, int>);
static_assert(!std::is_constructible_v<MultiscaleDiscriminator<>, int> &&
              !std::is_constructible_v<FeatureEncoder<>, int>);
static_assert(!std::is_constructible_v<ConvBlock<3, 4>, int> &&
              !std::is_constructible_v<Sequential<ConvBlock<3, 4>>, int>);
static_assert(!std::is_convertible_v<int, Generator<0, open>> && !std::is_convertible_v<int, ConvBlock<dynamic, 4>>);

// Depths, channels, alignments.
static_assert(Generator<0>::alignment == 16 && Generator<1>::alignment == 32 && Generator<2>::alignment == 64);
static_assert(FeatureEncoder<>::alignment == 16);
static_assert(Generator<2>::depth == 2 && Generator<1>::in_channels == 36 && Generator<1>::out_channels == 3);
static_assert(Enhancer<0>::out_channels == 64 && Enhancer<1>::out_channels == 32 && Enhancer<2>::out_channels == 16);
static_assert(MultiscaleDiscriminator<>::scales == 3 && MultiscaleDiscriminator<>::in_channels == 39);

// Outputs.
static_assert(std::is_same_v<MultiscaleDiscriminator<3>::Output, std::array<std::array<Tensor, 5>, 3>>);
static_assert(std::is_same_v<MultiscaleDiscriminator<2, DiscriminatorShape{.layers = 2}>::Output,
                             std::array<std::array<Tensor, 4>, 2>>);
static_assert(std::is_same_v<Vgg19::Output, std::array<Tensor, 5>>);
static_assert(std::is_same_v<decltype(grow(std::declval<Device&>(), std::declval<Generator<1>&&>(), 1)), Generator<2>>);

// Shapes compare as values, so that equal ones are one type.
static_assert(std::is_same_v<Generator<1>, Generator<1, GeneratorShape{}>>);
static_assert(!std::is_same_v<Generator<1>, Generator<1, GeneratorShape{.width = 32}>>);
static_assert(std::is_same_v<decltype(Enhancer<2>::inner), Enhancer<1>>);

}  // namespace
