// Winograd's kernels for factors that are whole numbers of 16 bits: what is rounded to what, and exact sums of it.

#include "winograd_cases.hpp"

#include <pix2pixhd/backend/cpu/kernels/winograd_fixed.hpp>
#include <pix2pixhd/core/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace pix2pixhd;
using namespace convolution_test;
using detail::Fixed16;
using detail::fixed16_most;
using detail::FixedScales;

namespace {

constexpr std::size_t points = 36, lanes = 16;

/// Source blocks of each of so many phases, and tiles.
struct Size {
  int blocks, tiles, phases = 1;
};

/// Numbers of every size, from 1e-3 to 1e3 times each other.
std::vector<float> spread(std::size_t count, const std::string& name) {
  const RandomStream stream(3, name);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(stream.normal(2 * i) * std::exp(2 * stream.normal(2 * i + 1)));
  return values;
}

/// Inputs of a group at points, [point][place of a block][tile][16], and the numbers that they are rounded to. What is
/// at places that have no block is larger than all.
struct Inputs {
  Size size;
  std::vector<float> values;
  std::vector<Fixed16> numbers;
  std::vector<float> scales;

  explicit Inputs(const Size& given)
      : size(given),
        values(spread(points * count(), "inputs")),
        numbers(values.size(), Fixed16{-7}),
        scales(points * static_cast<std::size_t>(size.tiles), -7.0f) {
    for (std::size_t point = 0; point < points; ++point)
      for (int place = 0; place < detail::fixed16_blocks; ++place)
        if (!there(place))
          std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(at(point, place, 0, 0)), plane(), 1e30f);
  }
  std::size_t plane() const { return static_cast<std::size_t>(size.tiles) * lanes; }
  std::size_t count() const { return detail::fixed16_blocks * plane(); }
  std::size_t at(std::size_t point, int place, int tile, std::size_t lane) const {
    return point * count() + static_cast<std::size_t>(place) * plane() + static_cast<std::size_t>(tile) * lanes + lane;
  }
  bool there(int place) const { return place % (detail::fixed16_blocks / size.phases) < size.blocks; }
  float scale(std::size_t point, int tile) const {
    return scales[point * static_cast<std::size_t>(size.tiles) + static_cast<std::size_t>(tile)];
  }
  void round() {
    detail::winograd_fixed_kernels(Isa::avx512_bf16)
        .round_inputs({.from = {.values = values.data(), .point = count(), .plane = plane()},
                       .to = {.values = numbers.data(), .point = count(), .plane = plane()},
                       .scales = {.values = scales.data(), .point = static_cast<std::size_t>(size.tiles)},
                       .phases = size.phases,
                       .blocks = size.blocks,
                       .tiles = size.tiles});
  }
};

bool have_kernels() { return best_isa() >= Isa::avx512_bf16; }

}  // namespace

TEST_CASE("inputs are rounded to the nearest number, the largest of a tile to the largest number") {
  if (!have_kernels()) return;
  for (const Size& size : {Size{1, 1}, {8, 16}, {3, 37}, {8, 5}, {5, 17}, {2, 19, 4}, {1, 18, 4}, {3, 4, 2}}) {
    CAPTURE(size.blocks);
    CAPTURE(size.tiles);
    CAPTURE(size.phases);
    Inputs inputs(size);
    inputs.round();
    for (std::size_t point = 0; point < points; ++point)
      for (int tile = 0; tile < size.tiles; ++tile) {
        int largest = 0;
        double farthest = 0;
        const auto scale = static_cast<double>(inputs.scale(point, tile));
        for (int place = 0; place < detail::fixed16_blocks; ++place)
          for (std::size_t lane = 0; lane < lanes; ++lane) {
            const std::size_t i = inputs.at(point, place, tile, lane);
            const int number = inputs.numbers[i].number;
            if (!inputs.there(place)) {
              REQUIRE(number == -7);
              continue;
            }
            largest = std::max(largest, std::abs(number));
            farthest = std::max(farthest, std::abs(number * scale - static_cast<double>(inputs.values[i])));
          }
        REQUIRE(largest == fixed16_most);
        REQUIRE(farthest <= 0.5005 * scale);
      }
  }
}

