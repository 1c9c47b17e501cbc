#pragma once
/// Small networks, invented batches and a run of them, for the tests of training.

#include <pix2pixhd/training/trainer.hpp>

#include <doctest/doctest.h>
#include <temporary_folder.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace tests {

using namespace pix2pixhd;

using G = Generator<1, GeneratorShape{.in = 5, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1}>;
using D = MultiscaleDiscriminator<2, DiscriminatorShape{.in = 8, .width = 4, .layers = 2}>;

/// Samples `keys`: labels, and pictures that follow from nothing but the key.
inline Batch batch_of(Device& device, const std::vector<std::uint64_t>& keys) {
  constexpr std::size_t height = 16, width = 24;
  auto labels = xt::xtensor<std::uint8_t, 3>::from_shape({keys.size(), height, width});
  auto ids = xt::xtensor<std::int32_t, 3>::from_shape({keys.size(), height, width});
  auto image = xt::xtensor<float, 4>::from_shape({keys.size(), 3, height, width});
  for (std::size_t n = 0; n < keys.size(); ++n) {
    const RandomStream random(keys[n], "sample");
    for (std::size_t i = 0; i < height * width; ++i) {
      const std::size_t at = n * height * width + i;
      labels.data()[at] = static_cast<std::uint8_t>(random.bits(i / width / 5 * 7 + i % width / 5) % 4);
      ids.data()[at] = labels.data()[at] * 1000;
    }
    for (std::size_t i = 0; i < 3 * height * width; ++i)
      image.data()[n * 3 * height * width + i] = static_cast<float>(2 * random.uniform(1000 + i) - 1);
  }
  return {semantic_map(device, labels, ids, 4), upload(device, image), instance_map(device, ids)};
}

inline Batch batch(Device& device, std::uint64_t key) { return batch_of(device, {key}); }

/// The largest difference of two lists, relative to the largest value of the second.
inline double largest_difference(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  double difference = 0, largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    difference = std::max(difference, std::abs(got[i] - expected[i]));
    largest = std::max(largest, std::abs(expected[i]));
  }
  return difference / largest;
}

/// Everything that a run can be told by: all values of the networks, as bytes.
template <class Net>
std::vector<double> values_of(Device& device, Net& network) {
  std::vector<double> all;
  for (const NamedArray& array : named_arrays(network)) {
    std::vector<double> values(array.value->shape().count());
    download<double>(device, *array.value, values);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

struct Run {
  Device device;
  G generator;
  D discriminator;
  Trainer<G, D> trainer;

  Run(Device on, TrainOptions options)
      : device(on), trainer(start(on, generator, discriminator), generator, discriminator, options) {}

  static Device& start(Device& device, G& g, D& d) {
    initialize(device, g, 1);
    initialize(device, d, 2);
    return device;
  }
  std::vector<double> state() {
    auto all = values_of(device, generator);
    const auto more = values_of(device, discriminator);
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  /// Networks, moments and counts, as they are written.
  std::string checkpoint() const {
    const TemporaryFolder folder;
    trainer.save(folder.path() / "state");
    std::ifstream file(folder.path() / "state", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

}  // namespace tests
