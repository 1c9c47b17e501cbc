/// Making maps from host arrays: edges, ignore labels, errors.

#include "map_case.hpp"

#include <pix2pixhd/store/tensor_file.hpp>

#include <algorithm>
#include <array>
#include <limits>

using namespace tests;

namespace {

std::vector<std::uint8_t> bytes_of(Device& device, const Storage& storage) {
  std::vector<std::uint8_t> bytes(storage.bytes());
  device.backend().read_bytes(storage, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace

TEST_CASE("edges equal PyTorch's") {
  const auto file = open_tensor_file(std::string(PIX2PIXHD_TEST_DATA) + "/data.safetensors");
  const auto read = [&](const char* name) {
    const TensorEntry* entry = file->find(name);
    REQUIRE(entry);
    std::vector<double> values(file->count(*entry));
    file->read(*entry, std::span<double>(values));
    return values;
  };
  const auto inst = read("input/inst"), label = read("input/label"), edges = read("output/edges");
  auto ids = xt::xtensor<std::int32_t, 2>::from_shape({37, 61});
  auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({37, 61});
  REQUIRE(inst.size() == ids.size());
  for (std::size_t i = 0; i < inst.size(); ++i) {
    ids.data()[i] = static_cast<std::int32_t>(inst[i]);
    labels.data()[i] = static_cast<std::uint8_t>(label[i]);
  }
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    const SemanticMap map = semantic_map(on.device, labels, ids, 255);
    const auto got = bytes_of(on.device, *map.edges());
    REQUIRE(got.size() == edges.size());
    for (std::size_t i = 0; i < edges.size(); ++i) REQUIRE(got[i] == edges[i]);
  }
}

TEST_CASE("edges lie where a neighbour has another instance, in maps of any size") {
  std::vector<NamedDevice> devices = all_devices();
  std::uint64_t state = 1;
  // Widths about those of one and two pieces, in which rows are compared.
  for (const auto& [n, h, w, share] : {std::array{1, 1, 1, 4},
                                       {1, 1, 9, 4},
                                       {2, 9, 1, 4},
                                       {3, 2, 2, 4},
                                       {2, 7, 67, 4},
                                       {1, 5, 128, 4},
                                       {2, 5, 129, 4},
                                       {1, 5, 130, 4},
                                       {2, 9, 128, 300},
                                       {2, 9, 129, 300},
                                       {3, 20, 130, 700},
                                       {1, 9, 200, 300},
                                       {2, 30, 257, 900},
                                       {2, 30, 258, 900},
                                       {1, 30, 700, 2000},
                                       {1, 30, 700, 1000000}}) {
    const int width = w;
    CAPTURE(width);
    // Of `share` pixels one has another id than the one above it, so that some rows are equal in part.
    const auto ids_of = [&, pictures = n, rows = h, columns = w, one_in = share] {
      auto ids = xt::xtensor<std::int32_t, 3>::from_shape(
          {static_cast<std::size_t>(pictures), static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)});
      for (std::size_t i = 0; i < ids.size(); ++i) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        const auto drawn = static_cast<std::int32_t>(state >> 33);
        const std::int32_t above =
            i < static_cast<std::size_t>(columns) ? -1 : ids.data()[i - static_cast<std::size_t>(columns)];
        ids.data()[i] = one_in == 4 ? (drawn % 4 == 0 ? 70000 : -1) : drawn % one_in == 0 ? drawn : above;
      }
      return ids;
    };
    const auto ids = ids_of();
    const xt::xtensor<std::uint8_t, 3> labels = xt::zeros<std::uint8_t>(ids.shape());
    const auto id = [&, rows = h, columns = w](int picture, int y, int x) {
      return ids.data()[(picture * rows + y) * columns + x];
    };
    std::vector<std::uint8_t> expected;
    for (int p = 0; p < n; ++p)
      for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x) {
          const std::int32_t own = id(p, y, x);
          const bool edge = (x > 0 && id(p, y, x - 1) != own) || (x + 1 < w && id(p, y, x + 1) != own) ||
                            (y > 0 && id(p, y - 1, x) != own) || (y + 1 < h && id(p, y + 1, x) != own);
          expected.push_back(edge ? 1 : 0);
        }
    for (NamedDevice& on : devices) {
      CAPTURE(on.name);
      CHECK(bytes_of(on.device, *semantic_map(on.device, labels, ids, 1).edges()) == expected);
    }
  }
}

