/// Resuming, pools, encoders, freezing and errors of the trainer. Equality with PyTorch is tests/golden/training.cpp.

#include "../devices.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/training/trainer.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

using namespace pix2pixhd;

namespace {

using G = Generator<1, GeneratorShape{.in = 5, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1}>;
using D = MultiscaleDiscriminator<2, DiscriminatorShape{.in = 8, .width = 4, .layers = 2}>;

/// A folder that is gone after the test.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "pix2pixhd-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

/// Sample `k`: labels and a picture that follow from it.
Batch batch(Device& device, std::uint64_t k) {
  const RandomStream random(k, "sample");
  auto labels = xt::xtensor<std::uint8_t, 2>::from_shape({16, 24});
  auto ids = xt::xtensor<std::int32_t, 2>::from_shape({16, 24});
  auto image = xt::xtensor<float, 4>::from_shape({1, 3, 16, 24});
  for (std::size_t i = 0; i < labels.size(); ++i) {
    labels.data()[i] = static_cast<std::uint8_t>(random.bits(i / 24 / 5 * 7 + i % 24 / 5) % 4);
    ids.data()[i] = labels.data()[i] * 1000;
  }
  for (std::size_t i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(2 * random.uniform(1000 + i) - 1);
  return {semantic_map(device, labels, ids, 4), upload(device, image), instance_map(device, ids)};
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
};

}  // namespace

TEST_CASE("a resumed run goes on bit for bit") {
  const Folder folder;
  for (auto& on : tests::all_devices())
    for (const int pool : {0, 2}) {
      CAPTURE(on.name);
      CAPTURE(pool);
      const TrainOptions options{.pool = pool, .seed = 5};
      Run whole(on.device, options), first(on.device, options), second(on.device, options);
      std::vector<float> expected, got;
      for (std::uint64_t k = 0; k < 8; ++k) {
        if (k == 6) whole.trainer.set_learning_rate(1e-4f);
        expected.push_back(whole.trainer.step(batch(on.device, k)).gan);
      }
      for (std::uint64_t k = 0; k < 4; ++k) got.push_back(first.trainer.step(batch(on.device, k)).gan);
      first.trainer.save(folder.path / "state", {{"sampler", "4 of 8"}});
      const CheckpointSections sections = second.trainer.resume(folder.path / "state");
      CHECK(sections == CheckpointSections{{"sampler", "4 of 8"}});
      CHECK(second.trainer.steps() == 4);
      for (std::uint64_t k = 4; k < 8; ++k) {
        if (k == 6) second.trainer.set_learning_rate(1e-4f);
        got.push_back(second.trainer.step(batch(on.device, k)).gan);
      }
      CHECK(expected == got);
      CHECK(whole.state() == second.state());
    }
}

TEST_CASE("the learning rate is resumed, not started anew") {
  const Folder folder;
  Run first(reference(), {}), second(reference(), {});
  first.trainer.step(batch(first.device, 0));
  first.trainer.set_learning_rate(1e-5f);
  first.trainer.save(folder.path / "state");
  second.trainer.resume(folder.path / "state");
  first.trainer.step(batch(first.device, 1));
  second.trainer.step(batch(second.device, 1));
  CHECK(first.state() == second.state());
}

TEST_CASE("releasing gradients early changes nothing") {
  for (auto& on : tests::all_devices()) {
    CAPTURE(on.name);
    Run keeping(on.device, {.keep_gradients = true}), releasing(on.device, {.keep_gradients = false});
    for (std::uint64_t k = 0; k < 3; ++k)
      for (Run* run : {&keeping, &releasing}) run->trainer.step(batch(on.device, k));
    CHECK(keeping.state() == releasing.state());
    for_each_parameter(releasing.generator, [](const std::string& name, Parameter& parameter) {
      CAPTURE(name);
      CHECK(parameter.grad.empty());
    });
  }
}

TEST_CASE("frozen parts stay, keep their moments, and go on when they are freed") {
  Device device = reference();
  Run run(device, {});
  run.trainer.step(batch(device, 0));
  set_trainable(run.generator.trunk.inner, false);
  const auto inner = values_of(device, run.generator.trunk.inner), outer = values_of(device, run.generator.trunk.front);
  run.trainer.step(batch(device, 1));
  CHECK(values_of(device, run.generator.trunk.inner) == inner);
  CHECK(values_of(device, run.generator.trunk.front) != outer);
  set_trainable(run.generator.trunk.inner, true);
  run.trainer.step(batch(device, 2));
  CHECK(values_of(device, run.generator.trunk.inner) != inner);
}

TEST_CASE("a perceptual loss joins in, parity and corrected") {
  Device device = cpu({.threads = 2});
  Vgg19 vgg;
  initialize(device, vgg, 3);
  for (const VggInput input : {VggInput::parity, VggInput::corrected}) {
    Run run(device, {.perceptual = &vgg, .vgg_input = input});
    const Losses losses = run.trainer.step(batch(device, 0));
    CHECK(losses.perceptual > 0);
  }
  Run run(device, {});
  CHECK(run.trainer.step(batch(device, 0)).perceptual == 0);
}

TEST_CASE("a value that is not finite stops training before any weight changes") {
  Device device = reference();
  Run run(device, {});
  Batch poisoned = batch(device, 0);
  auto image = download(device, poisoned.image);
  image(0, 1, 2, 3) = std::numeric_limits<float>::quiet_NaN();
  poisoned.image = upload(device, image);
  const auto before = run.state();
  CHECK_THROWS_WITH_AS(run.trainer.step(poisoned), doctest::Contains("not finite"), Error);
  CHECK(run.state() == before);
  CHECK(run.trainer.steps() == 0);
}

TEST_CASE("resuming from what does not fit changes nothing") {
  const Folder folder;
  Device device = reference();
  Run run(device, {});
  run.trainer.step(batch(device, 0));
  const auto before = run.state();
  run.trainer.save(folder.path / "good");

  SUBCASE("another objective") {
    Run other(device, {.gan = Gan::hinge});
    CHECK_THROWS_WITH_AS(other.trainer.resume(folder.path / "good"), doctest::Contains("another training run"), Error);
  }
  SUBCASE("weights alone") {
    std::ofstream(folder.path / "text") << "no checkpoint";
    CHECK_THROWS_AS(run.trainer.resume(folder.path / "text"), Error);
  }
  SUBCASE("cut off anywhere") {
    const auto size = std::filesystem::file_size(folder.path / "good");
    for (const std::uintmax_t part : {std::uintmax_t{0}, size / 100, size / 3, size - 1}) {
      std::filesystem::copy_file(folder.path / "good", folder.path / "cut",
                                 std::filesystem::copy_options::overwrite_existing);
      std::filesystem::resize_file(folder.path / "cut", part);
      CHECK_THROWS_AS(run.trainer.resume(folder.path / "cut"), Error);
    }
  }
  CHECK(run.state() == before);
}
