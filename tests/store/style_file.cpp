/// Files of style clusters: what is written comes back, and what is not one is refused.

#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/style_file.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "store_testing.hpp"

using namespace store_testing;
using namespace pix2pixhd;

namespace {

StyleClusters clusters() {
  return {.features = 3,
          .classes = 35,
          .rule = IdRule::red,
          .on_labels = true,
          .min_area = 1.0 / 64,
          .by_class = {{7,
                        {.styles = {{.feature = {0.1f, -0.2f, 0.3f}, .count = 5}, {.feature = {1, 0, -1}, .count = 2}},
                         .mean = {0.5f, 0.25f, 0.125f},
                         .samples = 7,
                         .left_out = 3,
                         .explained_variance = 1.0 / 3}},
                       {26, {.mean = {0, 0, 0}, .left_out = 11}},
                       {no_class, {.styles = {{.feature = {0, 0, 1}, .count = 1}}, .mean = {0, 0, 1}, .samples = 1}}}};
}

/// A file with the metadata that save_clusters() writes for clusters(), changed.
void spill_changed(const fs::path& path, const std::string& from, const std::string& to) {
  save_clusters(path, clusters());
  std::string bytes = slurp(path);
  const auto at = bytes.find(from);
  REQUIRE(at != std::string::npos);
  REQUIRE(from.size() == to.size());
  spill(path, bytes.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("clusters come back as they were") {
  const TemporaryFolder folder;
  const StyleClusters expected = clusters();
  save_clusters(folder / "clusters.safetensors", expected, {{"pix2pixhd.steps", "12"}});
  const LoadedClusters loaded = load_clusters(folder / "clusters.safetensors");
  CHECK(loaded.more == Metadata{{"pix2pixhd.steps", "12"}});
  const StyleClusters& got = loaded.clusters;
  CHECK(got.features == expected.features);
  CHECK(got.classes == expected.classes);
  CHECK(got.rule == expected.rule);
  CHECK(got.on_labels);
  CHECK(got.min_area == expected.min_area);
  REQUIRE(got.by_class.size() == 3);
  for (const auto& [of, styles] : expected.by_class) {
    const auto label = of;
    CAPTURE(label);
    REQUIRE(got.find(label));
    const ClassStyles& mine = *got.find(label);
    CHECK(mine.mean == styles.mean);
    CHECK(mine.samples == styles.samples);
    CHECK(mine.left_out == styles.left_out);
    CHECK(mine.explained_variance == styles.explained_variance);
    REQUIRE(mine.styles.size() == styles.styles.size());
    for (std::size_t i = 0; i < styles.styles.size(); ++i) {
      CHECK(mine.styles[i].feature == styles.styles[i].feature);
      CHECK(mine.styles[i].count == styles.styles[i].count);
    }
  }
}

TEST_CASE("the file can be read without this library") {
  const TemporaryFolder folder;
  save_clusters(folder / "clusters", clusters());
  const auto file = open_tensor_file(folder / "clusters");
  CHECK(values(*file, "class.7.centres") == std::vector<double>{0.1f, -0.2f, 0.3f, 1, 0, -1});
  CHECK(values(*file, "class.7.counts") == std::vector<double>{5, 2});
  CHECK(file->metadata().at("pix2pixhd.clusters").find("\"features\":3,\"classes\":35,\"on\":\"labels\"") !=
        std::string::npos);
}

TEST_CASE("files that are none are refused") {
  const TemporaryFolder folder;
  const fs::path path = folder / "file";
  CHECK_THROWS_AS(load_clusters(path), Error);
  CHECK_THROWS_WITH_AS(load_clusters(golden("encoder.safetensors")), doctest::Contains("holds no style clusters"),
                       Error);
  const auto refused = [&](const std::string& from, const std::string& to, const char* sentence) {
    CAPTURE(to);
    spill_changed(path, from, to);
    CHECK_THROWS_WITH_AS(load_clusters(path), doctest::Contains(sentence), Error);
  };
  refused(R"(\"features\":3)", R"(\"features\":4)", "mean holds 3 values, 4 are needed");
  refused(R"(\"features\":3)", R"(\"features\":0)", "are damaged");
  refused(R"(\"classes\":35)", R"(\"classes\":26)", "speak of class 26, of 26 classes");
  refused(R"(\"id_rule\":\"red\")", R"(\"id_rule\":\"rod\")", "are damaged");
  refused(R"(\"samples\":7)", R"(\"sampled\":7)", "lacks the number samples");
  const std::string between = R"(,\"classes\":35,\"on\":\"labels\",\"id_rule\":\"red\",\"min_area\":0.0156)";
  refused(R"(\"features\":3)" + between + "25", R"(\"features\":3.5)" + between, "are damaged");
  // The number of styles is not read, so its name may give room for longer numbers.
  const std::string counts = R"(\"samples\":7,\"left_out\":3,\"styles\":2)";
  refused(counts, R"(\"samples\":1e300,\"left_out\":3,\"st\":2)", "samples of class 7 is 1e+300, where a whole number");
  refused(counts, R"(\"samples\":7.5,\"left_out\":3,\"styl\":2)", "samples of class 7 is 7.5, where a whole number");
  refused(counts, R"(\"samples\":7,\"left_out\":-3,\"style\":2)", "left_out of class 7 is -3, where a whole number");
  const auto bytes_of = [](std::int64_t first, std::int64_t second) {
    const std::int64_t both[] = {first, second};
    return std::string(reinterpret_cast<const char*>(both), sizeof both);
  };
  refused(bytes_of(5, 2), bytes_of(5, -2), "class.7.counts holds -2");
  refused(R"(class.7.mean)", R"(class.7.moan)", "lacks the array class.7.mean");
  refused(R"(class.7.centres)", R"(class.8.centres)", "lacks the array class.7.centres");
  save_clusters(path, clusters());
  const std::string whole = slurp(path);
  for (std::size_t length = 0; length < whole.size(); length += 13) {
    spill(path, whole.substr(0, length));
    CHECK_THROWS_AS(load_clusters(path), Error);
  }
}
