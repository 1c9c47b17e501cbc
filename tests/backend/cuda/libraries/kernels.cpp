// All kernels by NVRTC, for the architectures in use.
#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/kernels/arguments.hpp>
#include <pix2pixhd/backend/cuda/kernels/source.hpp>
#include <pix2pixhd/backend/cuda/nvrtc.hpp>
#include <pix2pixhd/core/error.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace pix2pixhd;
using namespace pix2pixhd::backend_cuda;

TEST_CASE("all kernels compile") {
  if (!nvrtc::functions().problem.empty()) {
    MESSAGE("left out: ", nvrtc::functions().problem);
    return;
  }
  // Types and architectures have nothing to do with each other: each once.
  for (const auto& [type, name] :
       {std::pair{DataType::f32, "sm_80"}, {DataType::bf16, "sm_90a"}, {DataType::f16, "sm_100"}}) {
    const std::string architecture = name;
    CAPTURE(architecture);
    const std::vector<char> code = nvrtc::compile(kernels::source(type), architecture, {"--std=c++17"});
    const std::string text(code.begin(), code.end());
    for (const std::string kernel : kernels::names)
      CHECK_MESSAGE(text.find("run_" + kernel) != std::string::npos, kernel);
  }
}

TEST_CASE("a device that is newer than NVRTC gets text for its driver to translate") {
  if (!nvrtc::functions().problem.empty()) return;
  CHECK(nvrtc::target(80, "sm_80") == "sm_80");
  CHECK(nvrtc::target(90, "sm_90a") == "sm_90a");
  const std::string newest = nvrtc::target(9990, "sm_9990");
  REQUIRE(newest.starts_with("compute_"));
  const std::vector<char> code = nvrtc::compile("extern \"C\" __global__ void nothing() {}", newest, {});
  CHECK(std::string(code.begin(), code.end()).find(".entry nothing") != std::string::npos);
  CHECK(code.back() == '\0');  // which the driver needs
  CHECK_THROWS_WITH_AS(nvrtc::target(79, "sm_79"), doctest::Contains("install a newer one"), Error);
}

TEST_CASE("a text that does not compile is refused with the compiler's message") {
  if (!nvrtc::functions().problem.empty()) return;
  CHECK_THROWS_WITH_AS(nvrtc::compile("__global__ void f() { undeclared = 1; }", "sm_90a", {}),
                       doctest::Contains("undeclared"), Error);
}
