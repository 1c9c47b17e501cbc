/// Generators against PyTorch: outputs and all gradients.

#include "golden_case.hpp"

using namespace tests;

namespace {

constexpr GeneratorShape small(int width, int blocks, int local_blocks) {
  return {.in = 6, .width = width, .downsamples = 2, .blocks = blocks, .local_blocks = local_blocks};
}

}  // namespace

TEST_CASE("G1 alone") { check_generator<Generator<0, small(4, 2, 3)>>("global", 5); }

TEST_CASE("one enhancer") { check_generator<Generator<1, small(8, 2, 2)>>("enhancer1", 5); }

TEST_CASE("two enhancers") { check_generator<Generator<2, small(8, 1, 1)>>("enhancer2", 5); }

TEST_CASE("recomputation gives the same gradients") {
  check_generator<Generator<1, small(8, 2, 2)>>("enhancer1", 5, {.recompute = true});
}
