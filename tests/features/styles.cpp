/// Collecting features, sampling styles, choosing them, and what does not go together.

#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/features/style_sampling.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

using namespace pix2pixhd;

namespace {

/// A picture of two rows of four: sky above; two cars, one of three pixels, and a pole of one pixel below.
Instances picture() {
  auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({2, 4});
  auto ids = xt::xtensor<std::int32_t, 2>::from_shape({2, 4});
  const int all_labels[] = {0, 0, 0, 2, 2, 2, 2, 3}, all_ids[] = {0, 0, 0, 2001, 2000, 2000, 2000, 3000};
  for (std::size_t i = 0; i < 8; ++i) {
    labels.data()[i] = static_cast<std::uint8_t>(all_labels[i]);
    ids.data()[i] = all_ids[i];
  }
  return find_instances(labels, ids, IdRule::thousands);
}

/// Clusters of a data set in which the sky is always the same and cars are of three kinds; poles are too small.
StyleClusters street() {
  StyleCollector collector({.features = 2, .classes = 5, .rule = IdRule::thousands, .min_area = 0.2});
  const Instances instances = picture();
  for (int i = 0; i < 30; ++i) {
    const float kind = static_cast<float>(i % 3) / 2 - 0.5f;
    collector.add(instances, {{0.5f, 0.5f}, {kind, -kind}, {0.9f, 0.9f}, {0.1f, 0.1f}});
  }
  CHECK(collector.pictures() == 30);
  return collector.clusters({.clusters = 3});
}

const Instance& instance(const Instances& instances, std::int32_t id) {
  for (const Instance& one : instances.list)
    if (one.id == id) return one;
  throw Error("no such instance");
}

}  // namespace

TEST_CASE("features are clustered class by class, without what is too small") {
  const StyleClusters clusters = street();
  CHECK(clusters.by_class.size() == 3);
  CHECK(clusters.choices(0) == 1);
  CHECK(clusters.find(0)->samples == 30);
  CHECK(clusters.find(0)->explained_variance == 1);
  CHECK(clusters.choices(2) == 3);
  CHECK(clusters.find(2)->samples == 30);
  CHECK(clusters.find(2)->left_out == 30);
  CHECK(clusters.find(2)->explained_variance == doctest::Approx(1));
  CHECK(clusters.find(2)->styles[0].count == 10);
  // Three pixels of mean 0 and one of 0.9.
  CHECK(static_cast<double>(clusters.find(2)->mean[0]) == doctest::Approx(0.225));
  CHECK(clusters.choices(3) == 0);
  CHECK(clusters.find(3)->left_out == 30);
  CHECK(static_cast<double>(clusters.find(3)->mean[1]) == doctest::Approx(0.1));
  CHECK(clusters.find(1) == nullptr);
  CHECK(clusters.choices(1) == 0);
}

TEST_CASE("the smallest area is a share of the picture, and belongs to it") {
  const Instances instances = picture();
  for (const auto& [share, samples] : {std::pair{3.0 / 8, 1}, std::pair{3.0 / 8 + 1e-9, 0}, std::pair{0.0, 2}}) {
    StyleCollector collector({.features = 1, .classes = 4, .min_area = share});
    collector.add(instances, {{0}, {0}, {0}, {0}});
    CHECK(collector.clusters().find(2)->samples == samples);
  }
}

TEST_CASE("samples are reproducible, differ by seed and number, and use every style") {
  const Instances instances = picture();
  const StyleClusters clusters = street();
  std::set<int> seen;
  std::set<std::vector<int>> pictures;
  for (std::uint64_t number = 0; number < 60; ++number) {
    const std::vector<int> styles = sample_styles(instances, clusters, 1, number);
    CHECK(styles == sample_styles(instances, clusters, 1, number));
    REQUIRE(styles.size() == 4);
    CHECK(styles[0] == 0);
    CHECK(styles[3] == no_style);
    seen.insert(styles[1]);
    pictures.insert(styles);
  }
  CHECK(seen == std::set<int>{0, 1, 2});
  CHECK(pictures.size() == 9);
  std::set<std::vector<int>> by_seed;
  for (std::uint64_t seed = 0; seed < 60; ++seed) by_seed.insert(sample_styles(instances, clusters, seed));
  CHECK(by_seed.size() == 9);
}

TEST_CASE("an instance keeps its style when others come and go") {
  const StyleClusters clusters = street();
  Instances instances = picture();
  const std::vector<int> before = sample_styles(instances, clusters, 4, 2);
  instances.list.erase(instances.list.begin());
  CHECK(sample_styles(instances, clusters, 4, 2) == std::vector<int>(before.begin() + 1, before.end()));
}

TEST_CASE("styles are set by hand, an instance's before its class's") {
  const Instances instances = picture();
  const StyleClusters clusters = street();
  const StyleChoices choices{.by_class = {{2, 1}}, .by_instance = {{2001, 2}}};
  for (std::uint64_t seed = 0; seed < 5; ++seed)
    CHECK(sample_styles(instances, clusters, seed, 0, choices) == std::vector<int>{0, 1, 2, no_style});
  const auto features = style_features(instances, clusters, {0, 1, 2, no_style});
  CHECK(features[0] == std::vector<float>{0.5f, 0.5f});
  CHECK(features[1] == clusters.find(2)->styles[1].feature);
  CHECK(features[2] == clusters.find(2)->styles[2].feature);
  CHECK(features[3] == clusters.find(3)->mean);
  CHECK(instance(instances, 3000).label == 3);
}

