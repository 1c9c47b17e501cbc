// Blocks in bf16, f16 and tf32 against the reference: what 16 bits leave of it, and no less.
#include "conformance/random_block.hpp"

#include <pix2pixhd/networks/generator.hpp>
#include <pix2pixhd/networks/session.hpp>

#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

using namespace tests;

namespace {

/// Root mean square of the difference, relative to that of what is expected.
double relative_rms(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return size > 0 ? std::sqrt(difference / size) : std::sqrt(difference);
}

}  // namespace

TEST_CASE("blocks in 16 bits stay near the reference") {
  if (!cuda_availability().empty()) {
    MESSAGE("left out: ", cuda_availability());
    return;
  }
  Device exact = reference();
  // Spacing of the values: 2^-8 and 2^-11. Inputs, weights, raw outputs and results are rounded once each.
  for (const auto& [precision, step] : {std::pair{Precision::bf16, 1.0 / 256}, {Precision::f16, 1.0 / 2048}}) {
    Device device = cuda(0, {.precision = precision});
    const std::string name = to_string(precision);
    CAPTURE(name);
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
      const RandomBlock block(seed);
      CAPTURE(block.text());
      const std::vector<double> dy = output_gradient(block);
      const BlockValues expected = run_block(exact, block, &dy), got = run_block(device, block, &dy);
      CHECK(relative_rms(got.y, expected.y) <= 3 * step);
      // A value of z next to zero may be rounded to the other side of it and then has the other slope: about a `step`
      // of all values, with an error as large as the gradient itself.
      CHECK(relative_rms(got.dx, expected.dx) <= 1.5 * std::sqrt(step));
      CHECK(relative_rms(got.weight, expected.weight) <= 1.5 * std::sqrt(step));
    }
  }
}

TEST_CASE("a session may compute in another precision than its device, in the same stream and memory") {
  if (!cuda_availability().empty()) {
    MESSAGE("left out: ", cuda_availability());
    return;
  }
  using Small = Generator<0, GeneratorShape{.in = 9, .width = 16, .downsamples = 1, .blocks = 1}>;
  Device device = cuda(0), own = cuda(0, {.precision = Precision::bf16});
  Small network, same;
  initialize(device, network, 1);
  initialize(own, same, 1);
  const auto image = [](Device& on) { return normal_tensor(on, {1, 9, 32, 40}, 3); };
  const auto exact = detail::host_values(device, infer(device, network, image(device)));
  const auto expected = detail::host_values(own, infer(own, same, image(own)));
  REQUIRE(exact != expected);
  Session session(device, network, {.precision = Precision::bf16});
  const std::size_t held = device.memory().current();
  for (int pass = 0; pass < 4; ++pass) {  // put together, recorded, repeated
    const Tensor y = session(image(device));
    CHECK(y.format() == device.backend().format(y.shape(), Role::activation));
    CHECK(detail::host_values(device, y) == expected);
    CHECK(detail::host_values(device, infer(device, network, image(device))) == exact);
  }
  CHECK(device.memory().current() > held);
  Device bf16 = device.in_precision(Precision::bf16);
  const Tensor other = image(bf16);
  Tensor sum = image(device);
  CHECK_THROWS_WITH_AS(add(device, sum, other),
                       doctest::Contains("was made in bf16, this call computes in f32; use to(device, x)"), Error);
}

TEST_CASE("the order of threads within a phase does not matter") {
  if (!cuda_availability().empty() || !std::getenv("PIX2PIXHD_CUDA_DRIVER")) {
    MESSAGE("left out: the tests' stand-in is not used");
    return;
  }
  Device device = cuda();
  for (std::uint64_t seed = 300; seed < 340; ++seed) {
    const RandomBlock block(seed);
    CAPTURE(block.text());
    const std::vector<double> dy = output_gradient(block);
    const BlockValues forwards = run_block(device, block, &dy);
    setenv("PIX2PIXHD_STAND_IN_BACKWARDS", "1", 1);
    const BlockValues backwards = run_block(device, block, &dy);
    unsetenv("PIX2PIXHD_STAND_IN_BACKWARDS");
    CHECK(forwards.y == backwards.y);
    CHECK(forwards.dx == backwards.dx);
    CHECK(forwards.weight == backwards.weight);
    CHECK(forwards.scale == backwards.scale);
    CHECK(forwards.mean == backwards.mean);
  }
}
