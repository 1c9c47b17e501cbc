#include "convolution_cases.hpp"

#include <thread>

using namespace convolution_test;

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
