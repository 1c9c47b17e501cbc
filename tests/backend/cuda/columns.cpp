// Convolutions of few outputs and large filters, whose columns cuDNN computes apart, against the reference.
#include "conformance/random_block.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/backend/cuda/cuda_convolution.hpp>
#include <pix2pixhd/backend/cuda/cuda_device.hpp>

#include <array>
#include <vector>

using namespace tests;

namespace {

/// A block that a device on CUDA computes by columns, wider than a block of threads in one case of three.
RandomBlock few_outputs(std::uint64_t seed) {
  RandomBlock block(seed);
  block.spec.geometry = {.kernel = seed % 2 == 0 ? 7 : 5, .padding = seed % 2 == 0 ? 3 : 2};
  block.spec.geometry.pad = std::array{Pad::reflect, Pad::zero, Pad::replicate}[seed % 3];
  block.spec.geometry.enlarge = seed % 5 == 0 ? 2 : 1;
  block.spec.norm = seed % 4 == 0 ? Norm::instance : Norm::none;
  block.source = seed % 2 == 0 ? Source::tensor : Source::pending;
  block.n = 1 + static_cast<int>(seed % 2);
  block.in = 1 + static_cast<int>(seed * 5 % 19);
  block.out = 1 + static_cast<int>(seed % 4);
  block.h = 5 + static_cast<int>(seed % 3);
  block.w = seed % 3 == 0 ? 251 + static_cast<int>(seed % 12) : 6 + static_cast<int>(seed % 9);
  block.running = false;
  return block;
}

bool by_columns(const RandomBlock& block) {
  const Shape x{block.n, block.in, block.h, block.w};
  return backend_cuda::ConvolutionDivision(block.spec.geometry, x, block.output(), 0).by_columns;
}

void check_near(const std::vector<double>& got, const std::vector<double>& expected, double tolerance) {
  REQUIRE(got.size() == expected.size());
  double largest = 0, size = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    largest = std::max(largest, std::abs(got[i] - expected[i]));
    size = std::max(size, std::abs(expected[i]));
  }
  CHECK(largest <= tolerance * size);
}

}  // namespace

TEST_CASE("convolutions of few outputs by columns give what the reference gives, forward and backward") {
  if (!cuda_availability().empty()) {
    MESSAGE("left out: ", cuda_availability());
    return;
  }
  Device exact = reference(), device = cuda();
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    const RandomBlock block = few_outputs(seed);
    CAPTURE(block.text());
    REQUIRE(by_columns(block));
    const std::vector<double> dy = output_gradient(block);
    for (const bool twice : {false, true}) {  // gradients of weights are added
      const BlockValues expected = run_block(exact, block, &dy, twice), got = run_block(device, block, &dy, twice);
      check_near(got.y, expected.y, 2e-5);
      check_near(got.dx, expected.dx, 1e-4);
      check_near(got.weight, expected.weight, 1e-4);
    }
  }
}

TEST_CASE("which convolutions are computed by columns") {
  RandomBlock block = few_outputs(2);
  block.out = 4;
  CHECK(by_columns(block));
  block.out = 5;  // 35 outputs of seven columns
  CHECK_FALSE(by_columns(block));
  block.out = 3;
  block.spec.geometry.stride = 2;
  CHECK_FALSE(by_columns(block));
  block.spec.geometry = {.kernel = 4, .padding = 2};
  CHECK_FALSE(by_columns(block));
  block.spec.geometry = {.kernel = 9, .padding = 4};
  CHECK_FALSE(by_columns(block));
}
