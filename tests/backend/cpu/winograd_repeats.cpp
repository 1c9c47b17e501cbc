// Tiles that repeat the inputs of others are computed once, with the same result.

#include "winograd_cases.hpp"

#include <pix2pixhd/backend/cpu/winograd_repeats.hpp>
#include <pix2pixhd/ops/conv_block.hpp>
#include <pix2pixhd/ops/maps.hpp>

#include <cstdint>
#include <optional>

using namespace convolution_test;
using detail::WinogradBlock;
using detail::WinogradPlan;
using detail::WinogradRepeats;

namespace {

/// Kinds in areas of several sizes, with single pixels of no kind in between, and a large area of one kind.
std::vector<std::uint8_t> kinds_of(const Shape& source, std::uint64_t seed) {
  const RandomStream stream(seed, "kinds");
  std::vector<std::uint8_t> kinds;
  for (int n = 0; n < source.n; ++n)
    for (int y = 0; y < source.h; ++y)
      for (int x = 0; x < source.w; ++x) {
        const bool large = x > source.w / 3 && y > source.h / 4;
        int kind = large ? 7 : (x / 19 + y / 13) % 3;
        if (stream.uniform(kinds.size()) < 0.004) kind = no_kind;
        kinds.push_back(static_cast<std::uint8_t>(kind));
      }
  return kinds;
}

/// Values that are the same for all pixels of a picture that are of one kind.
std::vector<float> values_by_kind(const Shape& shape, const std::vector<std::uint8_t>& kinds) {
  std::vector<float> values = random_values(shape, "values");
  const std::vector<float> of_kinds = random_values({shape.n, shape.c, no_kind, 1}, "of kinds");
  for (std::size_t plane = 0; plane < values.size() / shape.pixels(); ++plane)
    for (std::size_t i = 0; i < shape.pixels(); ++i) {
      const std::size_t picture = plane / static_cast<std::size_t>(shape.c);
      const std::uint8_t kind = kinds[picture * shape.pixels() + i];
      if (kind != no_kind) values[plane * shape.pixels() + i] = of_kinds[plane * no_kind + kind];
    }
  return values;
}

Tensor with_kinds(Device& device, const Tensor& x, const std::vector<std::uint8_t>& kinds) {
  auto stored = device.allocate(kinds.size());
  device.backend().write_bytes(*stored, kinds.data(), kinds.size());
  return x.with_pending(
      std::make_shared<Pending>(Pending{x.pending()->statistics, x.pending()->activation, std::move(stored)}));
}

/// A convolution of `values`, pending, with what is known of their kinds; the result and its statistics.
std::vector<std::vector<double>> convolved(Device& device, const Case& c, const std::vector<float>& values,
                                           const std::vector<std::uint8_t>* kinds) {
  const Tensor like = random_pending(device, c.x, "x", Activation::relu);
  Tensor pending = tensor(device, c.x, values).with_pending(like.pending());
  if (kinds) pending = with_kinds(device, pending, *kinds);
  const BlockInput x(pending);
  const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
  const Shape out = output_of(c);
  Tensor y = device.empty(out);
  Tensor statistics = device.empty({out.n, statistics_rows, 1, (out.c + 15) / 16 * 16}, Role::statistics);
  device.backend().conv_block({.geometry = c.geometry,
                               .norm = {.kind = Norm::instance},
                               .x = &x,
                               .weight = &weight,
                               .raw = y,
                               .statistics = statistics});
  return {values_of(device, y), values_of(device, statistics)};
}

/// The kind of all places under a tile, looked at one by one; none where they differ or one is zero.
std::optional<int> kind_under(const WinogradPlan& plan, const std::vector<std::uint8_t>& kinds, int tile_row,
                              int tile_column) {
  const auto places = [&](const std::vector<int>& table, int tile) {
    std::vector<int> result;
    const std::size_t phase = table.size() / static_cast<std::size_t>(plan.source_phases);
    for (std::size_t p = 0; p < table.size(); p += phase)
      for (int i = 0; i < plan.point_side(); ++i)
        result.push_back(table[p + static_cast<std::size_t>(tile * plan.tile() + i)]);
    return result;
  };
  std::optional<int> kind;
  for (const int row : places(plan.rows, tile_row))
    for (const int column : places(plan.columns, tile_column)) {
      if (row < 0 || column < 0) return {};
      const int here = kinds[static_cast<std::size_t>(row * plan.source.w + column)];
      if (here == no_kind || here != kind.value_or(here)) return {};
      kind = here;
    }
  return kind;
}

}  // namespace

