/// Averaged weights.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>

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
  const Folder folder;
  for (auto& on : all_devices()) {
    CAPTURE(on.name);
    const TrainOptions options{.average = 0.5};
    Run whole(on.device, options), second(on.device, options);
    for (std::uint64_t k = 0; k < 4; ++k) {
      if (k == 2) whole.trainer.save(folder.path / "state");
      whole.trainer.step(batch(on.device, k));
    }
    second.trainer.resume(folder.path / "state");
    for (std::uint64_t k = 2; k < 4; ++k) second.trainer.step(batch(on.device, k));
    const auto one = whole.trainer.averaged_generator(), other = second.trainer.averaged_generator();
    CHECK(whole.state() == second.state());
  }
}

TEST_CASE("a decay out of range is refused") {
  for (const double decay : {-0.1, 1.0, 2.0})
    CHECK_THROWS_WITH_AS(Run(reference(), {.average = decay}), doctest::Contains("less than 1"), Error);
}
