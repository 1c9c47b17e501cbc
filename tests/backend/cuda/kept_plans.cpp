// Which plan of a convolution the processes that share a cache take.
#include "backend/cuda/control.hpp"
#include "backend/cuda/libraries/places.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/context.hpp>
#include <pix2pixhd/backend/cuda/convolution_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

using namespace pix2pixhd::backend_cuda;
namespace fs = std::filesystem;

namespace {

const ConvolutionProblem problem{.in = 8, .h = 6, .w = 6, .out = 8, .out_h = 4, .out_w = 4, .kernel = 3};

/// A device for which cuDNN proposes three plans, and a folder for a cache.
struct Place {
  const tests::Control& control;
  CudaContext context{0};
  CudaContext::Use use{context};
  cudnn::Handle handle = nullptr;
  tests::Folder folder;

  explicit Place(const tests::Control& of) : control(of) {
    control.set_engines(3);
    REQUIRE(cudnn::functions().create(&handle) == cudnn::success);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    cudnn::functions().destroy(handle);
    control.set_engines(1);
  }
  /// The plans of one process.
  ConvolutionPlans process(PlanTiming timing, bool deterministic = true) const {
    return {handle, "a device", {.deterministic = deterministic}, DiskCache(folder.path), std::move(timing)};
  }
  /// The plan that cuDNN proposes at place `number`, as text.
  std::string proposed(std::size_t number) const;
};

/// Timing that finds plan `number` to be the fastest.
PlanTiming fastest(std::size_t number) {
  return [=](const PlanCandidates& plans) {
    std::vector<double> seconds(plans.size(), 2);
    seconds.at(number) = 1;
    return seconds;
  };
}

/// The plan that a process takes, as text.
std::string taken(ConvolutionPlans plans) {
  const cudnn::Descriptor& plan = plans.plan(problem).descriptor;
  using cudnn::Attribute, cudnn::Type;
  std::string text(static_cast<std::size_t>(plan.get(Attribute::plan_json, Type::character, 0, nullptr)), '\0');
  plan.get(Attribute::plan_json, Type::character, static_cast<std::int64_t>(text.size()), text.data());
  return text;
}

std::string Place::proposed(std::size_t number) const {
  return taken({handle, "a device", {.deterministic = false}, DiskCache(std::string()), fastest(number)});
}

}  // namespace

TEST_CASE("of two processes that time plans at once both take what was kept first, and so do later ones") {
  const tests::Control control;
  if (!control) return;
  const Place place(control);
  REQUIRE(place.proposed(1) != place.proposed(2));
  const std::string own = taken(place.process([&](const PlanCandidates& plans) {
    CHECK(taken(place.process(fastest(1))) == place.proposed(1));  // the other is done first
    return fastest(2)(plans);
  }));
  CHECK(own == place.proposed(1));
  CHECK(taken(place.process(fastest(0))) == place.proposed(1));
}

TEST_CASE("where a choice cannot be kept, nothing is timed, or it is not taken") {
  const tests::Control control;
  if (!control) return;
  const Place place(control);
  const fs::path& folder = place.folder.path;
  const auto spoil = [&] {
    fs::remove_all(folder);
    std::ofstream(folder) << "no folder";
  };
  int timed = 0;
  const PlanTiming timing = [&](const PlanCandidates& plans) {
    ++timed;
    spoil();
    return fastest(2)(plans);
  };
  CHECK(taken(place.process(timing)) == place.proposed(0));
  CHECK(timed == 1);
  CHECK(taken(place.process(timing)) == place.proposed(0));
  CHECK(timed == 1);
  CHECK(taken(place.process(timing, false)) == place.proposed(2));  // other bits are allowed
}

TEST_CASE("plans of which none ran are not kept") {
  const tests::Control control;
  if (!control) return;
  for (const bool deterministic : {true, false}) {
    const Place place(control);
    const PlanTiming none = [](const PlanCandidates& plans) {
      return std::vector<double>(plans.size(), std::numeric_limits<double>::infinity());
    };
    CHECK(taken(place.process(none, deterministic)) == place.proposed(0));
    CHECK(fs::is_empty(place.folder.path));
    CHECK(taken(place.process(fastest(2), deterministic)) == place.proposed(2));
  }
}

TEST_CASE("a choice that memory was too short to time is for good where every run is to give the same bits") {
  const tests::Control control;
  if (!control) return;
  for (const bool deterministic : {true, false}) {
    const Place place(control);
    const PlanTiming short_of_memory = [](const PlanCandidates&) { return std::vector<double>(); };
    CHECK(taken(place.process(short_of_memory, deterministic)) == place.proposed(0));
    CHECK(taken(place.process(fastest(2), deterministic)) == place.proposed(deterministic ? 0 : 2));
  }
}
