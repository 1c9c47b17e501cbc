/// Averaged weights.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <algorithm>
#include <string>

using namespace tests;

TEST_CASE("averages follow their formula, for whoever asks for them") {
  Device device = reference();
  Run run(device, {.average = 0.3});
  std::vector<double> average;
  for (std::uint64_t k = 0; k < 5; ++k) {
    run.trainer.step(batch(device, k));
    const auto values = values_of(device, run.generator);
    const double steps = static_cast<double>(k) + 1, decay = std::min(0.3, (1 + steps) / (10 + steps));
    if (k == 0) average = values;
    for (std::size_t i = 0; i < average.size(); ++i) average[i] += (1 - decay) * (values[i] - average[i]);
  }
  const auto own = values_of(device, run.generator);
  {
    const auto scope = run.trainer.averaged_generator();
    CHECK(largest_difference(values_of(device, run.generator), average) < 1e-12);
    CHECK(largest_difference(values_of(device, run.generator), own) > 1e-6);
  }
  CHECK(values_of(device, run.generator) == own);
}

TEST_CASE("averages change nothing of training") {
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    Run with(on.device, {.average = 0.9}), without(on.device, {});
    for (std::uint64_t k = 0; k < 3; ++k) {
      with.trainer.step(batch(on.device, k));
      without.trainer.step(batch(on.device, k));
      const auto scope = with.trainer.averaged_generator();
    }
    CHECK(with.state() == without.state());
    const auto scope = without.trainer.averaged_generator();  // there are none
    CHECK(with.state() == without.state());
  }
}

TEST_CASE("averages are resumed to the bit") {
  const TemporaryFolder folder;
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    const TrainOptions options{.average = 0.5};
    Run whole(on.device, options), second(on.device, options);
    for (std::uint64_t k = 0; k < 4; ++k) {
      if (k == 2) whole.trainer.save(folder.path() / "state");
      whole.trainer.step(batch(on.device, k));
    }
    second.trainer.resume(folder.path() / "state");
    for (std::uint64_t k = 2; k < 4; ++k) second.trainer.step(batch(on.device, k));
    const auto one = whole.trainer.averaged_generator(), other = second.trainer.averaged_generator();
    CHECK(whole.state() == second.state());
  }
}

TEST_CASE("a checkpoint says where its weights and their averages are, and a file of weights that it is none") {
  const TemporaryFolder folder;
  Device device = cpu({.threads = 1});
  const auto trained = CheckpointWeights::trained, averaged = CheckpointWeights::averaged;
  const auto loaded = [&](const std::string& name, CheckpointWeights weights) {
    G generator;
    const std::string prefix = checkpoint_prefix(*open_tensor_file(folder.path() / name), "G", weights);
    load(device, generator, folder.path() / name, {.prefix = prefix});
    return values_of(device, generator);
  };
  Run with(device, {.average = 0.5}), without(device, {});
  for (Run* run : {&with, &without})
    for (std::uint64_t k = 0; k < 2; ++k) run->trainer.step(batch(device, k));
  with.trainer.save(folder.path() / "with");
  without.trainer.save(folder.path() / "without");
  for (const char* name : {"with", "without"}) {
    CAPTURE(name);
    const auto file = open_tensor_file(folder.path() / name);
    CHECK(is_checkpoint(*file));
    CHECK(checkpoint_has(*file, "G"));
    CHECK(checkpoint_has(*file, "D"));
    CHECK_FALSE(checkpoint_has(*file, "E"));
    CHECK(checkpoint_prefix(*file, "D", averaged) == checkpoint_prefix(*file, "D", trained));
    CHECK(checkpoint_prefix(*file, "G", trained) == "value/G/");  // as files of all versions have it
    CHECK(checkpoint_prefix(*file, "G", averaged) == (name == std::string("with") ? "average/G/" : "value/G/"));
  }
  CHECK(loaded("with", trained) == values_of(device, with.generator));
  CHECK(loaded("without", averaged) == values_of(device, without.generator));
  {
    const auto scope = with.trainer.averaged_generator();
    CHECK(loaded("with", averaged) == values_of(device, with.generator));
    CHECK(loaded("with", trained) != values_of(device, with.generator));
    save(device, with.generator, folder.path() / "alone");
  }
  const auto alone = open_tensor_file(folder.path() / "alone");
  CHECK_FALSE(is_checkpoint(*alone));
  CHECK_FALSE(checkpoint_has(*alone, "G"));
  for (const auto weights : {trained, averaged}) {
    CHECK(checkpoint_prefix(*alone, "G", weights).empty());
    CHECK(loaded("alone", weights) == loaded("with", averaged));
  }
}

TEST_CASE("averages of networks with running statistics are loaded from a checkpoint with these") {
  const TemporaryFolder folder;
  Device device = cpu({.threads = 1});
  using Batched = Generator<0, GeneratorShape{.in = 5, .width = 4, .downsamples = 1, .blocks = 1, .norm = Norm::batch}>;
  Batched generator;
  D discriminator;
  initialize(device, generator, 1);
  initialize(device, discriminator, 2);
  Trainer trainer(device, generator, discriminator, {.average = 0.5});
  for (std::uint64_t k = 0; k < 2; ++k) trainer.step(batch(device, k));
  const std::filesystem::path path = folder.path() / "state";
  trainer.save(path);
  Batched loaded;
  load(device, loaded, path, {.prefix = checkpoint_prefix(*open_tensor_file(path), "G", CheckpointWeights::averaged)});
  {
    const auto scope = trainer.averaged_generator();
    const auto left = named_arrays(loaded), right = named_arrays(generator);
    REQUIRE(left.size() == right.size());
    for (std::size_t i = 0; i < left.size(); ++i)
      CHECK_MESSAGE(download(device, *left[i].value) == download(device, *right[i].value), left[i].name);
  }
  trainer.resume(path);
}

TEST_CASE("a decay out of range is refused") {
  for (const double decay : {-0.1, 1.0, 2.0})
    CHECK_THROWS_WITH_AS(Run(reference(), {.average = decay}), doctest::Contains("less than 1"), Error);
}
