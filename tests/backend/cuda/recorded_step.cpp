// Training steps that are recorded as CUDA graphs: the same as those that are put together, to the bit.
#include "backend/cuda/recording_runs.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace tests;

namespace {

/// Gives the parameter of this name other values, in other memory.
void replace(Device& device, auto& network, const std::string& of, float value) {
  bool found = false;
  for_each_parameter(network, [&](const std::string& name, Parameter& parameter) {
    if (name != of) return;
    found = true;
    const std::vector<float> values(parameter.value.shape().count(), value);
    parameter.value = upload<float>(device, parameter.value.shape(), values, Role::parameter);
  });
  REQUIRE(found);
}

}  // namespace

TEST_CASE("repeated steps are those that are put together, whatever the objective") {
  if (absent()) return;
  Device full = cuda(), half = cuda(0, {.precision = Precision::bf16});
  Vgg19 vgg;
  initialize(full, vgg, 3);
  for (const Device& device : {full, half})
    for (const TrainOptions& options :
         {TrainOptions{}, TrainOptions{.gan = Gan::hinge, .perceptual = &vgg, .average = 0.9},
          TrainOptions{.perceptual = &vgg, .vgg_input = VggInput::corrected},
          TrainOptions{.gan = Gan::vanilla, .discriminator_rate = 2, .recompute = true}}) {
      if (options.perceptual && &device.backend() != &full.backend()) continue;
      CAPTURE(to_string(options.gan));
      Pair pair(device, options);
      pair.steps(4);
      pair.both([](Run& run) { run.trainer.set_learning_rate(1e-3); });
      pair.steps(3);
      CHECK(pair.equal());
    }
}

TEST_CASE("from the third step on a step launches one graph and no kernel, and reads once") {
  const tests::Control control;
  if (!control) return;
  Run run(cuda(), {});
  std::vector<Batch> batches;
  for (std::uint64_t k = 0; k < 6; ++k) batches.push_back(batch(run.device, k));
  Calls calls(control);
  for (const Batch& one : {batches[0], batches[1]}) run.trainer.step(one);
  CHECK(calls.launched() > 0);
  CHECK(calls.repeated() == 0);
  run.trainer.step(batches[2]);
  CHECK(calls.repeated() == 1);
  calls.begin();
  const int reads = control.calls("cuMemcpyDtoHAsync"), waits = control.waits();
  for (std::size_t k = 3; k < 6; ++k) run.trainer.step(batches[k]);
  CHECK(calls.repeated() == 3);
  CHECK(calls.launched() == 0);
  CHECK(control.calls("cuMemcpyDtoHAsync") - reads == 3);
  CHECK(control.waits() - waits <= 3);
}

TEST_CASE("a step whose pictures are scaled for VGG-19 is repeated too") {
  const tests::Control control;
  if (!control) return;
  Vgg19 vgg;
  Device device = cuda();
  initialize(device, vgg, 3);
  Run run(device, {.perceptual = &vgg, .vgg_input = VggInput::corrected});
  const Calls calls(control);
  for (std::uint64_t k = 0; k < 4; ++k) run.trainer.step(batch(run.device, k));
  CHECK(calls.repeated() == 2);
}

TEST_CASE("while a step is under way the next batch is copied, and nobody waits") {
  const tests::Control control;
  if (!control) return;
  for (const bool record : {true, false}) {
    CAPTURE(record);
    Run run(cuda(), {.record = record});
    for (std::uint64_t k = 0; k < 4; ++k) run.trainer.step(batch(run.device, k));
    const Batch now = batch(run.device, 4);
    const Shape photograph{1, 3, 1024, 2048};
    const std::vector<float> pixels(photograph.count());
    int waits = -1;
    run.trainer.step(now, [&] {
      const int before = control.waits();
      upload<float>(run.device, photograph, pixels);
      batch(run.device, 5);
      waits = control.waits() - before;
    });
    CHECK(waits == 0);
  }
}

TEST_CASE("weights of VGG that are changed between repeated steps count") {
  if (absent()) return;
  Device device = cuda();
  Vgg19 vgg;
  initialize(device, vgg, 3);
  Pair pair(device, {.perceptual = &vgg});
  pair.steps(3);
  replace(device, vgg, "features.0.weight", 0.02f);
  pair.steps(1);
  CHECK(pair.equal());
}

TEST_CASE("what is changed between repeated steps counts") {
  if (absent()) return;
  Device device = cuda();
  Pair pair(device, {});
  pair.steps(4);
  SUBCASE("weights that learn, in other memory") {
    pair.both([&](Run& run) { replace(device, run.generator, "model1_1.1.weight", 0.01f); });
  }
  SUBCASE("parts that learn") {
    pair.both([](Run& run) { set_trainable(run.generator.trunk.inner, false); });
    pair.steps(4);
    pair.both([](Run& run) { set_trainable(run.generator.trunk.inner, true); });
  }
  SUBCASE("sizes of batches") {
    for (int turn = 0; turn < 2; ++turn) {
      for (std::uint64_t k = 0; k < 3; ++k) pair.step(batch_of(device, {10 + k, 20 + k}));
      pair.steps(3);
    }
  }
  SUBCASE("a checkpoint that is resumed") {
    const TemporaryFolder folder;
    pair.recording.trainer.save(folder.path() / "state");
    pair.steps(2);
    pair.both([&](Run& run) { run.trainer.resume(folder.path() / "state"); });
  }
  SUBCASE("packed weights that others made in between") { pair.both(use_discriminator); }
  pair.steps(4);
  CHECK(pair.equal());
}

TEST_CASE("packed weights that others made before a step is recorded are part of it all the same") {
  if (absent()) return;
  Pair pair(cuda(), {});
  for (int k = 0; k < 5; ++k) {
    pair.both(use_discriminator);
    pair.steps(1);
  }
  CHECK(pair.equal());
}

TEST_CASE("what a step that is put together refuses of a batch a repeated one refuses, and others follow") {
  if (absent()) return;
  Device device = cuda(), other = cuda();
  const Batch right = batch(device, 9), foreign = batch(other, 9);
  for (const std::uint64_t made : {2u, 4u}) {  // before a step that would be recorded, one that would be repeated
    Pair pair(device, {});
    pair.steps(made);
    const std::string before = pair.recording.checkpoint();
    const auto refused = [&](const Batch& bad, const char* why) {
      CHECK_THROWS_WITH_AS(pair.recording.trainer.step(bad), doctest::Contains(why), Error);
    };
    refused({.map = right.map, .image = to(device, right.image, Role::parameter)}, "is stored as a parameter");
    refused({.map = right.map, .image = foreign.image}, "another device of that name");
    refused({.map = foreign.map, .image = right.image}, "another device of that name");
    CHECK(pair.recording.checkpoint() == before);
    pair.steps(2);
    CHECK(pair.equal());
  }
}

TEST_CASE("a repeated step that is not finite says so, changes nothing, and others follow") {
  if (absent()) return;
  Pair pair(cuda(), {});
  pair.steps(4);
  Batch bad = batch(pair.recording.device, 9);
  auto image = download(pair.recording.device, bad.image);
  image(0, 1, 2, 3) = std::numeric_limits<float>::quiet_NaN();
  bad.image = upload(pair.recording.device, image);
  const std::string before = pair.recording.checkpoint();
  pair.both([&](Run& run) {
    CHECK_THROWS_WITH_AS(run.trainer.step(bad), doctest::Contains("the photograph holds such a value"), Error);
  });
  CHECK(pair.recording.checkpoint() == before);
  pair.steps(3);
  CHECK(pair.equal());
}
