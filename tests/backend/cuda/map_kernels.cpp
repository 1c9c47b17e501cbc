// Convolutions that look a label map up or write it down, on maps that take every way through the kernels, against the
// reference.
#include "ops/map_case.hpp"

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace tests;

namespace {

enum class Kind { uniform, ignored, stripes, bands, patches, noise };
constexpr Kind all_kinds[] = {Kind::uniform, Kind::ignored, Kind::stripes, Kind::bands, Kind::patches, Kind::noise};

struct MapCase {
  int n, h, w, classes;
  bool edges;
  int parts = 0, level = 0;
};

/// Labels below `classes`, or 255, which is ignored; instances are regions of their own, or there are none.
SemanticMap map_of(Device& device, const MapCase& c, Kind kind) {
  const std::array<std::size_t, 3> sides{static_cast<std::size_t>(c.n), static_cast<std::size_t>(c.h),
                                         static_cast<std::size_t>(c.w)};
  auto labels = xt::xtensor<std::uint8_t, 3>::from_shape(sides);
  auto ids = xt::xtensor<std::int32_t, 3>::from_shape(sides);
  const RandomStream random(7, "map kernels");
  for (int n = 0, i = 0; n < c.n; ++n)
    for (int y = 0; y < c.h; ++y)
      for (int x = 0; x < c.w; ++x, ++i) {
        const auto at = static_cast<std::size_t>(i);
        // The region that decides, in numbers that differ from region to region.
        const int region = kind == Kind::stripes   ? x / 5
                           : kind == Kind::bands   ? y / 6
                           : kind == Kind::patches ? (y / 11) * 1000 + x / 13 + n
                           : kind == Kind::noise   ? i
                                                   : 0;
        const auto drawn = random.bits(static_cast<std::uint64_t>(region)) % static_cast<std::uint64_t>(c.classes + 1);
        const bool ignored = kind == Kind::ignored || (kind != Kind::uniform && drawn == 0);
        labels.data()[at] = ignored                 ? no_class
                            : kind == Kind::uniform ? static_cast<std::uint8_t>(c.classes - 1)
                                                    : static_cast<std::uint8_t>(drawn - 1);
        ids.data()[at] = region % 3 == 0 ? 0 : region;
      }
  SemanticMap map = semantic_map(device, labels, c.edges ? std::optional(ids) : std::nullopt, c.classes, no_class);
  if (c.parts > 0) map = join(map, normal_tensor(device, {c.n, c.parts, c.h, c.w}, 11));
  for (int i = 0; i < c.level; ++i) map = pool(device, map, Pooling::average3);
  return map;
}

std::vector<double> convolved(Device& device, const MapCase& c, Kind kind, const ConvGeometry& geometry, int out) {
  const BlockInput x = map_of(device, c, kind);
  const Shape in = x.shape(), weight{out, in.c, geometry.kernel, geometry.kernel};
  std::vector<double> values = detail::normal_values(weight.count(), 5, "weight");
  for (double& value : values) value = static_cast<float>(value);
  const Tensor w = detail::device_values(device, weight, values, Role::parameter);
  Tensor y = device.empty({in.n, out, geometry.output(in.h), geometry.output(in.w)});
  device.backend().convolve({.geometry = geometry, .x = &x, .weight = &w, .y = y});
  return detail::host_values(device, y);
}

void check_against_reference(const MapCase& c, const ConvGeometry& geometry, int out) {
  if (!cuda_availability().empty()) {
    MESSAGE("left out: ", cuda_availability());
    return;
  }
  Device exact = reference(), device = cuda();
  for (const Kind kind : all_kinds) {
    const std::string text =
        detail::sentence("kind ", static_cast<int>(kind), ", ", c.n, "x", c.h, "x", c.w, ", ", c.classes, " classes, ",
                         c.edges ? "" : "no ", "edges, ", c.parts, " parts, level ", c.level, "; ", geometry.kernel,
                         "x", geometry.kernel, " stride ", geometry.stride, " ", to_string(geometry.pad), " to ", out);
    CAPTURE(text);
    CHECK(relative_difference(convolved(device, c, kind, geometry, out), convolved(exact, c, kind, geometry, out)) <=
          3e-6);
  }
}

}  // namespace

TEST_CASE("look-up in maps: one class, borders in every direction and noise, in whole and cut tiles") {
  check_against_reference({1, 33, 70, 5, true}, {.kernel = 7, .padding = 3, .pad = Pad::reflect}, 20);
  check_against_reference({2, 16, 32, 35, false}, {.kernel = 7, .padding = 3, .pad = Pad::replicate}, 8);
  check_against_reference({2, 35, 67, 6, true, 3}, {.kernel = 4, .stride = 2, .padding = 2}, 32);
  check_against_reference({1, 40, 65, 255, true}, {.kernel = 3, .padding = 1}, 9);
  check_against_reference({1, 37, 72, 1, true}, {.kernel = 5, .stride = 2, .padding = 2, .pad = Pad::reflect}, 3);
  check_against_reference({1, 45, 69, 4, true}, {.kernel = 7, .stride = 2, .padding = 3, .pad = Pad::reflect}, 17);
  check_against_reference({3, 9, 7, 3, true, 1}, {.kernel = 2, .padding = 1}, 8);
  check_against_reference({1, 6, 5, 2, false}, {.kernel = 1, .padding = 0}, 264);
  check_against_reference({1, 3, 4, 2, true}, {.kernel = 6, .padding = 3}, 12);
}

