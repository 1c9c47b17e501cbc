#pragma once
/// The adversarial objective (paper, section 3.2 and equation 8).

#include <pix2pixhd/networks/vgg19.hpp>
#include <pix2pixhd/ops/add.hpp>
#include <pix2pixhd/ops/loss.hpp>
#include <pix2pixhd/ops/rescale.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Which adversarial loss: least squares (the paper), cross entropy, or hinge.
enum class Gan { least_squares, vanilla, hinge };

inline const char* to_string(Gan gan) {
  return gan == Gan::least_squares ? "least_squares" : gan == Gan::vanilla ? "vanilla" : "hinge";
}

/// What the perceptual loss feeds to VGG: pictures in [-1, 1] as they are, like the published code, or what VGG was
/// trained on: [0, 1] less ImageNet's mean, divided by its deviation.
enum class VggInput { parity, corrected };

inline const char* to_string(VggInput input) { return input == VggInput::parity ? "parity" : "corrected"; }

/// A loss and its gradient by a discriminator's output (or whatever its argument was).
template <class Output>
struct Objective {
  double value = 0;  ///< 0 where it went to a sink, see Device::summing
  Output gradient{};
};

/// The discriminator's term for one kind of picture: sum over scales of the mean loss of the score map against `real`
/// or fake. `weight` multiplies value and gradient.
template <class Output>
Objective<Output> discriminator_loss(Device& device, Gan gan, const Output& prediction, bool real, double weight = 1) {
  const LossKind kind = gan == Gan::least_squares ? LossKind::squared
                        : gan == Gan::vanilla     ? LossKind::cross_entropy
                                                  : LossKind::hinge;
  const double target = real ? 1 : gan == Gan::hinge ? -1 : 0;
  Objective<Output> result;
  for (std::size_t i = 0; i < prediction.size(); ++i) {
    LossResult one = loss(device, prediction[i].back(), {.kind = kind, .target = target, .weight = weight});
    result.value += one.value;
    result.gradient[i].back() = std::move(one.gradient);
  }
  return result;
}

/// The generator's adversarial term: its pictures should be taken for real ones.
template <class Output>
Objective<Output> generator_loss(Device& device, Gan gan, const Output& prediction, double weight = 1) {
  if (gan != Gan::hinge) return discriminator_loss(device, gan, prediction, true, weight);
  Objective<Output> result;
  for (std::size_t i = 0; i < prediction.size(); ++i) {
    LossResult one = loss(device, prediction[i].back(), {.kind = LossKind::linear, .weight = weight});
    result.value += one.value;
    result.gradient[i].back() = std::move(one.gradient);
  }
  return result;
}

/// Discriminator feature matching (paper, equation 4): weight * 1/scales * 4/(layers + 1) * mean |fake - real| summed
/// over all features but the score maps. The features of the real picture are constants; gradients take their places
/// where they are moved in and held by nobody else.
template <class Output>
Objective<Output> feature_matching(Device& device, const Output& fake, Output real, double weight = 10) {
  Objective<Output> result;
  const auto scales = static_cast<double>(fake.size());
  for (std::size_t i = 0; i < fake.size(); ++i) {
    const std::size_t features = fake[i].size() - 1;  // layers + 1
    for (std::size_t j = 0; j < features; ++j) {
      LossResult one = absolute_difference(device, fake[i][j], std::move(real[i][j]),
                                           weight / scales * 4.0 / static_cast<double>(features));
      result.value += one.value;
      result.gradient[i][j] = std::move(one.gradient);
    }
  }
  return result;
}

/// VGG-19 perceptual loss: weight * sum over five taps of 1/32, 1/16, 1/8, 1/4, 1 times mean |fake - real|; the
/// gradient is that by the picture `fake`.
inline Objective<Tensor> perceptual_loss(Device& device, const Vgg19& vgg, const Tensor& fake, const Tensor& real,
                                         double weight = 10, VggInput input = VggInput::parity) {
  constexpr std::array<double, 5> weights{1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0};
  const auto prepared = [&](const Tensor& x) {
    return input == VggInput::corrected ? imagenet_normalised(device, x) : x;
  };
  const Tensor from_fake = prepared(fake), from_real = prepared(real);
  Vgg19::Context<Mode::train> context;
  Vgg19::Context<Mode::infer> nothing;
  const auto forward = [&]<std::size_t I, Mode M>(std::integral_constant<std::size_t, I>, Tensor x,
                                                  Vgg19::Context<M>& saved) {
    return std::get<I>(vgg.layers).forward(device, std::move(x), std::get<I>(saved.layers), {.need = Need::input});
  };
  Objective<Tensor> result;
  Vgg19::Output a, b;
  Tensor by_tap;  // the gradient by the tap before those that have been gone back through
  const auto backward = [&]<std::size_t I>(std::integral_constant<std::size_t, I>) {
    LossResult one = absolute_difference(device, std::move(a[I]), std::move(b[I]), weight * weights[I]);
    result.value += one.value;
    Tensor gradient = add(device, std::move(one.gradient), std::move(by_tap));
    // Only the gradient by the picture is asked for, so no parameter is touched.
    auto& slice = std::get<I>(const_cast<Vgg19&>(vgg).layers);
    by_tap = slice.backward(device, std::move(gradient), std::get<I>(context.layers), Need::input);
  };
  constexpr std::integral_constant<std::size_t, 0> relu1_1;
  constexpr std::integral_constant<std::size_t, 1> relu2_1;
  constexpr std::integral_constant<std::size_t, 2> relu3_1;
  constexpr std::integral_constant<std::size_t, 3> relu4_1;
  constexpr std::integral_constant<std::size_t, 4> relu5_1;
  // relu1_1 is as large as all other taps together and made by a hundredth of the arithmetic: it is made anew, of both
  // pictures, when its turn comes.
  b = vgg.forward(device, from_real, nothing);
  b[relu1_1] = {};
  a[relu2_1] = forward(relu2_1, forward(relu1_1, from_fake, nothing), context);
  a[relu3_1] = forward(relu3_1, a[relu2_1], context);
  a[relu4_1] = forward(relu4_1, a[relu3_1], context);
  a[relu5_1] = forward(relu5_1, a[relu4_1], context);
  backward(relu5_1);
  backward(relu4_1);
  backward(relu3_1);
  backward(relu2_1);
  a[relu1_1] = forward(relu1_1, from_fake, context);
  b[relu1_1] = forward(relu1_1, from_real, nothing);
  backward(relu1_1);
  result.gradient = std::move(by_tap);
  if (input == VggInput::corrected) result.gradient = imagenet_normalised_backward(device, std::move(result.gradient));
  return result;
}

}  // namespace pix2pixhd::inline v0
