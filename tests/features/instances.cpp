/// Instances and their classes by each rule, and feature maps of them.

#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/features/instances.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace pix2pixhd;

namespace {

using Labels = xt::xtensor<std::uint8_t, 2>;
using Ids = xt::xtensor<std::int32_t, 2>;

constexpr int car = 26;

Labels labels_of(const std::vector<int>& values, std::size_t width) {
  Labels labels = Labels::from_shape({values.size() / width, width});
  std::transform(values.begin(), values.end(), labels.begin(), [](int v) { return static_cast<std::uint8_t>(v); });
  return labels;
}
Ids ids_of(const std::vector<int>& values, std::size_t width) {
  Ids ids = Ids::from_shape({values.size() / width, width});
  std::copy(values.begin(), values.end(), ids.begin());
  return ids;
}

/// "id:class:pixels ..." in order.
std::string text(const Instances& found) {
  std::string all;
  for (const Instance& one : found.list)
    all += std::to_string(one.id) + ":" + std::to_string(one.label) + ":" + std::to_string(one.pixels) + " ";
  return all;
}

}  // namespace

TEST_CASE("class * 1000 + k: instances of every rule that reads it") {
  const Labels labels = labels_of({7, 7, car, car, 7, car, car, car}, 4);
  const Ids ids = ids_of({7, 7, 26001, 26001, 7, 26000, 26000, 26001}, 4);
  for (const IdRule rule : {IdRule::thousands, IdRule::labels}) {
    const Instances found = find_instances(labels, ids, rule);
    CHECK(text(found) == "7:7:3 26000:26:2 26001:26:3 ");
    CHECK(found.split == 0);
    CHECK(std::vector<int>(found.indices.begin(), found.indices.end()) == std::vector<int>{0, 0, 2, 2, 0, 1, 1, 2});
    CHECK(found.list[1].at == 5);
  }
}

TEST_CASE("plain ids and panoptic RGB take their class from the label map") {
  const Labels labels = labels_of({0, 0, 1, 1, 2, 2}, 3);
  const Instances found = find_instances(labels, ids_of({-5, 65536 * 9, 65536 * 9, 4, 4, 4}, 3), IdRule::labels);
  CHECK(text(found) == "-5:0:1 4:1:1 4:2:2 589824:0:1 589824:1:1 ");
  CHECK(found.split == 2);
}

TEST_CASE("an id with many classes is split once a class and counted once") {
  const Instances found = find_instances(labels_of({3, 2, 1, 0}, 2), ids_of({0, 0, 0, 0}, 2), IdRule::labels);
  CHECK(text(found) == "0:0:1 0:1:1 0:2:1 0:3:1 ");
  CHECK(found.split == 1);
}

TEST_CASE("panoptic RGB with the class in the red channel") {
  const Labels labels = labels_of({11, 11, 13, 13}, 2);
  const Ids ids = ids_of({11, 11, 13 + 256 * 2, 13 + 256 * 300}, 2);
  CHECK(text(find_instances(labels, ids, IdRule::red)) == "11:11:2 525:13:1 76813:13:1 ");
}

TEST_CASE("without an instance map each class is one instance") {
  CHECK(text(find_instances(labels_of({5, 1, 5, 5}, 2), std::nullopt)) == "1:1:1 5:5:3 ");
}

TEST_CASE("pixels without a class are instances of their own under any rule") {
  const Labels labels = labels_of({no_class, car}, 2);
  const Ids ids = ids_of({26003, 26003}, 2);
  for (const IdRule rule : {IdRule::labels, IdRule::thousands})
    CHECK(text(find_instances(labels, ids, rule)) == "26003:26:1 26003:255:1 ");
}

TEST_CASE("maps that contradict each other are refused with id, pixel and classes") {
  const Labels labels = labels_of({7, 7, car, 24}, 2);
  CHECK_THROWS_WITH_AS(find_instances(labels, ids_of({7, 7, 26001, 26001}, 2), IdRule::thousands),
                       doctest::Contains("instance 26001 is of class 26 by the id rule thousands, but at pixel (x 1, y "
                                         "1) the label map has class 24"),
                       Error);
  CHECK_THROWS_WITH_AS(find_instances(labels, ids_of({7, -7, 26001, 24001}, 2), IdRule::thousands),
                       doctest::Contains("pixel (x 1, y 0) has the id -7"), Error);
  CHECK_THROWS_WITH_AS(find_instances(labels, ids_of({7, 7}, 2), IdRule::labels),
                       doctest::Contains("the instance map is 2 x 1 pixels, the label map 2 x 2"), Error);
  CHECK_THROWS_WITH_AS(find_instances(Labels::from_shape({0, 2}), std::nullopt), doctest::Contains("no pixels"), Error);
}

TEST_CASE("rules have names") {
  for (const IdRule rule : {IdRule::labels, IdRule::thousands, IdRule::red})
    CHECK(id_rule(to_string(rule)) == std::optional(rule));
  CHECK_FALSE(id_rule("Cityscapes"));
}

TEST_CASE("features become a map and come back") {
  const Instances found = find_instances(labels_of({2, 2, 4, 4, 2, 4}, 3), std::nullopt);
  const std::vector<std::vector<float>> features = {{0.5f, -0.5f}, {0.25f, 1.0f}};
  const xt::xtensor<float, 4> map = feature_map(found, features);
  CHECK(std::vector<float>(map.begin(), map.end()) ==
        std::vector<float>{0.5f, 0.5f, 0.25f, 0.25f, 0.5f, 0.25f, -0.5f, -0.5f, 1.0f, 1.0f, -0.5f, 1.0f});
  CHECK(features_of(found, map) == features);
  CHECK_THROWS_WITH_AS(feature_map(found, {{1.0f}}), doctest::Contains("features of 1 instances"), Error);
  CHECK_THROWS_WITH_AS(feature_map(found, {{1.0f}, {1.0f, 2.0f}}), doctest::Contains("all must have as many"), Error);
  CHECK_THROWS_WITH_AS(features_of(found, xt::xtensor<float, 4>::from_shape({1, 2, 3, 2})),
                       doctest::Contains("a feature map is 1 x 2 x 3 x 2"), Error);
}
