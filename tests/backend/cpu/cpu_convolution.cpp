#include <pix2pixhd/backend/cpu/cpu_backend.hpp>

#include "on_both.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace pix2pixhd;
using namespace on_both;

namespace {

struct Case {
  ConvGeometry geometry;
  Shape x;
  int out;
};

std::string name_of(const Case& c) {
  const ConvGeometry& g = c.geometry;
  return detail::sentence("kernel ", g.kernel, " stride ", g.stride, " padding ", g.padding, " ", to_string(g.pad),
                          g.transposed ? " transposed" : "", " enlarge ", g.enlarge, ", ", to_string(c.x), " to ",
                          c.out);
}

Shape output_of(const Case& c) { return {c.x.n, c.out, c.geometry.output(c.x.h), c.geometry.output(c.x.w)}; }

Shape weight_of(const Case& c) {
  return c.geometry.transposed ? Shape{c.x.c, c.out, c.geometry.kernel, c.geometry.kernel}
                               : Shape{c.out, c.x.c, c.geometry.kernel, c.geometry.kernel};
}

/// Every geometry that a block may have, on a few shapes each.
std::vector<Case> cases() {
  std::vector<ConvGeometry> geometries;
  for (const int kernel : {1, 3, 4, 7})
    for (const int stride : {1, 2})
      for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate})
        geometries.push_back({.kernel = kernel, .stride = stride, .padding = kernel / 2, .pad = pad});
  geometries.push_back({.kernel = 3, .stride = 1, .padding = 0});
  geometries.push_back({.kernel = 3, .stride = 3, .padding = 1});
  for (const int kernel : {1, 3, 4})
    geometries.push_back({.kernel = kernel, .stride = 2, .padding = (kernel - 1) / 2, .transposed = true});
  geometries.push_back({.kernel = 3, .stride = 1, .padding = 1, .transposed = true});
  for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate})
    geometries.push_back({.kernel = 3, .stride = 1, .padding = 1, .pad = pad, .enlarge = 2});
  geometries.push_back({.kernel = 4, .stride = 2, .padding = 2, .pad = Pad::reflect, .enlarge = 2});

  struct Channels {
    int in, out;
  };
  const std::vector<Channels> channels{{1, 3}, {3, 16}, {5, 17}, {16, 64}, {17, 5}, {39, 64}, {64, 1}, {96, 48}};
  struct Sides {
    int h, w;
  };
  const std::vector<Sides> sides{{9, 13}, {4, 4}, {8, 71}, {19, 6}};
  std::vector<Case> result;
  for (std::size_t i = 0; i < geometries.size(); ++i)
    for (std::size_t j = 0; j < channels.size(); ++j) {
      const Sides& s = sides[(i + j) % sides.size()];
      result.push_back({geometries[i], {1 + static_cast<int>((i + j) % 2), channels[j].in, s.h, s.w}, channels[j].out});
    }
  return result;
}

}  // namespace

TEST_CASE("convolutions of every geometry equal the reference") {
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    compare(3e-6, [&](Device& device) -> std::vector<Tensor> {
      const BlockInput x(random_tensor(device, c.x, "x"));
      const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
      const Tensor bias = random_tensor(device, {c.out, 1, 1, 1}, "bias", Role::parameter);
      Tensor y = device.empty(output_of(c));
      device.backend().convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = &bias, .y = y});
      return {y};
    });
  }
}

TEST_CASE("the gradient by the input equals the reference") {
  for (const Case& c : cases()) {
    CAPTURE(name_of(c));
    compare(3e-6, [&](Device& device) -> std::vector<Tensor> {
      const Tensor dy = random_tensor(device, output_of(c), "dy");
      const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
      Tensor dx = device.empty(c.x);
      device.backend().convolve_backward_data(
          {.geometry = c.geometry, .dy = &dy, .weight = &weight, .map = nullptr, .dx = dx});
      return {dx};
    });
  }
}

TEST_CASE("the gradients by weight and bias equal the reference, added or overwriting") {
  for (const bool add : {false, true})
    for (const Case& c : cases()) {
      CAPTURE(name_of(c));
      CAPTURE(add);
      compare(2e-5, [&](Device& device) -> std::vector<Tensor> {
        const BlockInput x(random_tensor(device, c.x, "x"));
        const Tensor dy = random_tensor(device, output_of(c), "dy");
        Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
        Tensor bias = random_tensor(device, {c.out, 1, 1, 1}, "bias", Role::parameter);
        device.backend().convolve_backward_weights({.geometry = c.geometry,
                                                    .x = &x,
                                                    .dy = &dy,
                                                    .weight = &weight,
                                                    .bias = &bias,
                                                    .add_weight = add,
                                                    .add_bias = add});
        return {weight, bias};
      });
    }
}

