/// Windows of a picture with the statistics of the whole.

#include "../devices.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/networks/live.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

using namespace pix2pixhd;

namespace {

/// Few blocks: a pixel sees no farther than 80 others.
using Narrow = Generator<1, GeneratorShape{.in = 6, .width = 16, .downsamples = 1, .blocks = 1, .local_blocks = 1}>;

using Labels = xt::xtensor<std::uint8_t, 2>;
using Ids = xt::xtensor<std::int32_t, 2>;

struct Maps {
  Labels labels;
  Ids ids;
};

Maps maps(std::size_t top, std::size_t left, std::size_t height, std::size_t width) {
  Maps m{Labels::from_shape({height, width}), Ids::from_shape({height, width})};
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const std::size_t v = y + top, u = x + left;
      m.labels(y, x) = static_cast<std::uint8_t>((u / 13 + v / 7 * 3) % 5);
      m.ids(y, x) = static_cast<std::int32_t>(v / 7 * 100 + u / 13);
    }
  return m;
}

SemanticMap map_of(Device& device, const Maps& m) { return semantic_map(device, m.labels, m.ids, 5); }

double largest(const xt::xtensor<float, 4>& a, const xt::xtensor<float, 4>& b) {
  double difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = std::max(difference, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
  return difference;
}

/// The pixels of a window in the whole picture.
xt::xtensor<float, 4> cut(const xt::xtensor<float, 4>& whole, std::size_t top, std::size_t left, std::size_t height,
                          std::size_t width) {
  auto part = xt::xtensor<float, 4>::from_shape({1, whole.shape()[1], height, width});
  for (std::size_t c = 0; c < whole.shape()[1]; ++c)
    for (std::size_t y = 0; y < height; ++y)
      for (std::size_t x = 0; x < width; ++x) part(0, c, y, x) = whole(0, c, y + top, x + left);
  return part;
}

}  // namespace

TEST_CASE("frozen statistics of the same picture give the same picture") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Narrow network;
    initialize(on.device, network, 1);
    const SemanticMap map = map_of(on.device, maps(0, 0, 40, 64));
    LiveSession live(on.device, network);
    CHECK_FALSE(live.ready());
    CHECK_THROWS_WITH_AS(live.part(map), doctest::Contains("before a whole one"), Error);
    const auto whole = download(on.device, live.whole(map));
    CHECK(whole == download(on.device, infer(on.device, network, map)));
    CHECK(live.ready());
    const auto part = download(on.device, live.part(map));
    CHECK(largest(whole, part) < (on.exact ? 1e-9 : 1e-4));
  }
}

TEST_CASE("inside a window every pixel is that of the whole picture, and not without the statistics") {
  for (auto& on : tests::all_devices()) {
    if (on.exact) continue;  // the plain loops take too long for a picture of this size
    CAPTURE(on.name);
    Narrow network;
    initialize(on.device, network, 3);
    LiveSession live(on.device, network);
    const auto whole = download(on.device, live.whole(map_of(on.device, maps(0, 0, 256, 320))));
    const SemanticMap window = map_of(on.device, maps(32, 64, 208, 224));
    const auto part = download(on.device, live.part(window));
    const auto other = download(on.device, live.other(window));
    const auto there = cut(whole, 32 + 88, 64 + 88, 32, 48);
    CHECK(largest(there, cut(part, 88, 88, 32, 48)) < 1e-4);
    CHECK(largest(there, cut(other, 88, 88, 32, 48)) > 1e-2);
    CHECK(other == download(on.device, infer(on.device, network, window)));
  }
}

TEST_CASE("statistics of weights that were replaced are not taken for those of others") {
  Device device = cpu({.threads = 2});
  Narrow network;
  initialize(device, network, 1);
  const SemanticMap map = map_of(device, maps(0, 0, 40, 64));
  LiveSession live(device, network);
  live.whole(map);
  live.part(map);
  initialize(device, network, 1);
  CHECK_THROWS_WITH_AS(live.part(map), doctest::Contains("make a whole one"), Error);
  live.whole(map);
  live.part(map);
}

TEST_CASE("under a budget for the whole picture there is one for its parts") {
  Device device = cpu({.threads = 2});
  Narrow network;
  initialize(device, network, 1);
  const SemanticMap map = map_of(device, maps(0, 0, 64, 96));
  const SemanticMap window = map_of(device, maps(0, 0, 40, 64));
  std::size_t budget = 0;
  {
    LiveSession free(device, network);
    device.memory().reset_peak();
    free.whole(map);
    budget = device.memory().peak();
  }
  LiveSession live(device, network, {.budget = budget});
  for (int i = 0; i < 2; ++i) {
    live.whole(map);
    live.part(window);
    live.other(window);
  }
}

TEST_CASE("a whole picture that is stopped leaves the statistics of the one before") {
  Device device = cpu();
  Narrow network;
  initialize(device, network, 1);
  const SemanticMap map = map_of(device, maps(0, 0, 40, 64));
  const SemanticMap second = map_of(device, maps(9, 5, 40, 64));
  std::stop_source stop;
  int blocks = 0;
  LiveSession live(device, network, {.progress = [&](double) {
                     if (++blocks == 5) stop.request_stop();
                   }});
  live.whole(map);
  const auto before = download(device, live.part(second));
  blocks = 0;
  live.stop_on(stop.get_token());
  CHECK_THROWS_AS(live.whole(second), Stopped);
  CHECK_THROWS_AS(live.part(second), Stopped);  // a token can be triggered once only
  live.stop_on({});
  CHECK(download(device, live.part(second)) == before);
  CHECK(download(device, live.whole(second)) == download(device, infer(device, network, second)));
}

TEST_CASE("batch norm and networks without norm have nothing to freeze") {
  Device device = cpu();
  Generator<0, GeneratorShape{.in = 6, .width = 8, .downsamples = 1, .blocks = 1, .norm = Norm::none}> plain;
  Generator<0, GeneratorShape{.in = 6, .width = 8, .downsamples = 1, .blocks = 1, .norm = Norm::batch}> batch;
  const SemanticMap map = map_of(device, maps(0, 0, 40, 64));
  const auto check = [&](auto& network) {
    initialize(device, network, 1);
    LiveSession live(device, network);
    const auto whole = download(device, live.whole(map));
    CHECK(download(device, live.part(map)) == whole);
  };
  check(plain);
  check(batch);
}