TEST_CASE("an array of ids, an optional one and a batch of one give the same map") {
  Device device = reference();
  const MapArrays arrays(1, 5, 200, 6);
  auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({5, 200});
  auto ids = xt::xtensor<std::int32_t, 2>::from_shape({5, 200});
  std::copy_n(arrays.labels.data(), labels.size(), labels.data());
  std::copy_n(arrays.ids.data(), ids.size(), ids.data());
  const SemanticMap batch = arrays.map(device, true), one = semantic_map(device, labels, ids, 6, 6),
                    optional = semantic_map(device, labels, std::optional(ids), 6, 6),
                    array = semantic_map(device, arrays.labels, arrays.ids, 6, 6);
  for (const SemanticMap* map : {&one, &optional, &array}) {
    CHECK(map->shape() == batch.shape());
    CHECK(bytes_of(device, *map->labels()) == bytes_of(device, *batch.labels()));
    CHECK(bytes_of(device, *map->edges()) == bytes_of(device, *batch.edges()));
  }
  CHECK_FALSE(semantic_map(device, labels, std::nullopt, 6, 6).has_edges());
  CHECK_FALSE(semantic_map(device, labels, std::optional<xt::xtensor<std::int32_t, 2>>(), 6, 6).has_edges());
}

TEST_CASE("labels of maps of any size are checked and replaced, the last pixel too") {
  Device device = reference();
  for (const std::size_t width : {1u, 2u, 127u, 128u, 129u, 255u, 256u, 300u}) {
    CAPTURE(width);
    auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({1, width});
    for (std::size_t wrong = 0; wrong < width; ++wrong) {
      for (std::size_t x = 0; x < width; ++x) labels.data()[x] = static_cast<std::uint8_t>(x % 5);
      labels.data()[wrong] = 9;
      if (wrong > 0 && wrong % 7 != 0 && wrong + 1 < width) continue;  // places enough
      check_says(sentence_of([&] { semantic_map(device, labels, std::nullopt, 5); }),
                 {"x " + std::to_string(wrong) + ", y 0", "label 9", "0 to 4"});
      check_says(sentence_of([&] { semantic_map(device, labels, std::nullopt, 5, 4); }), {"label 9", "ignore label 4"});
      for (const int ignored : {0, 4, 9}) {
        const int classes = ignored == 9 ? 5 : 10;
        const auto got = bytes_of(device, *semantic_map(device, labels, std::nullopt, classes, ignored).labels());
        for (std::size_t x = 0; x < width; ++x)
          REQUIRE(got[x] == (labels.data()[x] == ignored ? no_class : labels.data()[x]));
      }
    }
  }
}

TEST_CASE("shapes, channels and sharing") {
  Device device = reference();
  const MapArrays arrays(2, 5, 7, 6);
  const SemanticMap plain = arrays.map(device, false), map = arrays.map(device, true);
  CHECK(plain.shape() == Shape{2, 6, 5, 7});
  CHECK_FALSE(plain.has_edges());
  CHECK(map.shape() == Shape{2, 7, 5, 7});
  const SemanticMap joined = join(join(map, normal_tensor(device, {2, 3, 5, 7})), normal_tensor(device, {2, 1, 5, 7}));
  CHECK(joined.shape() == Shape{2, 11, 5, 7});
  CHECK(joined.labels() == map.labels());
  CHECK(map.shape().c == 7);
  const SemanticMap pooled = pool(device, pool(device, joined, Pooling::average3), Pooling::average3);
  CHECK(pooled.shape() == Shape{2, 11, 2, 2});
  CHECK(pooled.level() == 2);
  CHECK(pooled.labels() == map.labels());
  CHECK(pooled.parts()[0].shape() == Shape{2, 3, 2, 2});
  CHECK_THROWS_AS(pool(device, map, Pooling::max2), Error);
  // Labels are bytes: no tensor of 7 channels is made.
  const std::size_t before = device.memory().current();
  const SemanticMap again = arrays.map(device, true);
  CHECK(device.memory().current() - before <= 2 * 2 * 5 * 7);
}

