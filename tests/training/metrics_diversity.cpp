/// How much pictures of one map differ.

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/training/metrics_diversity.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <vector>

using namespace pix2pixhd;

namespace {

constexpr std::size_t height = 3, width = 4;

ClassArray halves() {
  ClassArray labels = ClassArray::from_shape({1, height, width});
  for (std::size_t i = 0; i < labels.size(); ++i) labels.data()[i] = i % width < 2 ? 0 : 2;
  labels.data()[0] = 255;
  return labels;
}

PictureArray noise(std::uint64_t seed) {
  PictureArray picture = PictureArray::from_shape({1, 3, height, width});
  const RandomStream random(seed, "noise");
  for (std::size_t i = 0; i < picture.size(); ++i) picture.data()[i] = static_cast<float>(2 * random.uniform(i) - 1);
  return picture;
}

}  // namespace

TEST_CASE("the diversity is the mean over pairs, class by class") {
  const ClassArray labels = halves();
  const std::vector<PictureArray> pictures = {noise(1), noise(2), noise(3), noise(4)};
  Diversity diversity(3);
  diversity.add(labels, pictures);
  double sums[3] = {}, counts[3] = {}, sum = 0, count = 0;
  for (std::size_t a = 0; a < pictures.size(); ++a)
    for (std::size_t b = 0; b < a; ++b)
      for (std::size_t i = 0; i < pictures[a].size(); ++i) {
        const std::size_t label = labels.data()[i % (height * width)];
        const double difference =
            std::abs(static_cast<double>(pictures[a].data()[i]) - static_cast<double>(pictures[b].data()[i]));
        sum += difference;
        ++count;
        if (label == 255) continue;
        sums[label] += difference;
        ++counts[label];
      }
  CHECK(*diversity.of_class(0) == doctest::Approx(127.5 * sums[0] / counts[0]));
  CHECK(*diversity.of_class(2) == doctest::Approx(127.5 * sums[2] / counts[2]));
  CHECK_FALSE(diversity.of_class(1));
  CHECK(*diversity.all() == doctest::Approx(127.5 * sum / count));
}

TEST_CASE("equal pictures have none, black and white 255") {
  Diversity none(3), most(3);
  none.add(halves(), {noise(1), noise(1)});
  CHECK(*none.all() == 0);
  PictureArray black = noise(1), white = noise(1);
  black.fill(-1);
  white.fill(1);
  most.add(halves(), {black, white});
  CHECK(*most.of_class(2) == doctest::Approx(255));
  most.add(halves(), {black, black});
  CHECK(*most.of_class(2) == doctest::Approx(255.0 / 2));
}

TEST_CASE("what cannot be compared is refused") {
  Diversity diversity(3);
  CHECK_FALSE(diversity.all());
  CHECK_THROWS_WITH_AS(diversity.add(halves(), {noise(1)}), doctest::Contains("1 picture was given"), Error);
  CHECK_THROWS_WITH_AS(diversity.add(halves(), {noise(1), PictureArray::from_shape({1, 3, 3, 3})}),
                       doctest::Contains("a picture is 3 x 3 pixels, its label map 4 x 3"), Error);
  CHECK_FALSE(diversity.all());
  CHECK_THROWS_WITH_AS(diversity.of_class(3), doctest::Contains("there are 3"), Error);
  CHECK_THROWS_AS(Diversity(0), Error);
}
