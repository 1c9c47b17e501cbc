// Which of several plans of a convolution is taken.
#include "backend/cuda/control.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/cuda_backend.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>
#include <pix2pixhd/backend/cuda/plan_choice.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

using namespace pix2pixhd;
using namespace pix2pixhd::backend_cuda;

namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20;

/// x and y of 16 MB, a filter of 144 kB.
const ConvolutionProblem problem{
    .n = 1, .in = 64, .h = 256, .w = 256, .out = 64, .out_h = 256, .out_w = 256, .kernel = 3, .padding = 1};

std::size_t chosen(const std::vector<std::size_t>& workspaces, const std::vector<double>& seconds) {
  return chosen_plan(problem, workspaces, seconds);
}

/// A cache of its own while it lives; an empty name turns the cache off.
struct Cache {
  std::string folder;
  explicit Cache(const std::string& name) {
    if (!name.empty()) folder = (std::filesystem::temp_directory_path() / name).string();
    if (!folder.empty()) std::filesystem::remove_all(folder);
    if (const char* set = std::getenv("PIX2PIXHD_CACHE")) before = set;
    setenv("PIX2PIXHD_CACHE", folder.c_str(), 1);
  }
  ~Cache() {
    setenv("PIX2PIXHD_CACHE", before.c_str(), 1);
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }
  std::string before;
};

const ConvolutionProblem small{.in = 8, .h = 6, .w = 6, .out = 8, .out_h = 4, .out_w = 4, .kernel = 3};

const ConvolutionPlan& plan_of(Device& device) {
  return dynamic_cast<CudaBackend&>(device.backend()).queue().plan(small);
}

/// Runs a convolution on `device` and returns the number of the engine that cuDNN used.
int engine_used(const tests::Control& control, Device& device) {
  CudaQueue& queue = dynamic_cast<CudaBackend&>(device.backend()).queue();
  const ConvolutionPlan& plan = plan_of(device);
  const auto room = [&](std::size_t floats) { return device.backend().allocate(floats * sizeof(float)); };
  const auto x = room(small.x().count()), filter = room(small.filter().count()), y = room(small.y().count());
  const auto workspace = device.backend().allocate(plan.workspace);
  queue.convolve(plan, {.x = x->mutable_data(),
                        .filter = filter->mutable_data(),
                        .y = y->mutable_data(),
                        .workspace = workspace->mutable_data()});
  queue.stream().synchronise();
  return control.last_engine();
}

}  // namespace

TEST_CASE("without times the first plan with a modest workspace is taken, else the one with the smallest") {
  CHECK(chosen({20 * megabyte, 16 * megabyte, 0}, {}) == 1);
  CHECK(chosen({40 * megabyte, 20 * megabyte, 30 * megabyte}, {}) == 1);
}

TEST_CASE("with times the fastest plan is taken whose workspace is worth it") {
  const double never = std::numeric_limits<double>::infinity();
  CHECK(chosen({0, 0, 0}, {3, 2, 2.5}) == 1);
  CHECK(chosen({0, 0, 0}, {2, 1.99, 1.98}) == 0);  // hardly faster
  CHECK(chosen({0, 0, 0}, {never, 2, 3}) == 1);    // the first does not run
  CHECK(chosen({0, 30 * megabyte}, {2, 1.5}) == 0);
  CHECK(chosen({0, 30 * megabyte}, {2, 1}) == 1);
  CHECK(chosen({0, 60 * megabyte}, {2, 1}) == 0);  // more than x, y and the filter
  CHECK(chosen({60 * megabyte, 50 * megabyte}, {1, 2}) == 1);
  CHECK(chosen({60 * megabyte, 30 * megabyte}, {1, 2}) == 1);
  CHECK(chosen({0, 0}, {never, never}) == 0);
}

TEST_CASE("plans are timed where the choice can be kept, and the choice is kept") {
  const tests::Control control;
  if (!control) return;
  control.set_engines(3);  // the last takes least
  {
    const Cache off("");
    Device same = cuda();
    CHECK(engine_used(control, same) == 0);  // another run might choose otherwise
    Device free = cuda(0, {.deterministic = false});
    CHECK(engine_used(control, free) == 2);
  }
  const Cache cache("pix2pixhd_plan_timing");
  Device device = cuda();
  const std::size_t allocated = control.allocated();
  const int executed = control.calls("cudnnBackendExecute");
  CHECK(engine_used(control, device) == 2);
  CHECK(control.calls("cudnnBackendExecute") > executed + 3);
  CHECK(dynamic_cast<CudaBackend&>(device.backend()).device_memory().held() > 0);
  const int after = control.calls("cudnnBackendExecute");
  CHECK(engine_used(control, device) == 2);
  CHECK(control.calls("cudnnBackendExecute") == after + 1);  // known now
  dynamic_cast<CudaBackend&>(device.backend()).device_memory().release();
  CHECK(control.allocated() == allocated);
  control.set_engines(1);
}

TEST_CASE("where memory is too short to time plans the first that the heuristics propose is taken") {
  const tests::Control control;
  if (!control) return;
  const Cache cache("pix2pixhd_plan_timing");
  control.set_engines(2);
  Device device = cuda();
  control.set_memory(control.allocated());
  plan_of(device);
  control.set_memory(std::size_t{4} << 30);
  CHECK(engine_used(control, device) == 0);
  control.set_engines(1);
}

TEST_CASE("memory that is kept for tensors goes back where plans could not be timed otherwise") {
  const tests::Control control;
  if (!control) return;
  const Cache cache("pix2pixhd_plan_timing");
  control.set_engines(2);
  Device device = cuda();
  device.empty({1, 8, 512, 512});
  control.set_memory(control.allocated());
  plan_of(device);
  control.set_memory(std::size_t{4} << 30);
  CHECK(engine_used(control, device) == 1);
  control.set_engines(1);
}