TEST_CASE("classes without clusters take their mean, unknown ones zeros, and it is said") {
  const StyleClusters clusters = street();
  Instances instances = picture();
  instances.list[0].label = 4;
  const auto features = style_features(instances, clusters, sample_styles(instances, clusters, 1));
  CHECK(features[0] == std::vector<float>{0, 0});
  const auto sentences = classes_without_styles(instances, clusters);
  REQUIRE(sentences.size() == 2);
  CHECK(sentences[0] == "class 3 has no clusters; the mean of its features in the data set is taken");
  CHECK(sentences[1] == "class 4 has no clusters; it did not occur in the data set, and its features are zeros");
  CHECK(classes_without_styles({.indices = instances.indices, .list = {instances.list[1]}}, clusters).empty());
}

TEST_CASE("choices that are not there are refused") {
  const Instances instances = picture();
  const StyleClusters clusters = street();
  const auto sample = [&](const StyleChoices& choices) { return sample_styles(instances, clusters, 1, 0, choices); };
  CHECK_THROWS_WITH_AS(sample({.by_class = {{2, 3}}}), "class 2 cannot have style 3; class 2 has 3 styles, 0 to 2.",
                       Error);
  CHECK_THROWS_WITH_AS(sample({.by_class = {{0, -1}}}), "class 0 cannot have style -1; class 0 has 1 style, 0.", Error);
  CHECK_THROWS_WITH_AS(sample({.by_class = {{3, 0}}}), doctest::Contains("class 3 has no clusters"), Error);
  CHECK_THROWS_WITH_AS(sample({.by_instance = {{2000, 7}}}), doctest::Contains("instance 2000 cannot have style 7"),
                       Error);
  CHECK_THROWS_WITH_AS(sample({.by_instance = {{2002, 0}}}),
                       "the style of instance 2002 was chosen, but the picture has no such instance; it has 0, 2000, "
                       "2001, 3000.",
                       Error);
  Instances shared = instances;
  shared.list[2].id = 2000;
  shared.list[2].label = 3;
  CHECK_THROWS_WITH_AS(sample_styles(shared, clusters, 1, 0, {.by_instance = {{2000, 0}}}),
                       doctest::Contains("it has the classes 2 and 3"), Error);
  CHECK_THROWS_AS(style_features(instances, clusters, {0, 9, 0, no_style}), Error);
  CHECK_THROWS_AS(style_features(instances, clusters, {0}), Error);
}

TEST_CASE("clusters, weights and classes that do not belong together are told apart") {
  const StyleClusters clusters = street();
  CHECK_NOTHROW(check_clusters(clusters, {.channels = 8, .classes = 5, .boundaries = true}));
  CHECK_NOTHROW(check_clusters(clusters, {.channels = 7, .classes = 5}));
  CHECK_THROWS_WITH_AS(check_clusters(clusters, {.channels = 9, .classes = 5, .boundaries = true}),
                       doctest::Contains("2 features an instance, and the generator takes 3: 9 channels"), Error);
  CHECK_THROWS_WITH_AS(check_clusters(clusters, {.channels = 6, .classes = 5, .boundaries = true}),
                       doctest::Contains("the generator takes 0"), Error);
  CHECK_THROWS_WITH_AS(check_clusters(clusters, {.channels = 38, .classes = 35, .boundaries = true}),
                       doctest::Contains("a data set of 5 classes, and 35 are given"), Error);
}

TEST_CASE("features that do not fit are refused and nothing is added") {
  CHECK_THROWS_WITH_AS(StyleCollector({.features = 0, .classes = 4}), doctest::Contains("must be at least 1"), Error);
  CHECK_THROWS_WITH_AS(StyleCollector({.features = 1, .classes = 4, .min_area = 2}), doctest::Contains("0 to 1"),
                       Error);
  StyleCollector collector({.features = 1, .classes = 3});
  const Instances instances = picture();
  const float infinite = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH_AS(collector.add(instances, {{0}, {0}, {0}, {0}}), doctest::Contains("is of class 3; there are 3"),
                       Error);
  CHECK_THROWS_WITH_AS(collector.add(instances, {{0}, {0}, {0}}), doctest::Contains("features of 3 instances"), Error);
  CHECK_THROWS_WITH_AS(collector.add(instances, {{0}, {0, 1}, {0}, {0}}), doctest::Contains("has 2 features; 1"),
                       Error);
  CHECK_THROWS_WITH_AS(collector.add(instances, {{0}, {infinite}, {0}, {0}}), doctest::Contains("not a number"), Error);
  CHECK(collector.pictures() == 0);
  CHECK_THROWS_WITH_AS(collector.clusters(), doctest::Contains("no picture was looked at"), Error);
}
