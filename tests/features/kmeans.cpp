/// K-means: beside scikit-learn's, on few, equal and many samples, and errors.

#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/features/kmeans.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace pix2pixhd;

namespace {

/// The cases that tests/golden/make_clusters.py wrote.
struct Golden {
  std::unique_ptr<TensorFile> file = open_tensor_file(std::string(PIX2PIXHD_TEST_DATA) + "/clusters.safetensors");

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const TensorEntry& entry : file->entries())
      if (entry.name.ends_with("/features")) all.push_back(entry.name.substr(0, entry.name.find('/')));
    return all;
  }
  std::vector<double> read(const std::string& name) const {
    std::vector<double> values(file->count(*file->find(name)));
    file->read(*file->find(name), std::span(values));
    return values;
  }
};

/// The inertia that centres and assignment stand for, from scratch.
double inertia_of(const std::vector<float>& samples, const KMeans& found) {
  double sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t cluster = found.assignment[i / found.dimensions];
    const double difference =
        static_cast<double>(samples[i]) - static_cast<double>(found.centre(cluster)[i % found.dimensions]);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

TEST_CASE("the inertia is scikit-learn's within 1 %") {
  const Golden golden;
  int compared = 0;
  for (const std::string& name : golden.names()) {
    CAPTURE(name);
    const std::vector<double> features = golden.read(name + "/features"), clusters = golden.read(name + "/clusters"),
                              expected = golden.read(name + "/inertia");
    const auto dimensions = static_cast<std::size_t>(golden.file->find(name + "/features")->shape[1]);
    const std::vector<float> samples(features.begin(), features.end());
    const double total = golden.read(name + "/total").front();
    for (std::size_t i = 0; i < clusters.size(); ++i) {
      const int count = static_cast<int>(clusters[i]);
      CAPTURE(count);
      for (std::uint64_t seed = 1; seed < 5; ++seed)
        CHECK(kmeans(samples, dimensions, {.clusters = count, .seed = seed}).inertia <=
              1.01 * expected[i] + 1e-9 * total);
      const KMeans found = kmeans(samples, dimensions, {.clusters = count});
      CHECK(found.clusters() == static_cast<std::size_t>(count));
      CHECK(found.inertia <= 1.01 * expected[i] + 1e-9 * total);
      CHECK(found.inertia == doctest::Approx(inertia_of(samples, found)).epsilon(1e-5));
      CHECK(found.total == doctest::Approx(total).epsilon(1e-9));
      CHECK(found.explained_variance() == doctest::Approx(1 - found.inertia / total));
      ++compared;
    }
  }
  CHECK(compared == 24);
}

TEST_CASE("every sample is in the nearest cluster, every cluster is the mean of its samples, the largest comes first") {
  const Golden golden;
  const std::vector<double> features = golden.read("uniform/features");
  const std::vector<float> samples(features.begin(), features.end());
  const KMeans found = kmeans(samples, 3, {.clusters = 7, .seed = 3});
  const std::size_t count = samples.size() / 3;
  CHECK(std::is_sorted(found.counts.rbegin(), found.counts.rend()));
  CHECK(std::accumulate(found.counts.begin(), found.counts.end(), std::int64_t{0}) == static_cast<std::int64_t>(count));
  std::vector<double> sums(7 * 3, 0.0);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<double> distances;
    for (std::size_t c = 0; c < 7; ++c) {
      double distance = 0;
      for (std::size_t f = 0; f < 3; ++f)
        distance += std::pow(static_cast<double>(samples[3 * i + f]) - static_cast<double>(found.centre(c)[f]), 2);
      distances.push_back(distance);
    }
    CHECK(distances[found.assignment[i]] <= *std::min_element(distances.begin(), distances.end()) + 1e-6);
    for (std::size_t f = 0; f < 3; ++f) sums[3 * found.assignment[i] + f] += static_cast<double>(samples[3 * i + f]);
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    CHECK(sums[i] / static_cast<double>(found.counts[i / 3]) ==
          doctest::Approx(static_cast<double>(found.centres[i])).epsilon(1e-5));
}

TEST_CASE("a seed gives the same clusters, more restarts never worse ones") {
  const Golden golden;
  const std::vector<double> features = golden.read("uniform/features");
  const std::vector<float> samples(features.begin(), features.end());
  const KMeans first = kmeans(samples, 3, {.seed = 5}), again = kmeans(samples, 3, {.seed = 5});
  CHECK(first.centres == again.centres);
  CHECK(first.assignment == again.assignment);
  const double one = kmeans(samples, 3, {.seed = 5, .restarts = 1}).inertia;
  CHECK(kmeans(samples, 3, {.seed = 5, .restarts = 40}).inertia <= one);
}

TEST_CASE("there are no more clusters than distinct samples") {
  const std::vector<float> samples = {0.5f, 0.5f, 0.5f, -0.25f, -0.25f};
  const KMeans found = kmeans(samples, 1);
  CHECK(found.clusters() == 2);
  CHECK(found.centres == std::vector<float>{0.5f, -0.25f});
  CHECK(found.counts == std::vector<std::int64_t>{3, 2});
  CHECK(found.explained_variance() == doctest::Approx(1));
  const std::vector<float> one = {0.1f, 0.2f};
  CHECK(kmeans(one, 2).clusters() == 1);
  CHECK(kmeans(one, 2).explained_variance() == 1);
}

TEST_CASE("one cluster explains no variance, and never less") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const RandomStream random(seed, "samples");
    std::vector<float> samples(60);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(random.uniform(i));
    const double explained = kmeans(samples, 3, {.clusters = 1, .seed = seed}).explained_variance();
    CHECK(explained >= 0);
    CHECK(explained < 1e-9);
  }
}

TEST_CASE("no cluster is empty, whatever the seeding") {
  // Many equal samples and few others: seedings that fall into the crowd leave clusters without samples.
  std::vector<float> samples(400, 0.0f);
  for (int i = 0; i < 12; ++i) samples.push_back(1e-6f * static_cast<float>(i + 1));
  for (int i = 0; i < 5; ++i) samples.push_back(0.5f + 0.1f * static_cast<float>(i));
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    CAPTURE(seed);
    const KMeans found = kmeans(samples, 1, {.clusters = 8, .seed = seed, .restarts = 1});
    CHECK(found.clusters() == 8);
    const std::set<std::size_t> used(found.assignment.begin(), found.assignment.end());
    CHECK(used.size() == 8);
    CHECK(*std::min_element(found.counts.begin(), found.counts.end()) > 0);
  }
}

TEST_CASE("samples that are none are refused in a sentence") {
  const std::vector<float> good = {1, 2, 3, 4}, bad = {1, std::numeric_limits<float>::infinity()};
  CHECK_THROWS_WITH_AS(kmeans({}, 1), doctest::Contains("0 values are no samples"), Error);
  CHECK_THROWS_WITH_AS(kmeans(good, 3), doctest::Contains("4 values are no samples of 3 values"), Error);
  CHECK_THROWS_WITH_AS(kmeans(bad, 1), doctest::Contains("infinite or not a number"), Error);
  CHECK_THROWS_WITH_AS(kmeans(good, 1, {.clusters = 0}), doctest::Contains("must be at least 1"), Error);
}