TEST_CASE("a tile of zeros is one of zeros, and one with a value that is not finite has such a scale") {
  if (!have_kernels()) return;
  Inputs inputs({2, 3});
  std::fill(inputs.values.begin(), inputs.values.end(), 0.0f);
  inputs.values[inputs.at(4, 1, 1, 9)] = std::numeric_limits<float>::quiet_NaN();
  inputs.values[inputs.at(5, 0, 2, 0)] = -std::numeric_limits<float>::infinity();
  inputs.values[inputs.at(5, 1, 2, 3)] = 1e30f;
  inputs.values[inputs.at(6, 1, 0, 3)] = 1e-42f;
  inputs.round();
  CHECK(std::isnan(inputs.scale(4, 1)));
  CHECK(std::isinf(inputs.scale(5, 2)));
  for (std::size_t point = 0; point < points; ++point)
    for (int tile = 0; tile < 3; ++tile) {
      if ((point == 4 && tile == 1) || (point == 5 && tile == 2)) continue;
      CHECK(std::isfinite(inputs.scale(point, tile)));
      for (int block = 0; block < 2; ++block)
        for (std::size_t lane = 0; lane < lanes; ++lane)
          REQUIRE(inputs.numbers[inputs.at(point, block, tile, lane)].number == 0);
    }
}

TEST_CASE("weights are rounded to pairs of channels, each output by its own largest") {
  if (!have_kernels()) return;
  for (const int blocks : {1, 2, 3, 4})
    for (const auto& [channels, phases] : std::vector<std::pair<int, int>>{{16, 1}, {48, 1}, {128, 1}, {32, 3}}) {
      CAPTURE(blocks);
      const auto outputs = static_cast<std::size_t>(blocks) * lanes;
      const auto depth = static_cast<std::size_t>(channels * phases);
      const std::size_t point = outputs * depth;
      const std::vector<float> values = spread(6 * point, "weights");
      std::vector<Fixed16> numbers(values.size());
      std::vector<float> scales(6 * outputs);
      const std::vector<detail::WinogradSum> sums(6, {.phases = phases});
      detail::winograd_fixed_kernels(Isa::avx512_bf16)
          .round_weights({.from = values.data(),
                          .from_point = point,
                          .to = numbers.data(),
                          .to_point = point,
                          .scales = {.values = scales.data(), .point = outputs},
                          .sums = sums.data(),
                          .points = 6,
                          .channels = channels,
                          .lanes = blocks * 16});
      for (std::size_t p = 0; p < 6; ++p)
        for (int first = 0; first < blocks;) {  // panels of four, two and one output blocks
          const int width = blocks - first >= 4 ? 4 : blocks - first >= 2 ? 2 : 1;
          const std::size_t row = static_cast<std::size_t>(width) * lanes;
          const std::size_t panel = p * point + static_cast<std::size_t>(first) * lanes * depth;
          for (std::size_t n = 0; n < row; ++n) {
            const auto scale = static_cast<double>(scales[p * outputs + static_cast<std::size_t>(first) * lanes + n]);
            int largest = 0;
            double farthest = 0;
            for (std::size_t k = 0; k < depth; ++k) {
              const int number = numbers[panel + k / 2 * 2 * row + 2 * n + k % 2].number;
              largest = std::max(largest, std::abs(number));
              farthest =
                  std::max(farthest, std::abs(number * scale - static_cast<double>(values[panel + k * row + n])));
            }
            REQUIRE(largest == fixed16_most);
            REQUIRE(farthest <= 0.5005 * scale);
          }
          first += width;
        }
    }
}

namespace {

/// Numbers, normal ones or the largest, and what a multiplication makes of them at a point where some phases of the
/// source do not vanish.
struct Product {
  std::size_t output_blocks, source_blocks, tiles, phases;
  std::vector<std::size_t> used;  ///< phases
  std::size_t share = 8 / phases, groups = (source_blocks + share - 1) / share, outputs = output_blocks * lanes;
  std::vector<Fixed16> weights = {}, inputs = {};
  std::vector<float> input_scales = spread(groups * tiles, "input scales"),
                     weight_scales = spread(groups * outputs, "weight scales");

  Product(std::size_t output_block_count, const Size& size, std::vector<std::size_t> used_phases, bool largest)
      : output_blocks(output_block_count),
        source_blocks(static_cast<std::size_t>(size.blocks)),
        tiles(static_cast<std::size_t>(size.tiles)),
        phases(static_cast<std::size_t>(size.phases)),
        used(std::move(used_phases)) {
    const RandomStream stream(5, "numbers");
    const auto number = [&](std::size_t i) {
      const double value = std::clamp(stream.normal(i) * 1500, -4095.0, 4095.0);
      return Fixed16{static_cast<std::int16_t>(largest ? fixed16_most : std::lround(value))};
    };
    for (std::size_t i = 0; i < groups * 128 * outputs; ++i) weights.push_back(number(i));
    for (std::size_t i = 0; i < groups * 128 * tiles; ++i) inputs.push_back(number(1'000'000 + i));
  }