TEST_CASE("a tile takes the place of the first of its kind in the block, all others have places of their own") {
  Device device = cpu({.threads = 1}, Isa::baseline);
  int repeated = 0;
  for (const Case& c : winograd_cases())
    for (const detail::WinogradFactor factors : {detail::WinogradFactor::f32, detail::WinogradFactor::bf16}) {
      if (c.geometry.transposed) continue;
      const auto plan = detail::winograd_tiles(c.x, output_of(c), c.geometry, factors);
      if (!plan) continue;
      WinogradPlan blocked = *plan;
      blocked.choose_block(60);
      CAPTURE(name_of(c));
      const std::vector<std::uint8_t> kinds = kinds_of(c.x.with_channels(1), 5);
      detail::Scratch scratch(static_cast<CpuBackend&>(device.backend()), WinogradRepeats::bytes(blocked), nullptr);
      const WinogradRepeats repeats(blocked, scratch);
      for (int index = 0; index < blocked.blocks(); ++index) {
        WinogradBlock block = blocked.block(index);
        std::vector<int> places(static_cast<std::size_t>(blocked.tiles_of_block()), -7);
        repeats.find(kinds.data(), block, places.data());
        std::vector<int> first(no_kind, -1);
        int next = 0;
        for (int tile = 0; tile < block.height * block.width; ++tile) {
          const std::optional<int> kind =
              kind_under(blocked, kinds, block.row + tile / block.width, block.column + tile % block.width);
          int expected = kind ? first[static_cast<std::size_t>(*kind)] : -1;
          if (expected < 0) {
            expected = next++;
            if (kind) first[static_cast<std::size_t>(*kind)] = expected;
          } else {
            ++repeated;
          }
          REQUIRE(block.place(tile) == expected);
        }
        CHECK(block.computed == next);
      }
    }
  CHECK(repeated > 100);
}

TEST_CASE("with the kinds of its input told, a convolution gives the same bits") {
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const Isa isa : available_isas(precision)) {
      CAPTURE(to_string(isa));
      CAPTURE(to_string(precision));
      Device device = cpu({.threads = 2, .precision = precision}, isa);
      for (const Case& c : winograd_cases()) {
        CAPTURE(name_of(c));
        const std::vector<std::uint8_t> kinds = kinds_of(c.x, 9);
        const std::vector<float> values = values_by_kind(c.x, kinds);
        CHECK(convolved(device, c, values, &kinds) == convolved(device, c, values, nullptr));
      }
    }
}

TEST_CASE("the kinds that are told are what spares the work") {
  // What is told here is false: a convolution that repeats tiles repeats the first one everywhere.
  const Case c{{.kernel = 3, .stride = 2, .padding = 1, .pad = Pad::reflect}, {1, 32, 48, 48}, 64};
  REQUIRE(plan_of(c).has_value());
  for (const Isa isa : available_isas()) {
    CAPTURE(to_string(isa));
    Device device = cpu({.threads = 1}, isa);
    const std::vector<std::uint8_t> kinds(c.x.pixels(), 3);
    const std::vector<float> values = random_values(c.x, "values");
    CHECK(convolved(device, c, values, &kinds) != convolved(device, c, values, nullptr));
  }
}

TEST_CASE("a block on a map tells the kinds of its pixels in inference, dense parts and training apart") {
  Device device = cpu({.threads = 1});
  const auto labels = xt::xtensor<std::uint8_t, 3>(xt::xtensor<std::uint8_t, 3>::shape_type{1, 24, 24}, 2);
  const SemanticMap map = semantic_map(device, labels, std::nullopt, 5);
  ConvBlockArrays arrays;
  arrays.weight.value = random_tensor(device, {16, 5, 7, 7}, "weight", Role::parameter);
  arrays.bias.value = random_tensor(device, {16, 1, 1, 1}, "bias", Role::parameter);
  const ConvBlockSpec spec{.geometry = {.kernel = 7, .stride = 1, .padding = 3, .pad = Pad::reflect}};
  const Tensor y = conv_block(device, map, arrays, spec, {}, nullptr);
  REQUIRE(y.pending());
  REQUIRE(y.pending()->kinds);
  std::vector<std::uint8_t> kinds(24 * 24);
  device.backend().read_bytes(*y.pending()->kinds, kinds.data(), kinds.size());
  CHECK(kinds == std::vector<std::uint8_t>(24 * 24, 2));

  ConvBlockRecord record;
  const Tensor trained = conv_block(device, map, arrays, spec, {.need = Need::parameters}, &record);
  REQUIRE(trained.pending());
  CHECK_FALSE(trained.pending()->kinds);

  arrays.weight.value = random_tensor(device, {16, 8, 7, 7}, "weight", Role::parameter);
  const Tensor part = random_tensor(device, {1, 3, 24, 24}, "part");
  const Tensor joined = conv_block(device, map.joined(part), arrays, spec, {}, nullptr);
  REQUIRE(joined.pending());
  CHECK_FALSE(joined.pending()->kinds);
}
