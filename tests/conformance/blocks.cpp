/// Every fused call on every device against the reference, for blocks of random shape.

#include "random_block.hpp"

using namespace tests;

namespace {

// As in the golden tests: max |difference| / max |expected|.
constexpr double output_tolerance = 2e-5, gradient_tolerance = 1e-4;
constexpr std::uint64_t cases = 160;

std::vector<NamedDevice> devices_to_compare() {
  std::vector<NamedDevice> devices;
  for (NamedDevice& on : all_devices())
    if (!on.exact) devices.push_back(std::move(on));
  return devices;
}

/// The difference relative to the largest expected value. A bias's gradient is a sum of dy, possibly a small one.
void check_close(const std::string& what, const std::vector<double>& got, const std::vector<double>& expected,
                 double tolerance) {
  CAPTURE(what);
  CHECK(relative_difference(got, expected) <= tolerance);
}

}  // namespace

TEST_CASE("forward and backward equal the reference") {
  Device exact = reference();
  std::vector<NamedDevice> devices = devices_to_compare();
  for (std::uint64_t seed = 0; seed < cases; ++seed) {
    const RandomBlock block(seed);
    CAPTURE(block.text());
    const std::vector<double> dy = output_gradient(block);
    const BlockValues expected = run_block(exact, block, &dy), inferred = run_block(exact, block, nullptr);
    for (NamedDevice& on : devices) {
      CAPTURE(on.name);
      const BlockValues got = run_block(on.device, block, &dy);
      check_close("output", got.y, expected.y, output_tolerance);
      check_close("gradient by the input", got.dx, expected.dx, gradient_tolerance);
      check_close("gradient by the weight", got.weight, expected.weight, gradient_tolerance);
      check_close("gradient by the bias", got.bias, expected.bias, gradient_tolerance);
      check_close("gradient by the scale", got.scale, expected.scale, gradient_tolerance);
      check_close("gradient by the shift", got.shift, expected.shift, gradient_tolerance);
      check_close("running mean", got.mean, expected.mean, output_tolerance);
      check_close("running variance", got.variance, expected.variance, output_tolerance);
      check_close("output in inference", run_block(on.device, block, nullptr).y, inferred.y, output_tolerance);
    }
  }
}

TEST_CASE("a second backward doubles the gradients") {
  for (NamedDevice& on : devices_to_compare()) {
    CAPTURE(on.name);
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
      const RandomBlock block(seed);
      CAPTURE(block.text());
      const std::vector<double> dy = output_gradient(block);
      const BlockValues once = run_block(on.device, block, &dy), twice = run_block(on.device, block, &dy, true);
      std::vector<double> expected = once.weight;
      for (double& value : expected) value *= 2;
      check_close("gradient by the weight", twice.weight, expected, 1e-6);
      CHECK(twice.dx == once.dx);
      CHECK(twice.y == once.y);
    }
  }
}

TEST_CASE("results are the same bits in every run") {
  for (NamedDevice& on : devices_to_compare()) {
    CAPTURE(on.name);
    for (std::uint64_t seed = 100; seed < 124; ++seed) {
      const RandomBlock block(seed);
      CAPTURE(block.text());
      const std::vector<double> dy = output_gradient(block);
      const BlockValues a = run_block(on.device, block, &dy), b = run_block(on.device, block, &dy);
      CHECK(a.y == b.y);
      CHECK(a.dx == b.dx);
      CHECK(a.weight == b.weight);
      CHECK(a.bias == b.bias);
    }
  }
}

TEST_CASE("statistics of one pixel and of equal pixels stay finite") {
  for (NamedDevice& on : all_devices()) {
    CAPTURE(on.name);
    for (const auto& [h, w] : {std::pair{1, 1}, {1, 2}, {6, 5}})
      for (const Norm norm : {Norm::instance, Norm::batch}) {
        RandomBlock block(1);
        block.spec = {.geometry = {}, .norm = norm, .activation = Activation::relu};
        block.source = Source::tensor;
        block.running = block.skip = false;
        block.n = 1;
        block.in = 3;
        block.out = 18;
        block.h = h;
        block.w = w;
        ConvBlockArrays arrays;
        fill_arrays(on.device, block, arrays);
        const std::vector<double> ones(static_cast<std::size_t>(3 * h * w), 1.0);
        ConvBlockRecord record;
        block.spec.geometry.pad = Pad::replicate;  // so that all pixels of the output are equal
        const Tensor y = conv_block(on.device, detail::device_values(on.device, {1, 3, h, w}, ones), arrays, block.spec,
                                    {}, &record);
        const Tensor dx =
            conv_block_backward(on.device, normal_tensor(on.device, y.shape()), arrays, block.spec, Need::both, record);
        for (const Tensor& values : {y, dx, arrays.weight.grad})
          for (const double value : detail::host_values(on.device, values)) REQUIRE(std::isfinite(value));
      }
  }
}
