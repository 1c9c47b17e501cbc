#include "backend/cpu/backends.hpp"

#include <pix2pixhd/backend/cpu/kernels/multiply.hpp>

#include <array>
#include <cstring>

#if defined(__x86_64__)

using namespace pix2pixhd_test;
namespace kernels = pix2pixhd::detail::avx512_bf16;
using pix2pixhd::detail::Bf16;
using pix2pixhd::detail::TileConfiguration;

namespace {

/// One of them.
struct PlainTile {
  int rows = 0, row_bytes = 0;
  std::array<std::array<unsigned char, 64>, 16> bytes{};

  template <class T>
  T at(int row, int index) const {
    T value;
    std::memcpy(&value, bytes[static_cast<std::size_t>(row)].data() + static_cast<std::size_t>(index) * sizeof(T),
                sizeof(T));
    return value;
  }
  double factor(int row, int index) const { return pix2pixhd::detail::to_float(at<Bf16>(row, index)); }
};

/// Tile registers as the manual describes them, in memory: the kernels can be checked on machines without AMX.
struct PlainTiles {
  static inline std::array<PlainTile, 8> registers;
  static inline bool configured = false;

  template <int Tile>
  static PlainTile& tile() {
    static_assert(Tile >= 0 && Tile < 8);
    REQUIRE(configured);
    return registers[Tile];
  }
  static void configure(const TileConfiguration& configuration) {
    std::array<unsigned char, 64> bytes;
    std::memcpy(bytes.data(), &configuration, bytes.size());
    REQUIRE(bytes[0] == 1);  // the palette
    for (std::size_t i = 1; i < 16; ++i) REQUIRE(bytes[i] == 0);
    for (std::size_t i = 0; i < 16; ++i) {
      const int row_bytes = bytes[16 + 2 * i] + 256 * bytes[17 + 2 * i], rows = bytes[48 + i];
      REQUIRE((row_bytes == 0) == (rows == 0));
      REQUIRE((row_bytes <= 64 && row_bytes % 4 == 0 && rows <= 16));
      REQUIRE((rows == 0 || i < 8));
      if (i < 8) registers[i] = {.rows = rows, .row_bytes = row_bytes};
    }
    configured = true;
  }
  static void release() { configured = false; }
  template <int Tile>
  static void clear() {
    tile<Tile>().bytes = {};
  }
  template <int Tile>
  static void load(const void* from, std::ptrdiff_t stride) {
    PlainTile& to = tile<Tile>();
    to.bytes = {};
    for (int row = 0; row < to.rows; ++row)
      std::memcpy(to.bytes[static_cast<std::size_t>(row)].data(), static_cast<const char*>(from) + row * stride,
                  static_cast<std::size_t>(to.row_bytes));
  }
  template <int Tile>
  static void store(void* to, std::ptrdiff_t stride) {
    const PlainTile& from = tile<Tile>();
    for (int row = 0; row < from.rows; ++row)
      std::memcpy(static_cast<char*>(to) + row * stride, from.bytes[static_cast<std::size_t>(row)].data(),
                  static_cast<std::size_t>(from.row_bytes));
  }
  template <int Sums, int Sources, int Weights>
  static void multiply_add() {
    PlainTile& sums = tile<Sums>();
    const PlainTile &sources = tile<Sources>(), &weights = tile<Weights>();
    REQUIRE(sums.rows == sources.rows);
    REQUIRE(sums.row_bytes == weights.row_bytes);
    REQUIRE(sources.row_bytes == 4 * weights.rows);
    for (int m = 0; m < sums.rows; ++m)
      for (int n = 0; n < sums.row_bytes / 4; ++n) {
        float sum = sums.at<float>(m, n);
        for (int k = 0; k < weights.rows; ++k)
          for (int i = 0; i < 2; ++i)
            sum += static_cast<float>(sources.factor(m, 2 * k + i) * weights.factor(k, 2 * n + i));
        std::memcpy(sums.bytes[static_cast<std::size_t>(m)].data() + static_cast<std::size_t>(n) * 4, &sum, 4);
      }
  }
};

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
  using Matrices = kernels::Matrices<PlainTiles>;
  compare_units<kernels::Vectors, Matrices, 1>();
  compare_units<kernels::Vectors, Matrices, 2>();
  compare_units<kernels::Vectors, Matrices, 4>();
  CHECK(!PlainTiles::configured);
}

TEST_CASE("the tile registers of this processor do what the manual says") {
  if (best_isa() < Isa::amx_bf16) return;
  using Matrices = kernels::Matrices<kernels::TileRegisters>;
  compare_units<kernels::Matrices<PlainTiles>, Matrices, 1>();
  compare_units<kernels::Matrices<PlainTiles>, Matrices, 2>();
  compare_units<kernels::Matrices<PlainTiles>, Matrices, 4>();
}

#endif
