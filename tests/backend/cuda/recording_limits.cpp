// Which training steps are recorded as CUDA graphs and which are not, and what memory that takes.
#include "backend/cuda/recording_runs.hpp"

#include <pix2pixhd/backend/cuda/cuda_backend.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace tests;

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
    CHECK(dynamic_cast<CudaBackend&>(run.device.backend()).device_memory().held() == control.allocated() - before);
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

TEST_CASE("what was derived from weights in a recorded step keeps none of its memory") {
  const tests::Control control;
  if (!control) return;
  std::vector<std::uint64_t> keys;  // pictures beside which weights are small
  for (std::uint64_t k = 0; k < 24; ++k) keys.push_back(k);
  std::size_t peak = 0, gone[2];
  for (const bool record : {false, true}) {  // a trainer that is gone, while its networks stay
    Device device = cuda();
    G generator;
    D discriminator;
    Run::start(device, generator, discriminator);
    const std::size_t before = control.allocated();
    {
      Trainer trainer(device, generator, discriminator, {.record = record});
      for (int k = 0; k < 5; ++k) trainer.step(batch_of(device, keys));
      if (!record) peak = control.allocated() - before;
    }
    dynamic_cast<CudaBackend&>(device.backend()).device_memory().release();
    gone[record] = control.allocated() - before;
  }
  CHECK(gone[true] <= gone[false]);

  // Recordings that are refused, because memory is short.
  for (const std::size_t percent : {110u, 130u, 150u, 170u, 190u}) {
    CAPTURE(percent);
    Device device = cuda();
    G generator;
    D discriminator;
    Run::start(device, generator, discriminator);
    control.set_memory(control.allocated() + peak * percent / 100);
    Trainer trainer(device, generator, discriminator, {});
    for (int k = 0; k < 5; ++k) CHECK_NOTHROW(trainer.step(batch_of(device, keys)));
    control.set_memory(std::size_t{4} << 30);
  }
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
