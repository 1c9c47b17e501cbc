/// The gradient check itself: right gradients pass, wrong ones are named, devices in single precision are refused.

#include "faulty_layer.hpp"

#include <doctest/doctest.h>
#include <pix2pixhd/layers/conv_block.hpp>
#include <pix2pixhd/testing/gradient_check.hpp>

#include <string>
#include <vector>

using namespace tests;

TEST_CASE("gradients of a block pass and its values stay") {
  Device device = reference();
  ConvBlock<2, 3> block;
  randomise(device, block, 5);
  const auto before = detail::host_values(device, *named_arrays(block)[0].value);
  const GradientReport report = gradient_check(device, block, {2, 2, 5, 4}, {.probes = 4});
  CHECK_MESSAGE(report.passed(), report.sentence());
  CHECK(report.derivatives == 3 * 5);  // input, weight, bias: a direction and four entries each
  CHECK(detail::host_values(device, *named_arrays(block)[0].value) == before);
}

TEST_CASE("running statistics stay where they are") {
  Device device = reference();
  ConvBlock<2, 3, BlockShape{.norm = Norm::batch}> block;
  randomise(device, block, 5);
  const auto values = [&] {
    std::vector<std::vector<double>> all;
    for (const NamedArray& array : named_arrays(block)) all.push_back(detail::host_values(device, *array.value));
    return all;
  };
  const auto before = values();
  CHECK(gradient_check(device, block, {2, 2, 5, 4}, {.probes = 2}).passed());
  CHECK(values() == before);
}

TEST_CASE("a frozen parameter is left out") {
  Device device = reference();
  ConvBlock<2, 3> block;
  randomise(device, block, 5);
  set_trainable(block, false);
  CHECK(gradient_check(device, block, {1, 2, 5, 4}, {.probes = 1}).derivatives == 2);
}

TEST_CASE("a wrong gradient is named with array, entry and numbers") {
  Device device = reference();
  FaultyLayer layer;
  randomise(device, layer, 1);
  layer.fault = Fault::wrong_weight_gradient;
  const GradientReport report = gradient_check(device, layer, {1, 1, 3, 3});
  CHECK_FALSE(report.passed());
  CHECK(report.worst.array == "model.0.weight");
  CHECK(report.worst.relative == doctest::Approx(1e-5).epsilon(0.1));
  CHECK(report.sentence().find("model.0.weight") != std::string::npos);
  CHECK(report.sentence().find("by central differences") != std::string::npos);
}

TEST_CASE("a wrong entry does not hide behind right ones") {
  Device device = reference();
  FaultyLayer layer;  // only the last entry of its input's gradient is wrong
  randomise(device, layer, 1);
  layer.fault = Fault::wrong_input_gradient;
  const GradientReport report = gradient_check(device, layer, {1, 1, 8, 8}, {.probes = 0});
  CHECK_FALSE(report.passed());
  CHECK(report.worst.array == "input");
}

TEST_CASE("a layer without values is refused") {
  Device device = reference();
  ConvBlock<2, 3> block;
  CHECK_THROWS_AS(gradient_check(device, block, {1, 2, 5, 4}), Error);
}
