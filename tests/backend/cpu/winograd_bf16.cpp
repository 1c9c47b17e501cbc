// Winograd's convolutions of tensors in bf16, with factors in bf16 or in numbers: which convolutions they are, how far
// they round, and what they do besides.

#include "winograd_cases.hpp"

#include <pix2pixhd/backend/cpu/cpu_convolution.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>

#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace convolution_test;

namespace {

std::shared_ptr<CpuBackend> backend_in(Precision precision, Isa isa) {
  return std::make_shared<CpuBackend>(DeviceOptions{.threads = 2, .precision = precision}, isa);
}

const ConvGeometry same{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect};
const ConvGeometry strided{.kernel = 3, .stride = 2, .padding = 1};

/// What a convolution in bf16 of inputs that bf16 holds differs by from the reference, as relative_rms().
double rounding_of(const Case& c, Isa isa) {
  const auto run = [&](Device device) {
    const BlockInput x(random_tensor(device, c.x, "x"));
    const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
    Tensor y = device.empty(output_of(c));
    device.backend().convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = nullptr, .y = y});
    return values_of(device, y);
  };
  activations_are_bf16() = true;
  const double error = relative_rms(run(Device(backend_in(Precision::bf16, isa))), run(reference()));
  activations_are_bf16() = false;
  return error;
}

}  // namespace

TEST_CASE("factors of 16 bits are for tensors in bf16 on processors that multiply them") {
  using detail::WinogradFactor;
  for (const Isa isa : available_isas(Precision::bf16))
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      CAPTURE(std::string(to_string(isa)));
      if (isa == Isa::amx_bf16) continue;  // there more is direct, see winograd_plan.cpp
      const auto backend = backend_in(precision, isa);
      Device device(backend);
      const bool pairs = isa >= Isa::avx512_bf16 && precision == Precision::bf16;
      const auto planned = [&](const Shape& x, int out, const ConvGeometry& geometry) {
        const Shape y{x.n, out, geometry.output(x.h), geometry.output(x.w)};
        const BlockInput input(device.empty(x));
        const auto winograd = detail::plan_forward(*backend, geometry, input, y, false).front().winograd;
        return winograd ? winograd->factors : WinogradFactor::f32;
      };
      const WinogradFactor number = pairs ? WinogradFactor::fixed16 : WinogradFactor::f32;
      const WinogradFactor bf16 = pairs ? WinogradFactor::bf16 : WinogradFactor::f32;
      CHECK(planned({1, 128, 20, 30}, 128, same) == number);
      CHECK(planned({1, 64, 40, 60}, 64, same) == number);
      CHECK(planned({1, 128, 20, 30}, 128, {.kernel = 4, .stride = 1, .padding = 2}) == number);
      CHECK(planned({1, 128, 40, 62}, 128, strided) == bf16);
      CHECK(planned({1, 128, 20, 30}, 128, {.kernel = 4, .stride = 2, .padding = 2}) == bf16);
      CHECK(planned({1, 128, 20, 30}, 128, {.kernel = 3, .stride = 2, .padding = 1, .transposed = true}) == bf16);
      CHECK(planned({1, 64, 40, 62}, 128, strided) == number);
      CHECK(planned({1, 8, 20, 30}, 64, same) == WinogradFactor::f32);
      CHECK(planned({1, 3, 20, 30}, 64, same) == WinogradFactor::f32);
    }
}

TEST_CASE("every pixel belongs to one chunk of the moments") {
  for (const Shape& x : {Shape{1, 256, 37, 501}, Shape{2, 200, 35, 70}, Shape{1, 256, 92, 130}})
    for (const int stride : {1, 2}) {
      const ConvGeometry geometry{.kernel = 3, .stride = stride, .padding = 1};
      const Shape y{x.n, 72, geometry.output(x.h), geometry.output(x.w)};
      const auto plan = detail::plan_winograd_strided(x, y, geometry, detail::WinogradFactor::bf16);
      REQUIRE(plan.has_value());
      CHECK(plan->factors == (stride == 1 ? detail::WinogradFactor::fixed16 : detail::WinogradFactor::bf16));
      std::vector<int> counts(static_cast<std::size_t>(plan->moment_chunks()));
      plan->moment_counts(counts.data());
      CHECK(std::accumulate(counts.begin(), counts.end(), std::size_t{0}) == y.pixels());
    }
}

TEST_CASE("rounding at the points costs little beside rounding the result") {
  // Relative rms: 0.0017 for the result alone, about 0.0024 if the weights are rounded too, and 0.0042 with the inputs
  // and weights at the points of F(2x2, 3x3); the same with numbers at the points of F(4x4, 3x3) is 0.0023, where bf16
  // would be at 0.010.
  const ConvGeometry transposed{.kernel = 3, .stride = 2, .padding = 1, .transposed = true};
  const ConvGeometry four{.kernel = 4, .stride = 2, .padding = 2};
  for (const Isa isa : available_isas(Precision::bf16)) {
    CAPTURE(std::string(to_string(isa)));
    for (const Case& c :
         {Case{same, {1, 100, 33, 47}, 110}, Case{same, {7, 208, 9, 11}, 200},  // the pictures of that share weights
          Case{same, {1, 256, 20, 41}, 70}, Case{strided, {1, 96, 66, 94}, 64}, Case{strided, {1, 256, 41, 37}, 140},
          Case{transposed, {1, 64, 33, 47}, 32}, Case{transposed, {1, 256, 21, 41}, 140},
          Case{four, {1, 64, 66, 94}, 128}}) {
      CAPTURE(name_of(c));
      if (isa < Isa::avx512_bf16) {
        CHECK(rounding_of(c, isa) <= 0.002);
        continue;
      }
      const auto plan = detail::plan_winograd_strided(c.x, output_of(c), c.geometry, detail::WinogradFactor::bf16, isa);
      const bool numbers = c.geometry.stride == 1 && plan && plan->factors == detail::WinogradFactor::fixed16;
      CHECK(rounding_of(c, isa) <= (numbers ? 0.003 : 0.005));
    }
  }
}

TEST_CASE("the first strided convolutions of a front end round little beside their results") {
  for (const Isa isa : available_isas(Precision::bf16)) {
    CAPTURE(std::string(to_string(isa)));
    for (const Case& c : {Case{strided, {1, 32, 66, 94}, 64}, Case{strided, {2, 64, 33, 47}, 128},
                          Case{strided, {1, 10, 33, 47}, 20}}) {  // the last by the tap kernel
      CAPTURE(name_of(c));
      CHECK(rounding_of(c, isa) <= 0.0025);  // 0.0017 for the result alone; bf16 would make it 0.0043
    }
  }
}

TEST_CASE("Winograd's kernels in bf16 add to what is there, and activate after that") {
  if (best_isa() < Isa::avx512_bf16) return;
  const auto backend = backend_in(Precision::bf16, Isa::avx512_bf16);
  for (const auto& [c, factors] : {std::pair{Case{same, {2, 140, 13, 35}, 72}, detail::WinogradFactor::fixed16},
                                   std::pair{Case{same, {2, 64, 23, 35}, 40}, detail::WinogradFactor::fixed16},
                                   std::pair{Case{strided, {2, 140, 80, 69}, 72}, detail::WinogradFactor::bf16}}) {
    const auto plan = detail::plan_winograd_strided(c.x, output_of(c), c.geometry, detail::WinogradFactor::bf16);
    REQUIRE(plan.has_value());
    REQUIRE(plan->factors == factors);
    CHECK(error_of_adding(backend, c, *plan) <= 2 * bf16_rounding);
  }
}
