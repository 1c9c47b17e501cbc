/// From one depth to the next: what survives when a generator grows.

#include "../devices.hpp"
#include "training_run.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace tests;

namespace {

constexpr GeneratorShape shape{.in = 5, .width = 8, .downsamples = 1, .blocks = 1, .local_blocks = 1};

}  // namespace

TEST_CASE("moments, averages and the discriminator survive the growth of the generator") {
  const TemporaryFolder folder;
  Device device = reference();
  const TrainOptions options{.average = 0.5};
  Generator<0, shape> small;
  D discriminator;
  initialize(device, small, 1);
  initialize(device, discriminator, 2);
  Trainer earlier(device, small, discriminator, options);
  for (std::uint64_t k = 0; k < 3; ++k) earlier.step(batch(device, k));
  earlier.save(folder.path() / "small");
  const auto inner = values_of(device, small.trunk), d = values_of(device, discriminator);

  auto grown = grow(device, std::move(small), 9);
  Trainer trainer(device, grown, discriminator, options);
  trainer.carry_over(std::move(earlier));
  CHECK(trainer.steps() == 3);
  CHECK(values_of(device, grown.trunk.inner) == inner);
  CHECK(values_of(device, discriminator) == d);

  // The checkpoints tell what was carried over: all of D, and of G what both depths have.
  trainer.save(folder.path() / "grown");
  const auto before = open_tensor_file(folder.path() / "small"), after = open_tensor_file(folder.path() / "grown");
  std::size_t carried = 0, dropped = 0;
  for (const TensorEntry& entry : before->entries()) {
    const std::string& name = entry.name;
    const bool moment = name.starts_with("m/") || name.starts_with("v/") || name.starts_with("step/");
    if (!moment && !name.starts_with("average/")) continue;
    CAPTURE(name);
    const bool of_head = name.find("G/model.12.") != std::string::npos;
    const TensorEntry* same = after->find(name);
    CHECK((same == nullptr) == of_head);
    ++(of_head ? dropped : carried);
    if (!same) continue;
    REQUIRE(same->shape == entry.shape);
    std::vector<double> expected(before->count(entry)), got(after->count(*same));
    before->read(entry, expected);
    after->read(*same, got);
    CHECK(expected == got);
  }
  CHECK(carried > 40);
  CHECK(dropped > 0);

  // The inner network frozen, then freed: its moments go on counting where they were.
  const auto counted = [&](const std::string& name) {
    trainer.save(folder.path() / "grown");
    const auto file = open_tensor_file(folder.path() / "grown");
    std::vector<double> steps(1);
    file->read(*file->find("step/" + name), steps);
    return steps[0];
  };
  set_trainable(grown.trunk.inner, false);
  trainer.step(batch(device, 3));
  CHECK(values_of(device, grown.trunk.inner) == inner);
  CHECK(counted("G/model.1.weight") == 3);
  CHECK(counted("G/model1_1.1.weight") == 1);
  CHECK(counted("D/scale0_layer0.0.weight") == 4);
  set_trainable(grown.trunk.inner, true);
  trainer.step(batch(device, 4));
  CHECK(values_of(device, grown.trunk.inner) != inner);
  CHECK(counted("G/model.1.weight") == 4);
  Trainer again(device, grown, discriminator, options);
  CHECK_NOTHROW(again.resume(folder.path() / "grown"));
}

TEST_CASE("the averages of what was grown count their own updates, also when they are resumed") {
  const TemporaryFolder folder;
  Device device = reference();
  const TrainOptions options{.average = 0.999};
  Generator<0, shape> small;
  D discriminator;
  initialize(device, small, 1);
  initialize(device, discriminator, 2);
  Trainer earlier(device, small, discriminator, options);
  for (std::uint64_t k = 0; k < 5; ++k) earlier.step(batch(device, k));
  auto grown = grow(device, std::move(small), 9);
  Trainer first(device, grown, discriminator, options), second(device, grown, discriminator, options);
  first.carry_over(std::move(earlier));

  std::vector<double> inner, front;
  const auto follow = [&](auto& trainer, int k) {
    trainer.step(batch(device, static_cast<std::uint64_t>(5 + k)));
    const auto follow_one = [&](auto& network, std::vector<double>& average, int t) {
      const auto values = values_of(device, network);
      if (average.empty()) average = values;
      for (std::size_t i = 0; i < average.size(); ++i)
        average[i] += (1 - std::min(0.999, (1.0 + t) / (10.0 + t))) * (values[i] - average[i]);
    };
    if (k > 0) follow_one(grown.trunk.inner, inner, 6 + k);  // what it was before is not known here
    follow_one(grown.trunk.front, front, 1 + k);
    const auto scope = trainer.averaged_generator();
    if (k == 0) inner = values_of(device, grown.trunk.inner);
    CHECK(largest_difference(values_of(device, grown.trunk.inner), inner) < 1e-12);
    CHECK(largest_difference(values_of(device, grown.trunk.front), front) < 1e-12);
  };
  for (int k = 0; k < 3; ++k) follow(first, k);
  first.save(folder.path() / "state");
  second.resume(folder.path() / "state");
  for (int k = 3; k < 5; ++k) follow(second, k);
}
