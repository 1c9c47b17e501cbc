/// The perceptual loss against its definition: all taps of both pictures, kept until the gradient has gone through all.

#include "../devices.hpp"

#include <pix2pixhd/backend/meta/meta_backend.hpp>
#include <pix2pixhd/ops/transfer.hpp>
#include <pix2pixhd/training/objective.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

using namespace pix2pixhd;
using namespace tests;

namespace {

constexpr Shape shape{1, 3, 16, 32};

Tensor wave(Device& device, float step) {
  std::vector<float> values(shape.count());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(step * static_cast<float>(i));
  return upload<float>(device, shape, values);
}

Objective<Tensor> by_definition(Device& device, Vgg19& vgg, const Tensor& fake, const Tensor& real, double weight) {
  Vgg19::Context<Mode::train> context;
  Vgg19::Context<Mode::infer> nothing;
  const auto a = vgg.forward(device, fake, context, {.need = Need::input});
  const auto b = vgg.forward(device, real, nothing);
  Objective<Tensor> result;
  Vgg19::Output gradient;
  constexpr std::array<double, 5> weights{1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0};
  for (std::size_t tap = 0; tap < weights.size(); ++tap) {
    LossResult one = absolute_difference(device, a[tap], b[tap], weight * weights[tap]);
    result.value += one.value;
    gradient[tap] = std::move(one.gradient);
  }
  result.gradient = vgg.backward(device, std::move(gradient), context, Need::input);
  return result;
}

}  // namespace

TEST_CASE("the perceptual loss and its gradient are those of its definition") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Vgg19 vgg;
    initialize(on.device, vgg, 1);
    const Tensor fake = wave(on.device, 0.37f), real = wave(on.device, 0.91f);
    const auto expected = by_definition(on.device, vgg, fake, real, 3);
    const auto got = perceptual_loss(on.device, vgg, fake, real, 3);
    CHECK(got.value == doctest::Approx(expected.value).epsilon(1e-6));
    CHECK(got.value > 0);
    const auto gradient = download(on.device, got.gradient), wanted = download(on.device, expected.gradient);
    float largest = 0, off = 0;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      largest = std::max(largest, std::abs(wanted.data()[i]));
      off = std::max(off, std::abs(gradient.data()[i] - wanted.data()[i]));
    }
    CHECK(largest > 0);
    CHECK(off <= 1e-6f * largest);
  }
}

TEST_CASE("it holds relu1_1 of neither picture while it goes through the other taps") {
  Device planned(std::make_shared<MetaBackend>(cpu({.threads = 1}).shared_backend()));
  Vgg19 vgg;
  allocate_parameters(planned, vgg);
  constexpr Shape large{1, 3, 256, 512};
  const Tensor fake = planned.empty(large), real = planned.empty(large);
  const auto peak_of = [&](const auto& loss) {
    planned.memory().reset_peak();
    loss();
    return planned.memory().peak();
  };
  const std::size_t most = peak_of([&] { by_definition(planned, vgg, fake, real, 3); }),
                    least = peak_of([&] { perceptual_loss(planned, vgg, fake, real, 3); });
  CHECK(least + 2 * 64 * large.pixels() * sizeof(float) <= most);
}
