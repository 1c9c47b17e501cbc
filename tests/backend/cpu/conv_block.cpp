// Blocks: convolution, norm, activation and skip in one call, and the memory that they take.

#include "convolution_cases.hpp"

#include <cmath>
#include <utility>

using namespace convolution_test;

namespace {

/// Runs a block as operations do: pending where the backend leaves it so and there is no skip. Returns raw output,
/// statistics and, where there is one, the result.
std::vector<Tensor> run_block(Device& device, const Case& c, Norm norm, Activation activation, bool skip,
                              double mean_of_x, bool keep_derived) {
  const Shape shape = output_of(c);
  const BlockInput x(tensor(device, c.x, random_values(c.x, "x", mean_of_x)));
  const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
  const auto array = [&](const std::string& name) {
    return random_tensor(device, {c.out, 1, 1, 1}, name, Role::parameter);
  };
  const Tensor bias = array("bias"), scale = array("scale"), shift = array("shift");
  const Tensor mean = array("mean"), variance = array("variance");
  const Tensor added = random_tensor(device, shape, "skip");
  const bool normed = norm != Norm::none, batch = norm == Norm::batch;
  Normalisation how{.kind = norm};
  if (batch)
    how = {.kind = norm,
           .scale = &scale,
           .shift = &shift,
           .bias = &bias,
           .running_mean = &mean,
           .running_variance = &variance,
           .use_running = false,
           .update_running = true};
  ConvBlockCall call{.geometry = c.geometry,
                     .norm = how,
                     .activation = activation,
                     .x = &x,
                     .weight = &weight,
                     .bias = normed ? nullptr : &bias,
                     .skip = skip ? &added : nullptr,
                     .raw = device.empty(shape),
                     .statistics = {},
                     .y = {},
                     .workspace = nullptr,
                     .keep_derived = keep_derived};
  if (normed) call.statistics = device.empty({shape.n, statistics_rows, 1, (shape.c + 15) / 16 * 16}, Role::statistics);
  call.y = normed || skip ? device.empty(shape) : call.raw;
  if (const std::size_t bytes = device.backend().workspace(call)) call.workspace = device.allocate(bytes);
  device.backend().conv_block(call);
  std::vector<Tensor> result{call.raw, call.y};
  if (batch) result.insert(result.end(), {mean, variance});
  if (normed) {
    const std::vector<double> all = values_of(device, call.statistics);
    const auto stored = static_cast<std::size_t>(call.statistics.shape().w);
    for (const StatisticsRow row : {StatisticsRow::mean, StatisticsRow::scale, StatisticsRow::deviation}) {
      std::vector<float> values;  // of the channels only: the reference does not fill the lanes beyond them
      for (std::size_t n = 0; n < static_cast<std::size_t>(shape.n); ++n)
        for (std::size_t i = 0; i < static_cast<std::size_t>(shape.c); ++i)
          values.push_back(static_cast<float>(all[(n * statistics_rows + static_cast<std::size_t>(row)) * stored + i]));
      result.push_back(tensor(device, {1, 1, 1, static_cast<int>(values.size())}, values, Role::parameter));
    }
  }
  return result;
}

}  // namespace

