/// Weights whose sum over the taps survives that they are rounded.

#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/element.hpp>
#include <pix2pixhd/backend/cpu/kernels/balanced_taps.hpp>
#include <pix2pixhd/backend/cpu/weight_packing.hpp>
#include <pix2pixhd/testing/layer_under_test.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

using namespace pix2pixhd;

namespace {

double rounded(double value) { return detail::to_float(detail::to_bf16(static_cast<float>(value))); }

std::vector<float> random_weights(std::size_t count) {
  const std::vector<double> values = detail::normal_values(count, 11, "taps");
  std::vector<float> weights;
  for (const double value : values) weights.push_back(static_cast<float>(0.02 * value));
  return weights;
}

/// What four points make of a constant 1, weights rounded: the sum of the taps, but for rounding.
double through_points(const float* w, std::size_t lanes) {
  const auto tap = [&](std::size_t row, std::size_t column) {
    return static_cast<double>(w[(row * 3 + column) * lanes]);
  };
  return 4 * (rounded((tap(0, 0) + tap(0, 2) + tap(2, 0) + tap(2, 2)) / 4) + rounded((tap(0, 1) + tap(2, 1)) / 4) +
              rounded((tap(1, 0) + tap(1, 2)) / 4) + rounded(tap(1, 1) / 4));
}

double sum_of_taps(const float* w, std::size_t lanes) {
  double sum = 0;
  for (std::size_t tap = 0; tap < 9; ++tap) sum += static_cast<double>(w[tap * lanes]);
  return sum;
}

}  // namespace

TEST_CASE("middle taps take the errors of the others, on every instruction set alike") {
  constexpr std::size_t channels = 16, lanes = 48;
  const std::vector<float> before = random_weights(channels * 9 * lanes);
  std::vector<float> first;
  for (const Isa isa : available_isas()) {
    CAPTURE(std::string(to_string(isa)));
    std::vector<float> after = before;
    detail::balance_kernel(isa)(after.data(), static_cast<int>(channels), static_cast<int>(lanes));
    if (first.empty()) first = after;
    CHECK(after == first);
    double plain = 0, balanced = 0;
    for (std::size_t channel = 0; channel < channels; ++channel)
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::size_t at = channel * 9 * lanes + lane;
        const double sum = sum_of_taps(&before[at], lanes), middle = static_cast<double>(after[at + 4 * lanes]);
        for (std::size_t tap = 0; tap < 9; ++tap)
          if (tap != 4) CHECK(after[at + tap * lanes] == before[at + tap * lanes]);
        // Half a step of bf16 at the middle tap, and what floats lose on the way.
        CHECK(std::abs(through_points(&after[at], lanes) - sum) <= std::abs(middle) / 256 + 1e-8);
        plain += std::pow(through_points(&before[at], lanes) - sum, 2);
        balanced += std::pow(through_points(&after[at], lanes) - sum, 2);
      }
    CHECK(balanced < plain / 4);
  }
}

TEST_CASE(
    "the tap kernel's weights of a strided convolution keep the sum of their taps; of others each is the nearest") {
  for (const int stride : {1, 2})
    for (const int kernel : {3, 4})
      for (const int channels : {5, 32}) {
        CAPTURE(stride);
        CAPTURE(kernel);
        CAPTURE(channels);
        const ConvGeometry geometry{.kernel = kernel, .stride = stride, .padding = 1};
        const Shape x{1, channels, 12, 20}, y{1, 20, geometry.output(x.h), geometry.output(x.w)};
        detail::TapPlan plan = detail::plan_strided(x, y, geometry, {.widest = 2, .pixels = 8});
        plan.factors = DataType::bf16;
        const auto taps = static_cast<std::size_t>(kernel * kernel), sources = static_cast<std::size_t>(channels);
        const std::vector<float> weights = random_weights(20 * sources * taps);
        std::vector<detail::Bf16> packed(plan.packed_values());
        const detail::WeightView view{weights.data(), taps, sources * taps};
        detail::pack_weights(plan, view, 0, plan.output_blocks(), 0, plan.source_blocks(), packed.data());

        const auto depth = static_cast<std::size_t>(plan.depth()),
                   blocks = static_cast<std::size_t>(plan.source_blocks());
        const std::size_t lanes = 32;
        for (std::size_t n = 0; n < 20; ++n)
          for (std::size_t k = 0; k < sources; ++k) {
            double sum = 0, largest = 0;
            for (std::size_t tap = 0; tap < taps; ++tap) {
              // [slice][tap][channel / 2][output][2], all channels one slice.
              REQUIRE(plan.slice >= plan.source_blocks());
              const std::size_t row = tap * blocks * depth + k / 2 * 2;
              const double got = detail::to_float(packed[row * lanes + n * 2 + k % 2]);
              const auto wanted = static_cast<double>(weights[(n * sources + k) * taps + tap]);
              if (stride == 1) CHECK(got == rounded(wanted));
              CHECK(std::abs(got - wanted) <= (std::abs(got) + std::abs(wanted)) / 256 + largest / 256);
              largest = std::max(largest, std::abs(got));
              sum += got - wanted;
            }
            if (stride == 2) CHECK(std::abs(sum) <= largest / 256);
          }
      }
}
