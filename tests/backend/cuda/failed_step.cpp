// Training steps on the CUDA backend of which a call fails.
#include "backend/cuda/recording_runs.hpp"

#include <string>

using namespace tests;

namespace {

constexpr int out_of_memory = 2, unknown_error = 999;

/// Has call number `at` of `function` fail in step number `step`, from 0 on. If the step succeeds all the same, it must
/// be like one without failures. Returns whether the call was made.
bool survives(const Control& control, Device& device, const std::string& function, int at, int step) {
  Pair pair(device, {});
  pair.steps(static_cast<std::uint64_t>(step));
  const Batch now = batch(device, pair.made);
  const int made = control.calls(function.c_str());
  control.fail(function.c_str(), at, function == "cuMemAlloc" ? out_of_memory : unknown_error);
  bool failed = false;
  try {
    pair.recording.trainer.step(now);
  } catch (const Error&) {
    failed = true;
  }
  const bool reached = control.calls(function.c_str()) - made > at;
  control.fail("", 0, 0);
  if (failed) return reached;  // some weights may have been updated, some not
  pair.plain.trainer.step(now);
  CAPTURE(function);
  CAPTURE(at);
  CHECK(pair.equal());
  return reached;
}

}  // namespace

TEST_CASE("an update that fails while a step is recorded is not counted") {
  const tests::Control control;
  if (!control) return;
  Device device = cuda();
  for (const std::string function : {"cuLaunchKernel", "cuMemcpyHtoDAsync", "cuMemAlloc"})
    for (int at = 0; survives(control, device, function, at, 2); at += function == "cuLaunchKernel" ? 7 : 1)
      REQUIRE(at < 1000);
}

TEST_CASE("a repetition that fails is not counted") {
  const tests::Control control;
  if (!control) return;
  Pair pair(cuda(), {.average = 0.9});
  pair.steps(4);
  const Batch now = batch(pair.recording.device, pair.made);
  const std::string before = pair.recording.checkpoint();
  for (const char* function : {"cuMemcpyDtoDAsync", "cuGraphLaunch"}) {
    control.fail(function, 0, unknown_error);
    CHECK_THROWS_AS(pair.recording.trainer.step(now), Error);
    CHECK(pair.recording.checkpoint() == before);
  }
  pair.step(now);
  pair.steps(2);
  CHECK(pair.equal());
}