  std::vector<float> multiplied(bool go_on, float before) {
    std::vector<float> products(outputs * tiles, before);
    detail::WinogradSum sum{.phases = static_cast<int>(used.size())};
    for (std::size_t i = 0; i < used.size(); ++i) sum.offsets[i] = static_cast<int>(used[i] * share * tiles * lanes);
    detail::winograd_fixed_kernels(Isa::avx512_bf16)
        .multiply({.inputs = {.values = inputs.data(), .plane = tiles * lanes},
                   .input_scales = {.values = input_scales.data(), .group = tiles},
                   .source_blocks = static_cast<int>(source_blocks),
                   .phases = static_cast<int>(phases),
                   .sums = &sum,
                   .weights = weights.data(),
                   .weight_scales = {.values = weight_scales.data(), .group = outputs},
                   .products = {.values = products.data(), .plane = tiles * lanes},
                   .points = 1,
                   .output_blocks = static_cast<int>(output_blocks),
                   .tiles = static_cast<int>(tiles),
                   .go_on = go_on});
    return products;
  }

  /// The weight of row `k` of a group of so many rows, and output `n`: panels of four, two and one output blocks.
  int weight(std::size_t group, std::size_t rows, std::size_t k, std::size_t n) const {
    const std::size_t first = output_blocks == 3 && n >= 2 * lanes ? 2 : 0;
    const std::size_t width = output_blocks == 3 ? 2 - first / 2 : output_blocks;
    return weights[group * 128 * outputs + first * lanes * rows + k / 2 * 2 * width * lanes + 2 * (n - first * lanes) +
                   k % 2]
        .number;
  }
  /// The scaled sum of each group.
  std::vector<double> terms(std::size_t n, std::size_t tile) const {
    std::vector<double> result;
    for (std::size_t group = 0; group < groups; ++group) {
      const std::size_t blocks = std::min(share, source_blocks - group * share), rows = used.size() * blocks * lanes;
      std::int64_t sum = 0;
      for (std::size_t k = 0; k < rows; ++k) {
        const std::size_t block = k / lanes % blocks, phase = used[k / lanes / blocks];
        const std::size_t place = group * 8 + phase * share + block;
        sum += std::int64_t{inputs[(place * tiles + tile) * lanes + k % lanes].number} * weight(group, rows, k, n);
      }
      result.push_back(static_cast<double>(sum) * static_cast<double>(input_scales[group * tiles + tile]) *
                       static_cast<double>(weight_scales[group * outputs + n]));
    }
    return result;
  }
};

}  // namespace

TEST_CASE("products are exact sums of numbers, scaled; the largest numbers do not overflow") {
  if (!have_kernels()) return;
  for (const bool largest : {false, true})
    for (const bool go_on : {false, true})
      for (const std::size_t output_blocks : {1U, 2U, 3U, 4U})
        for (const Size& size : {Size{8, 6}, {3, 1}, {11, 7}, {17, 13}, {8, 29}, {2, 6, 4}, {5, 13, 4}}) {
          CAPTURE(output_blocks);
          CAPTURE(size.blocks);
          CAPTURE(size.tiles);
          CAPTURE(size.phases);
          for (const auto& used : std::vector<std::vector<std::size_t>>{{0}, {1, 3}, {0, 1, 2, 3}, {}}) {
            if (used.size() > 1 && size.phases == 1) continue;
            Product product(output_blocks, size, used, largest);
            const std::vector<float> got = product.multiplied(go_on, 3.0f);
            for (std::size_t n = 0; n < product.outputs; ++n)
              for (std::size_t tile = 0; tile < product.tiles; ++tile) {
                double expected = go_on ? 3.0 : 0.0, magnitude = expected;
                for (const double term : product.terms(n, tile)) {
                  expected += term;
                  magnitude += std::abs(term);
                }
                const float value = got[(n / lanes * product.tiles + tile) * lanes + n % lanes];
                REQUIRE(std::abs(static_cast<double>(value) - expected) <= 1e-6 * magnitude);
              }
          }
        }
}
