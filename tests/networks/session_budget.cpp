/// Sessions under a budget keep to it whatever pictures came before.

#include "../devices.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

using namespace pix2pixhd;

namespace {

using Net = Generator<0, GeneratorShape{.in = 5, .width = 16, .downsamples = 2, .blocks = 1}>;

/// The reference packs no weights.
std::vector<tests::NamedDevice> devices_that_pack() {
  std::vector<tests::NamedDevice> devices = tests::all_devices();
  std::erase_if(devices, [](const tests::NamedDevice& on) { return on.exact; });
  return devices;
}

SemanticMap scene(Device& device, std::size_t side) {
  xt::xtensor<std::uint8_t, 2> labels(std::array<std::size_t, 2>{side, side}, 0);
  for (std::size_t i = 0; i < labels.size(); ++i) labels.data()[i] = static_cast<std::uint8_t>(i / 7 % 5);
  return semantic_map(device, labels, std::nullopt, 5);
}

/// A network on a device with a large and a small picture, and the bytes that their passes need from scratch.
struct Case {
  Device device;
  Net network;
  SemanticMap large, small;
  Plan large_keeping, large_dropping, small_keeping, small_dropping;

  explicit Case(const Device& on) : device(on) {
    initialize(device, network, 1);
    large = scene(device, 96);
    small = scene(device, 16);
    large_keeping = plan(device, network, large, true);
    large_dropping = plan(device, network, large, false);
    small_keeping = plan(device, network, small, true);
    small_dropping = plan(device, network, small, false);
    // The case is one where packed weights of the small picture do not fit beside the large one's arena.
    CHECK(small_keeping.derived_bytes > 0);
    CHECK(small_keeping.session_peak_bytes < large_dropping.session_peak_bytes);
    CHECK(large_dropping.session_peak_bytes < large_keeping.session_peak_bytes);
  }

  xt::xtensor<float, 4> expected(const SemanticMap& map) {  // on weights of their own: without packed ones in `network`
    Net same = clone(device, network);
    return download(device, infer(device, same, map));
  }
};

/// Makes a picture and says how many bytes were held at most.
std::size_t peak_of(Case& in, Session<Net>& session, const SemanticMap& map) {
  const auto expected = in.expected(map);
  in.device.memory().reset_peak();
  Tensor y = session(map);
  const std::size_t peak = in.device.memory().peak();
  CHECK(download(in.device, y) == expected);
  return peak;
}

}  // namespace

TEST_CASE("a small picture after a large one keeps to the budget") {
  for (auto& on : devices_that_pack()) {
    CAPTURE(on.name);
    Case in(on.device);
    const std::size_t budget = std::max(in.large_dropping.session_peak_bytes, in.small_keeping.session_peak_bytes);
    Session session(in.device, in.network, {.budget = budget});
    for (const SemanticMap* map : {&in.large, &in.small, &in.large, &in.small, &in.small})
      CHECK(peak_of(in, session, *map) <= budget);
  }
}

TEST_CASE("an arena that is larger than it has to be makes room for packed weights") {
  for (auto& on : devices_that_pack()) {
    CAPTURE(on.name);
    Case in(on.device);
    const std::size_t budget = std::max(in.large_dropping.session_peak_bytes, in.small_keeping.session_peak_bytes);
    if (in.large_dropping.arena_bytes + in.small_keeping.session_peak_bytes - in.small_keeping.arena_bytes <= budget)
      continue;  // room for both
    Session session(in.device, in.network, {.budget = budget});
    session(in.large);
    session(in.small);
    CHECK(in.device.memory().current() ==
          in.small_keeping.held_bytes + in.small_keeping.derived_bytes + in.small_keeping.arena_bytes);
    CHECK(session.plan(in.small).derived_bytes == 0);  // they were kept
  }
}

TEST_CASE("what fits into a budget at first fits after other pictures") {
  for (auto& on : devices_that_pack()) {
    CAPTURE(on.name);
    Case in(on.device);
    const std::size_t budget = in.large_dropping.session_peak_bytes;
    Session session(in.device, in.network, {.budget = budget});
    for (const SemanticMap* map : {&in.small, &in.large, &in.small, &in.large})
      CHECK(peak_of(in, session, *map) <= budget);
  }
}

TEST_CASE("results that the caller keeps count") {
  for (auto& on : devices_that_pack()) {
    CAPTURE(on.name);
    Case in(on.device);
    Session session(in.device, in.network, {.budget = in.large_dropping.session_peak_bytes});
    Tensor kept = session(in.large);
    CHECK_THROWS_AS(session(in.large), OutOfMemory);
    kept = {};
    CHECK_NOTHROW(session(in.large));
  }
}

TEST_CASE("a session under a budget leaves another one on the same network its results") {
  for (auto& on : devices_that_pack()) {
    CAPTURE(on.name);
    Case in(on.device);
    const auto expected = in.expected(in.small);
    Session free(in.device, in.network);
    for (int pass = 0; pass < 3; ++pass) free(in.small);  // recorded where a device does that
    const std::size_t room = in.device.memory().current() + in.large_dropping.session_peak_bytes -
                             in.large_dropping.held_bytes - in.small_keeping.derived_bytes;
    Session held(in.device, in.network, {.budget = room});
    held(in.large);
    std::vector<Tensor> others;  // where packed weights lay, which are as large as weights
    for (const NamedArray& array : named_arrays(in.network)) {
      const std::vector<float> values(array.value->shape().count(), 1e3f);
      others.push_back(upload<float>(in.device, array.value->shape(), values, Role::parameter));
    }
    for (int pass = 0; pass < 4; ++pass) CHECK(download(in.device, free(in.small)) == expected);
  }
}

TEST_CASE("a session keeps to its device's budget as to its own, and to the smaller of both") {
  Case in(cpu());
  const std::size_t dropping = in.large_dropping.session_peak_bytes, keeping = in.large_keeping.session_peak_bytes;
  const std::size_t between = (dropping + keeping) / 2;
  const auto expected = in.expected(in.large);
  for (const auto& [of_device, own] :
       {std::pair{between, std::size_t{0}}, {between, 2 * keeping}, {2 * keeping, between}}) {
    Device limited = cpu({.budget = of_device});
    const Net network = clone(limited, in.network);
    const SemanticMap map = scene(limited, 96);
    Session session(limited, network, {.budget = own});
    limited.memory().reset_peak();
    const Tensor y = session(map);
    CHECK(limited.memory().peak() <= between);
    CHECK(download(limited, y) == expected);
  }
}