TEST_CASE("labels out of range name picture, pixel and value") {
  Device device = reference();
  xt::xtensor<std::uint8_t, 2> labels{{0, 1, 2}, {3, 4, 9}};
  check_says(sentence_of([&] { semantic_map(device, labels, std::nullopt, 5); }),
             {"x 2, y 1", "label 9", "0 to 4", "ignore"});
  check_says(sentence_of([&] { semantic_map(device, labels, std::nullopt, 4, 9); }),
             {"x 1, y 1", "label 4", "0 to 3", "the ignore label 9"});
  CHECK(semantic_map(device, labels, std::nullopt, 5, 9).shape() == Shape{1, 5, 2, 3});
  xt::xtensor<std::uint8_t, 3> batch{{{0, 0}, {0, 0}}, {{0, 0}, {7, 0}}};
  check_says(sentence_of([&] { semantic_map(device, batch, std::nullopt, 5); }),
             {"label map 1", "x 0, y 1", "label 7"});
  // 255 is a label like others: an Error unless it is the one to ignore.
  labels(0, 0) = 255;
  labels(1, 2) = 4;
  check_says(sentence_of([&] { semantic_map(device, labels, std::nullopt, 255); }), {"label 255"});
  CHECK(bytes_of(device, *semantic_map(device, labels, std::nullopt, 5, 255).labels())[0] == no_class);
  // A number that no label has ignores nothing, not even 255.
  for (const int nothing : {-1, 256, 511})
    check_says(sentence_of([&, nothing] { semantic_map(device, labels, std::nullopt, 5, nothing); }),
               {"x 0, y 0", "label 255", "0 to 4"});
  // A class may be the one to ignore too.
  CHECK(bytes_of(device, *semantic_map(device, labels, std::nullopt, 255, 255).labels())[0] == no_class);
  CHECK(bytes_of(device, *semantic_map(device, xt::xtensor<std::uint8_t, 2>{{0, 1}}, std::nullopt, 2, 1).labels()) ==
        std::vector<std::uint8_t>{0, no_class});
}

TEST_CASE("numbers of classes and sizes that make no sense") {
  Device device = reference();
  const xt::xtensor<std::uint8_t, 2> labels{{0, 1, 2}};
  check_says(sentence_of([&] { semantic_map(device, labels, std::nullopt, 0); }), {"0 classes", "1 to 255"});
  check_says(sentence_of([&] { semantic_map(device, labels, std::nullopt, 256); }), {"256 classes", "1 to 255"});
  check_says(sentence_of([&] {
               semantic_map(device, labels, xt::xtensor<std::int32_t, 2>{{1, 2}}, 3);
             }),
             {"instance map is 1 x 1 x 2", "label map 1 x 1 x 3", "same size"});
  const auto nothing = xt::xtensor<std::uint8_t, 2>::from_shape({0, 5});
  check_says(sentence_of([&] { semantic_map(device, nothing, std::nullopt, 3); }), {"no pixels"});
  const auto no_ids = xt::xtensor<std::int32_t, 3>::from_shape({2, 0, 3});
  check_says(sentence_of([&] { instance_map(device, no_ids); }), {"no pixels"});
  const SemanticMap map = semantic_map(device, labels, std::nullopt, 3);
  check_says(sentence_of([&] { join(map, normal_tensor(device, {1, 2, 1, 4})); }), {"1 pictures of 3 x 1", "1 of 4 x 1"});
  check_says(sentence_of([&] { join(map, normal_tensor(device, {2, 2, 1, 3})); }), {"2 of 3 x 1"});
  check_says(sentence_of([&] { join(map, Tensor()); }), {"empty"});
  check_says(sentence_of([&] { join(SemanticMap(), normal_tensor(device, {1, 1, 1, 1})); }), {"empty", "semantic_map"});
}

TEST_CASE("instance ids of any value are numbered in each picture") {
  Device device = reference();
  constexpr std::int32_t least = std::numeric_limits<std::int32_t>::min(),
                         most = std::numeric_limits<std::int32_t>::max();
  const xt::xtensor<std::int32_t, 3> ids{{{most, -5, least}, {0, 0, most}}, {{7, 7, 7}, {7, 7, 7}}};
  const InstanceMap map = instance_map(device, ids);
  CHECK(map.count(0) == 4);
  CHECK(map.count(1) == 1);
  CHECK(map.largest_count() == 4);
  std::vector<std::int32_t> indices(12);
  device.backend().read_bytes(*map.indices(), indices.data(), 48);
  CHECK(indices == std::vector<std::int32_t>{3, 1, 0, 2, 2, 3, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("edges of batches do not reach from one picture to the next") {
  Device device = reference();
  const xt::xtensor<std::uint8_t, 3> labels{{{0}}, {{0}}};
  const xt::xtensor<std::int32_t, 3> ids{{{1}}, {{2}}};
  CHECK(bytes_of(device, *semantic_map(device, labels, ids, 1).edges()) == std::vector<std::uint8_t>{0, 0});
  const xt::xtensor<std::uint8_t, 3> rows{{{0, 0}, {0, 0}}};
  const xt::xtensor<std::int32_t, 3> corner{{{1, 1}, {1, 2}}};
  CHECK(bytes_of(device, *semantic_map(device, rows, corner, 1).edges()) == std::vector<std::uint8_t>{0, 1, 1, 1});
}
