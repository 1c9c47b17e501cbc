// Training steps that are recorded as CUDA graphs: the same as those that are put together, to the bit.
#include "backend/cuda/control.hpp"
#include "training/training_run.hpp"

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace tests;

namespace {

/// Two runs from the same start: one may repeat recorded steps, the other puts each together.
struct Pair {
  Run recording, plain;
  std::uint64_t made = 0;

  Pair(const Device& device, TrainOptions options) : recording(device, options), plain(device, unrecorded(options)) {}

  static TrainOptions unrecorded(TrainOptions options) {
    options.record = false;
    return options;
  }
  /// A step of both on the same batch, with the same losses.
  void step(const Batch& batch) {
    CAPTURE(made);
    ++made;
    const Losses got = recording.trainer.step(batch), expected = plain.trainer.step(batch);
    CHECK(got.gan == expected.gan);
    CHECK(got.matching == expected.matching);
    CHECK(got.perceptual == expected.perceptual);
    CHECK(got.real == expected.real);
    CHECK(got.fake == expected.fake);
  }
  void steps(std::uint64_t count) {
    for (std::uint64_t k = 0; k < count; ++k) step(batch(recording.device, made));
  }
  void both(const std::function<void(Run&)>& f) {
    f(recording);
    f(plain);
  }
  bool equal() const { return recording.checkpoint() == plain.checkpoint(); }
};

bool absent() {
  if (cuda_availability().empty()) return false;
  MESSAGE("left out: ", cuda_availability());
  return true;
}

/// Calls of the stand-in that make steps, since `begin`.
struct Calls {
  const tests::Control& control;
  int kernels = 0, graphs = 0;

  explicit Calls(const tests::Control& of) : control(of) { begin(); }
  void begin() {
    kernels = control.calls("cuLaunchKernel") + control.calls("cudnnBackendExecute");
    graphs = control.calls("cuGraphLaunch");
  }
  int launched() const { return control.calls("cuLaunchKernel") + control.calls("cudnnBackendExecute") - kernels; }
  int repeated() const { return control.calls("cuGraphLaunch") - graphs; }
};

}  // namespace

TEST_CASE("repeated steps are those that are put together, whatever the objective") {
  if (absent()) return;
  Device full = cuda(), half = cuda(0, {.precision = Precision::bf16});
  Vgg19 vgg;
  initialize(full, vgg, 3);
  for (const Device& device : {full, half})
    for (const TrainOptions& options :
         {TrainOptions{}, TrainOptions{.gan = Gan::hinge, .perceptual = &vgg, .average = 0.9},
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
    const Folder folder;
    pair.recording.trainer.save(folder.path / "state");
    pair.steps(2);
    pair.both([&](Run& run) { run.trainer.resume(folder.path / "state"); });
  }
  SUBCASE("packed weights that others made in between") {
    pair.both([&](Run& run) {
      D::Context<Mode::infer> context;
      const Batch one = batch(device, 0);
      run.discriminator.forward(device, join(one.map, one.image), context);
    });
  }
  pair.steps(4);
  CHECK(pair.equal());
}

TEST_CASE("packed weights that others made before a step is recorded are part of it all the same") {
  if (absent()) return;
  Pair pair(cuda(), {});
  for (int k = 0; k < 5; ++k) {
    pair.both([](Run& run) {
      D::Context<Mode::infer> context;
      const Batch one = batch(run.device, 0);
      run.discriminator.forward(run.device, join(one.map, one.image), context);
    });
    pair.steps(1);
  }
  CHECK(pair.equal());
}

TEST_CASE("batches whose sizes keep changing are not recorded again and again") {
  const tests::Control control;
  if (!control) return;
  Pair pair(cuda(), {});
  const int before = control.calls("cuStreamBeginCapture");
  const auto recordings = [&] { return control.calls("cuStreamBeginCapture") - before; };
  for (int turn = 0; turn < 10; ++turn) {
    for (std::uint64_t k = 0; k < 3; ++k) pair.step(batch_of(pair.recording.device, {10 + k, 20 + k}));
    pair.steps(3);
  }
  CHECK(recordings() == 1);
  pair.steps(3);
  CHECK(recordings() == 2);
  pair.steps(70);
  pair.step(batch_of(pair.recording.device, {1, 2}));
  pair.steps(6);
  CHECK(recordings() == 3);
  CHECK(pair.equal());
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

TEST_CASE("a step that cannot be recorded is put together each time") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  for (const std::string function :
       {"cuStreamBeginCapture", "cudnnBackendExecute", "cuLaunchKernel", "cuStreamEndCapture", "cuGraphInstantiate"}) {
    CAPTURE(function);
    Pair pair(device, {});
    pair.steps(2);
    const Batch third = batch(device, pair.made);
    Calls calls(control);
    control.fail(function.c_str(), function == "cuLaunchKernel" ? 200 : 0, 900);
    pair.step(third);
    pair.steps(2);
    CHECK(calls.repeated() == 0);
    CHECK(pair.equal());
  }
}

TEST_CASE("a recorded step holds the memory of a step, and is not made where as much again is not free") {
  const tests::Control control;
  if (!control) return;
  const std::size_t before = control.allocated();
  std::size_t plain = 0, recorded = 0;
  for (const bool record : {false, true}) {
    Run run(cuda(), {.record = record});
    for (std::uint64_t k = 0; k < 5; ++k) run.trainer.step(batch(run.device, k));
    (record ? recorded : plain) = control.allocated() - before;
  }
  const std::size_t inputs = std::size_t{16} * 24 * (2 + 8 * 4);
  CHECK(recorded <= plain + plain / 20 + inputs + (std::size_t{64} << 10));

  control.set_memory(before + plain + plain / 10);
  Pair pair(cuda(), {});
  Calls calls(control);
  for (std::uint64_t k = 0; k < 5; ++k) pair.recording.trainer.step(batch(pair.recording.device, k));
  CHECK(calls.repeated() == 0);
  control.set_memory(std::size_t{4} << 30);
  for (std::uint64_t k = 0; k < 5; ++k) pair.plain.trainer.step(batch(pair.plain.device, k));
  CHECK(pair.equal());
}

TEST_CASE("where no memory is kept, what is given up while a step is recorded goes back after it") {
  const tests::Control control;
  if (!control) return;
  const std::size_t before = control.allocated();
  setenv("PIX2PIXHD_NO_MEMORY_CACHE", "1", 1);
  {
    Run run(cuda(), {});
    const Calls calls(control);
    for (std::uint64_t k = 0; k < 5; ++k) run.trainer.step(batch(run.device, k));
    CHECK(calls.repeated() == 3);
  }
  unsetenv("PIX2PIXHD_NO_MEMORY_CACHE");
  CHECK(control.allocated() == before);
}

TEST_CASE("steps in which the host decides something are not recorded") {
  const tests::Control control;
  if (!control) return;
  const auto own_loss = [](Device& on, const Tensor& fake, const Tensor& real, double weight) {
    return absolute_difference(on, fake, real, weight);
  };
  const Device unlimited = cuda(), limited = cuda(0, {.budget = std::size_t{1} << 30});
  Calls calls(control);
  for (const TrainOptions& options :
       {TrainOptions{.pool = 2}, TrainOptions{.keep_gradients = true}, TrainOptions{.own_loss = own_loss},
        TrainOptions{.record = false}, TrainOptions{}}) {
    Run run(options.record && !options.own_loss && !options.keep_gradients && options.pool == 0 ? limited : unlimited,
            options);
    for (std::uint64_t k = 0; k < 4; ++k) run.trainer.step(batch(run.device, k));
  }
  CHECK(calls.repeated() == 0);
}
