/// Continuation by reflection, and cropping.

#include "map_case.hpp"

using namespace tests;

namespace {

int reflected(int i, int side) {
  if (side == 1) return 0;
  while (i >= side || i < 0) i = i < 0 ? -i : 2 * (side - 1) - i;
  return i;
}

}  // namespace

TEST_CASE("tensors are reflected as often as needed, and cut off") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    struct Case {
      Shape from;
      Sides to;
    };
    for (const Case& c : {Case{{2, 3, 5, 7}, {8, 8}}, Case{{1, 17, 4, 3}, {32, 32}}, Case{{1, 2, 1, 1}, {4, 5}},
                          Case{{1, 2, 9, 1}, {16, 3}}, Case{{1, 2, 9, 8}, {5, 3}}, Case{{1, 2, 9, 4}, {5, 16}},
                          Case{{1, 1, 2, 2}, {7, 7}}}) {
      const Shape from = c.from;
      const Sides to = c.to;
      CAPTURE(to_string(from));
      const Tensor x = normal_tensor(device, from), y = extend(device, x, to);
      REQUIRE(y.shape() == Shape{from.n, from.c, to.height, to.width});
      const auto in = download(device, x), out = download(device, y);
      for (int n = 0; n < from.n; ++n)
        for (int k = 0; k < from.c; ++k)
          for (int i = 0; i < to.height; ++i)
            for (int j = 0; j < to.width; ++j)
              REQUIRE(out(n, k, i, j) == in(n, k, reflected(i, from.h), reflected(j, from.w)));
    }
    const Tensor same = normal_tensor(device, {1, 2, 3, 4});
    CHECK(extend(device, same, {3, 4}).storage() == same.storage());
  }
}

TEST_CASE("maps: labels, edges of the picture itself, and parts") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    Device& device = on.device;
    const MapArrays arrays(2, 5, 7, 4);
    const Tensor part = normal_tensor(device, {2, 2, 5, 7});
    const SemanticMap map = extend(device, join(arrays.map(device, true), part), {16, 9});
    CHECK(map.shape() == Shape{2, 7, 16, 9});
    CHECK(map.plane() == Shape{2, 1, 16, 9});
    std::vector<std::uint8_t> labels(2 * 16 * 9), edges(2 * 16 * 9);
    device.backend().read_bytes(*map.labels(), labels.data(), labels.size());
    device.backend().read_bytes(*map.edges(), edges.data(), edges.size());
    const auto dense = arrays.dense(true);
    for (int n = 0; n < 2; ++n)
      for (int i = 0; i < 16; ++i)
        for (int j = 0; j < 9; ++j) {
          const auto at = static_cast<std::size_t>((n * 16 + i) * 9 + j);
          const int y = reflected(i, 5), x = reflected(j, 7), label = arrays.labels(n, y, x);
          REQUIRE(labels[at] == (label == 4 ? no_class : label));
          REQUIRE(edges[at] == dense[static_cast<std::size_t>(((n * 5 + 4) * 5 + y) * 7 + x)]);
        }
    CHECK(detail::host_values(device, map.parts()[0]) == detail::host_values(device, extend(device, part, {16, 9})));
    CHECK_FALSE(extend(device, arrays.map(device, false), {8, 8}).has_edges());
  }
}

TEST_CASE("what cannot be extended") {
  Device device = reference(), other = reference();
  const SemanticMap map = MapArrays(1, 8, 8, 4).map(device, true);
  check_says(sentence_of([&] {
               extend(device, pool(device, map, Pooling::average3), {16, 16});
             }),
             {"pooled", "before pooling"});
  check_says(sentence_of([&] { extend(other, map, {16, 16}); }), {"another device", "semantic_map"});
  check_says(sentence_of([&] { extend(device, Tensor(), {16, 16}); }), {"empty tensor"});
  check_says(sentence_of([&] {
               extend(device, normal_tensor(device, {1, 1, 4, 4}), {0, 4});
             }),
             {"4 x 0", "at least 1"});
  check_says(sentence_of([&] { extend(device, map, {4, -1}); }), {"-1 x 4", "at least 1"});
}
