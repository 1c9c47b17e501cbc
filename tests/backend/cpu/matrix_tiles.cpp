#include "backend/cpu/backends.hpp"

#include <pix2pixhd/backend/cpu/kernels/multiply.hpp>

#include "emulation/tile_registers.hpp"

#if defined(__x86_64__)

using namespace pix2pixhd_test;
namespace kernels = pix2pixhd::detail::avx512_bf16;
using pix2pixhd::detail::Bf16;
using pix2pixhd::detail::TileConfiguration;

namespace {

/// One row of pixels times the weights of `Blocks` output blocks, with everything that a step can ask for.
struct Product {
  int pixels, depth, stride, taps, blocks;
  bool go_on;

  template <class Unit, int Blocks>
  std::vector<double> run() const {
    const auto count = [](int value) { return static_cast<std::size_t>(value); };
    const auto random = [](std::size_t size, unsigned seed) {
      std::vector<Bf16> result;
      for (const double value : numbers(size, seed))
        result.push_back(pix2pixhd::detail::to_bf16(static_cast<float>(value)));
      return result;
    };
    const std::size_t plane = count((pixels * stride + taps) * 16);
    const std::vector<Bf16> source = random(plane * count(blocks), 1);
    const std::vector<Bf16> weights = random(count(taps * blocks * depth * Blocks * 16), 2);
    std::vector<float> sums;
    for (const double value : numbers(count(Blocks * (pixels + 1) * 16), 3)) sums.push_back(static_cast<float>(value));
    std::vector<int> offsets;
    for (int tap = 0; tap < taps; ++tap) offsets.push_back(tap * 16);

    kernels::MultiplyStep step{};
    step.pixel_stride = stride * 16;
    step.offsets = offsets.data();
    step.taps = taps;
    step.blocks = blocks;
    step.plane = plane;
    step.depth = depth;
    step.weights = weights.data();
    step.sums_plane = count((pixels + 1) * 16);
    step.go_on = go_on;
    const typename Unit::Ready ready(depth);
    for (int i = 0; i < pixels;) {
      const int next = Unit::template next_pixels<Blocks>(pixels - i);
      step.source = source.data() + i * step.pixel_stride;
      step.sums = sums.data() + i * 16;
      Unit::template multiply<Blocks>(next, step);
      i += next;
    }
    return {sums.begin(), sums.end()};  // with what lies behind each block, which must not be touched
  }
};

template <class One, class Two, int Blocks>
void compare_units() {
  for (const int pixels : {1, 15, 16, 17, 31, 32, 47, 48, 63, 64, 65, 80, 130})
    for (const int depth : {2, 4, 14, 16})
      for (const int stride : {1, 2})
        for (const bool go_on : {false, true}) {
          const Product product{
              .pixels = pixels, .depth = depth, .stride = stride, .taps = 3, .blocks = 2, .go_on = go_on};
          CAPTURE(pixels);
          CAPTURE(depth);
          CAPTURE(stride);
          CAPTURE(Blocks);
          const std::vector<double> one = product.run<One, Blocks>(), two = product.run<Two, Blocks>();
          double largest = 0, difference = 0;
          for (std::size_t i = 0; i < one.size(); ++i) {
            largest = std::max(largest, std::abs(one[i]));
            difference = std::max(difference, std::abs(one[i] - two[i]));
          }
          CHECK(difference <= 2e-6 * largest);  // in float, in another order
        }
}

}  // namespace

TEST_CASE("tile registers multiply what vectors multiply, and leave the pixels that do not fill them to these") {
  if (best_isa() < Isa::avx512_bf16) return;
  using Matrices = kernels::Matrices<emulation::TileRegisters>;
  compare_units<kernels::Vectors, Matrices, 1>();
  compare_units<kernels::Vectors, Matrices, 2>();
  compare_units<kernels::Vectors, Matrices, 4>();
  CHECK(!emulation::TileRegisters::configured);
}

#if !defined(PIX2PIXHD_EMULATED)
TEST_CASE("the tile registers of this processor do what the manual says") {
  if (best_isa() < Isa::amx_bf16) return;
  using Matrices = kernels::Matrices<kernels::TileRegisters>;
  compare_units<kernels::Matrices<emulation::TileRegisters>, Matrices, 1>();
  compare_units<kernels::Matrices<emulation::TileRegisters>, Matrices, 2>();
  compare_units<kernels::Matrices<emulation::TileRegisters>, Matrices, 4>();
}
#endif

#endif