TEST_CASE("blocks with norm, activation and skip equal the reference") {
  const std::vector<Case> some{
      {{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {2, 24, 7, 9}, 18},
      {{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::replicate}, {2, 24, 37, 39}, 18},
      {{.kernel = 3, .stride = 2, .padding = 1}, {1, 5, 19, 38}, 16},
      {{.kernel = 3, .stride = 2, .padding = 1, .transposed = true}, {2, 20, 5, 7}, 12},
      {{.kernel = 4, .stride = 2, .padding = 2}, {1, 3, 70, 75}, 70},
      {{.kernel = 7, .stride = 1, .padding = 3, .pad = Pad::reflect}, {3, 16, 6, 11}, 3},
  };
  for (const Norm norm : {Norm::none, Norm::instance, Norm::batch})
    for (const Activation activation : {Activation::relu, Activation::leaky_relu, Activation::tanh})
      for (const bool skip : {false, true})
        for (const Case& c : some) {
          CAPTURE(name_of(c));
          CAPTURE(to_string(norm));
          CAPTURE(to_string(activation));
          CAPTURE(skip);
          // Without a norm tanh makes ones of values that are much larger, and rounded accordingly.
          const double tolerance = norm == Norm::none && activation == Activation::tanh ? 1e-4 : 3e-5;
          const auto run = [&](Device& device) { return run_block(device, c, norm, activation, skip, 0, skip); };
          compare_in(Precision::f32, tolerance, 0, run);
          // Raw output and result are rounded, each once, and what goes into the raw output on Isa::avx512_bf16 too.
          // The norm divides by the deviation of a channel, of a few pixels here, which may be less than half of that
          // of all: 2 bf16_convolution and 2 roundings. Statistics are means of it: half. Without a norm the values
          // before a tanh are sums of so many products of deviation 1, each with an error of 0.0017 (see of_factors in
          // cpu_convolution.cpp), which stays what it is where tanh has slope 1; the largest of thousands of errors is
          // less than five deviations.
          const bool saturated = norm == Norm::none && activation == Activation::tanh;
          const double terms = static_cast<double>(c.x.c) * c.geometry.kernel * c.geometry.kernel;
          const double slope_one = 5 * 0.0017 * std::sqrt(terms) + bf16_rounding;
          compare_in(Precision::bf16, saturated ? slope_one : bf16_convolution + bf16_rounding,
                     saturated ? slope_one : 2 * (bf16_convolution + bf16_rounding), run);
        }
}

TEST_CASE("statistics stay good where the mean is far above the deviation") {
  // With zero padding the border differs from the inside, which has a small deviation about a large mean.
  const Case c{{.kernel = 3, .stride = 1, .padding = 0}, {1, 16, 40, 50}, 16};
  // The deviation; float inputs limit what is possible.
  compare_in(Precision::f32, 2e-3, 0, [&](Device& device) -> std::vector<Tensor> {
    return {run_block(device, c, Norm::instance, Activation::none, false, 1000, true).back()};
  });
}

TEST_CASE("a flat picture has exactly its value as mean") {
  const ConvGeometry geometry{.kernel = 1, .stride = 1, .padding = 0};
  for (const Isa isa : available_isas()) {
    Device device = cpu({.threads = 1}, isa);
    const Shape shape{1, 16, 33, 47};
    const BlockInput x(tensor(device, shape, std::vector<float>(shape.count(), 0.7f)));
    const Tensor weight = random_tensor(device, {16, 16, 1, 1}, "weight", Role::parameter);
    Tensor raw = device.empty(shape), statistics = device.empty({1, statistics_rows, 1, 16}, Role::statistics);
    device.backend().conv_block({.geometry = geometry,
                                 .norm = {.kind = Norm::instance},
                                 .activation = Activation::relu,
                                 .x = &x,
                                 .weight = &weight,
                                 .bias = nullptr,
                                 .skip = nullptr,
                                 .raw = raw,
                                 .statistics = statistics,
                                 .y = {},
                                 .workspace = nullptr});
    for (int c = 0; c < 16; ++c) {
      CHECK(statistics.data<float>()[c] == raw.data<float>()[c]);
      CHECK(statistics.data<float>()[3 * 16 + c] == doctest::Approx(1 / std::sqrt(norm_epsilon)));
    }
  }
}

TEST_CASE("workspace and packed weights take the bytes that were announced, and no others") {
  Device device = cpu({.threads = 2});
  const std::vector<Case> some{{{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {2, 24, 21, 30}, 40},
                               {{.kernel = 3, .stride = 1, .padding = 1}, {2, 240, 21, 30}, 40},
                               {{.kernel = 4, .stride = 1, .padding = 2, .pad = Pad::reflect}, {2, 24, 21, 30}, 40}};
  for (const Case& c : some) {
    CAPTURE(name_of(c));
    const BlockInput x(random_tensor(device, c.x, "x"));
    const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
    const Shape shape = output_of(c);
    for (const bool keep : {false, true}) {
      ConvBlockCall call{.geometry = c.geometry,
                         .norm = {.kind = Norm::instance},
                         .activation = Activation::relu,
                         .x = &x,
                         .weight = &weight,
                         .bias = nullptr,
                         .skip = nullptr,
                         .raw = device.empty(shape),
                         .statistics = device.empty({2, statistics_rows, 1, 48}, Role::statistics),
                         .y = {},
                         .workspace = nullptr,
                         .keep_derived = keep};
      std::size_t packed = 0;
      for (const DerivedBytes& derived : device.backend().derived(call)) packed += derived.bytes;
      const std::size_t workspace = device.backend().workspace(call);
      const std::size_t before = device.memory().current();
      device.memory().reset_peak();
      device.backend().conv_block(call);
      CHECK(device.memory().peak() == before + packed + workspace);
      CHECK(device.memory().current() == before + (keep ? packed : 0));
      call.workspace = device.allocate(workspace);
      const std::size_t with = device.memory().current();
      device.memory().reset_peak();
      device.backend().conv_block(call);
      CHECK(device.memory().peak() == with + (keep ? 0 : packed));
    }
    ConvBlockBackwardCall back{.geometry = c.geometry, .norm = Norm::none, .x = &x, .weight = &weight};
    Tensor dy = random_tensor(device, shape, "dy"), saved = random_tensor(device, shape, "saved");
    Tensor gradient = device.empty(weight_of(c), Role::parameter);
    back.saved = &saved;
    back.dy = &dy;
    back.dz = dy;
    back.d_weight = &gradient;
    back.dx = device.empty(c.x);
    for (const bool keep : {false, true, true}) {
      back.keep_derived = keep;
      std::size_t packed = 0;
      for (const DerivedBytes& derived : device.backend().derived(back))
        if (!weight.storage()->has_derived(derived.key)) packed += derived.bytes;
      const std::size_t before = device.memory().current(), workspace = device.backend().workspace(back);
      device.memory().reset_peak();
      device.backend().conv_block_backward(back);
      CHECK(device.memory().peak() == before + workspace + packed);
      CHECK(device.memory().current() == before + packed);
    }
  }
}

TEST_CASE("packed weights that are kept give the same gradient, and are made anew when the weights change") {
  for (const Isa isa : available_isas())
    for (const auto& [kernel, pad] : {std::pair{3, Pad::zero}, {3, Pad::reflect}, {4, Pad::zero}, {4, Pad::reflect}}) {
      Device device = cpu({.threads = 1}, isa);
      const Case c{{.kernel = kernel, .stride = 1, .padding = kernel / 2, .pad = pad}, {1, 24, 21, 30}, 40};
      const Tensor dy = random_tensor(device, output_of(c), "dy");
      Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
      const auto gradient = [&](bool keep) {
        Tensor dx = device.empty(c.x);
        device.backend().convolve_backward_data(
            {.geometry = c.geometry, .dy = &dy, .weight = &weight, .map = nullptr, .dx = dx, .keep_derived = keep});
        return values_of(device, dx);
      };
      const auto first = gradient(false);
      CHECK(gradient(true) == first);
      CHECK(gradient(true) == first);
      device.backend().write(weight, random_values(weight_of(c), "other").data(), DataType::f32);
      const auto second = gradient(true);
      CHECK(second != first);
      CHECK(second == gradient(false));
    }
}