TEST_CASE("pending inputs are finished when they are read") {
  const std::vector<Case> some{
      {{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {2, 24, 7, 9}, 18},
      {{.kernel = 3, .stride = 2, .padding = 1}, {1, 5, 9, 8}, 16},
      {{.kernel = 3, .stride = 2, .padding = 1, .transposed = true}, {2, 20, 5, 7}, 12},
      {{.kernel = 7, .stride = 1, .padding = 3, .pad = Pad::replicate}, {1, 16, 6, 11}, 3},
  };
  for (const Activation activation : {Activation::none, Activation::relu, Activation::leaky_relu, Activation::tanh})
    for (const Case& c : some) {
      CAPTURE(name_of(c));
      CAPTURE(to_string(activation));
      compare(2e-5, [&](Device& device) -> std::vector<Tensor> {
        Tensor pending = random_pending(device, c.x, "x", activation);
        if (!device.backend().normalises_on_load()) {  // the reference takes finished values only
          Tensor finished = device.empty(c.x);
          device.backend().normalise({.x = &pending,
                                      .statistics = &pending.pending()->statistics,
                                      .activation = activation,
                                      .skip = nullptr,
                                      .y = finished});
          pending = finished;
        }
        const BlockInput x(pending);
        const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
        const Tensor dy = random_tensor(device, output_of(c), "dy");
        Tensor y = device.empty(output_of(c));
        Tensor gradient = device.empty(weight_of(c), Role::parameter);
        device.backend().convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = nullptr, .y = y});
        device.backend().convolve_backward_weights(
            {.geometry = c.geometry, .x = &x, .dy = &dy, .weight = &gradient, .bias = nullptr, .add_weight = false});
        return {y, gradient};
      });
    }
}

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
          compare(3e-5, [&](Device& device) { return run_block(device, c, norm, activation, skip, 0, skip); });
        }
}

TEST_CASE("statistics stay good where the mean is far above the deviation") {
  // With zero padding the border differs from the inside, which has a small deviation about a large mean.
  const Case c{{.kernel = 3, .stride = 1, .padding = 0}, {1, 16, 40, 50}, 16};
  compare(2e-3, [&](Device& device) -> std::vector<Tensor> {  // the deviation; float inputs limit what is possible
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
  const Case c{{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {2, 24, 21, 30}, 40};
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
  const std::size_t before = device.memory().current(), workspace = device.backend().workspace(back);
  device.memory().reset_peak();
  device.backend().conv_block_backward(back);
  CHECK(device.memory().peak() == before + workspace);
}

TEST_SUITE("threads") {
  TEST_CASE("one backend used by several threads at once gives the same bits") {
    Device device = cpu({.threads = 2});
    const Case c{{.kernel = 3, .stride = 1, .padding = 1, .pad = Pad::reflect}, {1, 20, 40, 70}, 24};
    const BlockInput x(random_pending(device, c.x, "x", Activation::relu));
    const Tensor weight = random_tensor(device, weight_of(c), "weight", Role::parameter);
    const Tensor dy = random_tensor(device, output_of(c), "dy");
    struct Results {
      std::vector<double> y, statistics, dx, gradient;
    };
    const auto run = [&](Results& to) {
      Device own = device;
      const Shape shape = output_of(c);
      Tensor raw = own.empty(shape), statistics = own.empty({1, statistics_rows, 1, 32}, Role::statistics);
      own.backend().conv_block({.geometry = c.geometry,
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
      Tensor dx = own.empty(c.x), gradient = own.empty(weight_of(c), Role::parameter);
      own.backend().convolve_backward_data(
          {.geometry = c.geometry, .dy = &dy, .weight = &weight, .map = nullptr, .dx = dx});
      own.backend().convolve_backward_weights(
          {.geometry = c.geometry, .x = &x, .dy = &dy, .weight = &gradient, .bias = nullptr, .add_weight = false});
      to = {values_of(own, raw), values_of(own, statistics), values_of(own, dx), values_of(own, gradient)};
    };
    std::vector<Results> results(5);
    std::vector<std::thread> users;
    for (std::size_t i = 1; i < results.size(); ++i) users.emplace_back([&, i] { run(results[i]); });
    run(results[0]);
    for (std::thread& user : users) user.join();
    for (const Results& r : results) {
      CHECK(r.y == results[0].y);
      CHECK(r.statistics == results[0].statistics);
      CHECK(r.dx == results[0].dx);
      CHECK(r.gradient == results[0].gradient);
    }
  }
}