TEST_CASE("look-up in maps that is left to single taps: large kernels, long strides, enlargement") {
  check_against_reference({2, 19, 23, 5, true}, {.kernel = 9, .padding = 4, .pad = Pad::reflect}, 8);
  check_against_reference({1, 20, 25, 4, true, 1}, {.kernel = 3, .stride = 3, .padding = 1}, 12);
  check_against_reference({1, 11, 13, 4, false}, {.kernel = 3, .padding = 1, .pad = Pad::reflect, .enlarge = 2}, 8);
}

TEST_CASE("look-up in maps that were pooled once: even and odd sides, whole and cut tiles, every border") {
  check_against_reference({1, 33, 70, 35, true, 3, 1}, {.kernel = 4, .stride = 2, .padding = 2}, 8);
  check_against_reference({2, 16, 131, 6, false, 0, 1}, {.kernel = 7, .padding = 3, .pad = Pad::reflect}, 8);
  check_against_reference({1, 67, 140, 5, true, 0, 1}, {.kernel = 7, .padding = 3, .pad = Pad::reflect}, 20);
  check_against_reference({2, 37, 70, 39, true, 0, 1}, {.kernel = 3, .padding = 1, .pad = Pad::replicate}, 8);
  check_against_reference({2, 71, 135, 6, true, 3, 1}, {.kernel = 4, .stride = 2, .padding = 2}, 32);
  check_against_reference({1, 80, 131, 255, true, 0, 1}, {.kernel = 5, .stride = 2, .padding = 2, .pad = Pad::reflect},
                          9);
  check_against_reference({1, 90, 137, 4, true, 1, 1}, {.kernel = 7, .stride = 2, .padding = 3, .pad = Pad::reflect},
                          17);
  check_against_reference({3, 9, 7, 3, true, 1, 1}, {.kernel = 2, .padding = 1}, 8);
  check_against_reference({1, 6, 5, 2, false, 0, 1}, {.kernel = 1, .padding = 0}, 264);
  check_against_reference({1, 1, 2, 5, true, 0, 1}, {.kernel = 3, .padding = 1}, 8);
  check_against_reference({2, 1, 1, 2, true, 0, 1}, {.kernel = 3, .padding = 1}, 8);
}

TEST_CASE("pooled maps written down as channels: every level, chunks of channels, cut tiles and borders") {
  check_against_reference({1, 33, 70, 35, true, 3, 1}, {.kernel = 8, .stride = 2, .padding = 2}, 8);
  check_against_reference({2, 37, 70, 39, true, 0, 1}, {.kernel = 9, .padding = 4, .pad = Pad::replicate}, 8);
  check_against_reference({1, 45, 69, 40, true, 2, 2}, {.kernel = 3, .padding = 1}, 9);
  check_against_reference({2, 50, 41, 255, true, 1, 2}, {.kernel = 1, .padding = 0}, 8);
  check_against_reference({1, 67, 90, 9, true, 1, 3}, {.kernel = 3, .padding = 1, .pad = Pad::reflect}, 8);
  check_against_reference({1, 130, 101, 5, true, 0, 4}, {.kernel = 3, .padding = 1}, 8);
  check_against_reference({1, 1, 2, 5, true, 0, 2}, {.kernel = 3, .padding = 1}, 8);
  check_against_reference({1, 21, 30, 5, true, 0, 1}, {.kernel = 3, .padding = 1, .pad = Pad::reflect, .enlarge = 2},
                          8);
}

TEST_CASE("tables of one weight for maps with and without edges are not confused") {
  if (!cuda_availability().empty()) return;
  Device exact = reference(), device = cuda();
  const ConvGeometry geometry{.kernel = 3, .padding = 1};
  const auto run = [&](Device& on) {
    std::vector<double> values = detail::normal_values(8 * 5 * 9, 5, "weight"), all;
    for (double& value : values) value = static_cast<float>(value);
    const Tensor w = detail::device_values(on, {8, 5, 3, 3}, values, Role::parameter);
    for (const MapCase& c : {MapCase{1, 17, 19, 5, false}, MapCase{1, 17, 19, 4, true}, MapCase{1, 17, 19, 5, false}}) {
      const BlockInput x = map_of(on, c, Kind::patches);
      Tensor y = on.empty({1, 8, 17, 19});
      on.backend().conv_block(
          {.geometry = geometry, .norm = {.kind = Norm::none}, .x = &x, .weight = &w, .raw = y, .keep_derived = true});
      const std::vector<double> got = detail::host_values(on, y);
      all.insert(all.end(), got.begin(), got.end());
    }
    return all;
  };
  CHECK(relative_difference(run(device), run(exact)) <= 3e-6);
}

TEST_CASE("look-up does not depend on the order of threads") {
  if (!cuda_availability().empty() || !std::getenv("PIX2PIXHD_CUDA_DRIVER")) {
    MESSAGE("left out: the tests' stand-in is not used");
    return;
  }
  Device device = cuda();
  for (const int level : {0, 1, 2}) {
    const auto run = [&] {
      return convolved(device, {2, 45, 70, 7, true, 1, level}, Kind::patches, {.kernel = 4, .stride = 2, .padding = 2},
                       8);
    };
    const std::vector<double> forwards = run();
    setenv("PIX2PIXHD_STAND_IN_BACKWARDS", "1", 1);
    const std::vector<double> backwards = run();
    unsetenv("PIX2PIXHD_STAND_IN_BACKWARDS");
    CHECK(forwards == backwards);
  }
}
