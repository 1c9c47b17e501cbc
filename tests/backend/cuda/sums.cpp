// Statistics and the sums of their gradients against the reference: pictures of one chunk and of many, with few
// channels and with more than a block takes.
#include "ops/map_case.hpp"

#include <cmath>
#include <cstdlib>
#include <vector>

using namespace tests;

namespace {

const Shape shapes[] = {{1, 1, 5, 6},    {2, 5, 9, 6},      {1, 20, 67, 71},  {3, 64, 33, 40}, {2, 130, 20, 21},
                        {1, 8, 900, 77}, {1, 16, 300, 310}, {1, 1, 410, 250}, {1, 520, 9, 16}, {1, 33, 6, 5}};

std::vector<double> shifted(const Shape& shape, std::uint64_t seed, double mean) {
  std::vector<double> values = detail::normal_values(shape.count(), seed, "sums");
  for (double& value : values) value = static_cast<float>(mean + value);
  return values;
}

Tensor parameter(Device& device, int channels, std::uint64_t seed) {
  return detail::device_values(device, {channels, 1, 1, 1}, shifted({channels, 1, 1, 1}, seed, 1), Role::parameter);
}

/// What a norm and its gradient give: normalised values, running statistics, gradients by x, scale, shift and bias.
std::vector<std::vector<double>> run(Device& device, const Shape& shape, Norm kind, Activation activation) {
  Backend& backend = device.backend();
  const bool batch = kind == Norm::batch;
  const Tensor x = detail::device_values(device, shape, shifted(shape, 1, 30));
  const Tensor dy = detail::device_values(device, shape, shifted(shape, 2, 0.1));
  const Tensor scale = parameter(device, shape.c, 3), shift = parameter(device, shape.c, 4),
               bias = parameter(device, shape.c, 5), mean = parameter(device, shape.c, 6),
               variance = parameter(device, shape.c, 7);
  Tensor d_scale = parameter(device, shape.c, 8), d_shift = parameter(device, shape.c, 9),
         d_bias = parameter(device, shape.c, 10);
  Normalisation norm{.kind = kind};
  if (batch)
    norm = {.kind = kind,
            .scale = &scale,
            .shift = &shift,
            .bias = &bias,
            .running_mean = &mean,
            .running_variance = &variance,
            .update_running = true};
  const Tensor statistics = device.empty({shape.n, statistics_rows, 1, (shape.c + 15) / 16 * 16}, Role::statistics);
  backend.statistics({.x = &x, .norm = norm, .statistics = statistics});
  const Tensor y = device.empty(shape), dx = device.empty(shape);
  backend.normalise({.x = &x, .statistics = &statistics, .activation = activation, .y = y});
  backend.normalise_backward({.dy = &dy,
                              .z = &x,
                              .statistics = &statistics,
                              .kind = kind,
                              .activation = activation,
                              .dx = dx,
                              .scale = batch ? &d_scale : nullptr,
                              .shift = batch ? &d_shift : nullptr,
                              .add_shift = false});
  const BlockInput nothing;
  backend.convolve_backward_weights({.x = &nothing, .dy = &dy, .bias = &d_bias});
  std::vector<std::vector<double>> all;
  for (const Tensor& one : {y, dx, d_bias, d_scale, d_shift, mean, variance})
    all.push_back(detail::host_values(device, one));
  return all;
}

}  // namespace

TEST_CASE("norms and their gradients over pictures of every size") {
  if (!cuda_availability().empty()) {
    MESSAGE("left out: ", cuda_availability());
    return;
  }
  Device exact = reference(), device = cuda();
  for (const Shape& shape : shapes)
    for (const Norm kind : {Norm::instance, Norm::batch})
      // With a kink values next to it may have the slope of the other side.
      for (const Activation activation : {Activation::none, Activation::tanh}) {
        CAPTURE(to_string(shape));
        CAPTURE(static_cast<int>(kind));
        CAPTURE(static_cast<int>(activation));
        const auto got = run(device, shape, kind, activation), expected = run(exact, shape, kind, activation);
        for (std::size_t i = 0; i < got.size(); ++i) {
          CAPTURE(i);
          // Means are rounded to f32: in d_scale, a sum that nearly cancels, that weighs most.
          CHECK(relative_difference(got[i], expected[i]) <= (i == 3 ? 2e-4 : 4e-5));
        }
      }
}

TEST_CASE("sums do not depend on the order of threads, and a mean that is large beside the spread is borne") {
  if (!cuda_availability().empty() || !std::getenv("PIX2PIXHD_CUDA_DRIVER")) {
    MESSAGE("left out: the tests' stand-in is not used");
    return;
  }
  Device device = cuda();
  for (const Shape& shape : shapes) {
    const auto forwards = run(device, shape, Norm::batch, Activation::leaky_relu);
    setenv("PIX2PIXHD_STAND_IN_BACKWARDS", "1", 1);
    const auto backwards = run(device, shape, Norm::batch, Activation::leaky_relu);
    unsetenv("PIX2PIXHD_STAND_IN_BACKWARDS");
    CHECK(forwards == backwards);
  }
  const Shape shape{1, 8, 200, 230};
  const std::vector<double> values = shifted(shape, 1, 4096);
  const Tensor x = detail::device_values(device, shape, values);
  const Tensor statistics = device.empty({1, statistics_rows, 1, 16}, Role::statistics);
  device.backend().statistics({.x = &x, .norm = {.kind = Norm::instance}, .statistics = statistics});
  const std::vector<double> rows = detail::host_values(device, statistics);
  double mean = 0, squares = 0;
  const std::size_t pixels = shape.pixels();
  for (std::size_t i = 0; i < pixels; ++i) mean += values[i] / static_cast<double>(pixels);
  for (std::size_t i = 0; i < pixels; ++i) squares += (values[i] - mean) * (values[i] - mean);
  CHECK(rows[0] == doctest::Approx(mean).epsilon(1e-7));
  CHECK(rows[16] == doctest::Approx(1 / std::sqrt(squares / static_cast<double>(pixels) + 1e-5)).epsilon(1e-5));
}
