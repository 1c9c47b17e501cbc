// Losses and optimisation on the CUDA backend against the plain loops of the reference.
#include "backend/cuda/control.hpp"
#include "ops/map_case.hpp"

#include <pix2pixhd/core/batched_updates.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace tests;

namespace {

/// The CUDA device, if there is one; without one the tests of this file say so.
std::vector<NamedDevice> cuda_devices() {
  std::vector<NamedDevice> all = all_devices();
  std::erase_if(all, [](const NamedDevice& on) { return on.name != "cuda"; });
  WARN_MESSAGE(!all.empty(), "left out: there is no CUDA device");
  return all;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(b[i]));
    difference = std::isfinite(a[i]) ? std::max(difference, std::abs(a[i] - b[i])) : INFINITY;
  }
  return difference / std::max(largest, 1e-30);
}

const Shape shapes[] = {{1, 1, 1, 2}, {2, 5, 9, 6}, {2, 16, 4, 4}, {1, 20, 7, 5}, {1, 3, 260, 271}};

/// A tensor that is pending on a backend that normalises on load.
Tensor pending(Device& device, const Shape& shape, std::uint64_t seed) {
  const Tensor raw = normal_tensor(device, shape, seed);
  Tensor statistics = device.empty({shape.n, statistics_rows, 1, (shape.c + 15) / 16 * 16}, Role::statistics);
  device.backend().statistics({.x = &raw, .norm = {.kind = Norm::instance}, .statistics = statistics});
  const Tensor y = raw.with_pending(std::make_shared<Pending>(Pending{statistics, Activation::leaky_relu}));
  return device.backend().normalises_on_load() ? y : resolve(device, y);
}

}  // namespace

TEST_CASE("losses and gradients of every kind") {
  Device exact = reference();
  for (NamedDevice& on : cuda_devices())
    for (const Shape& shape : shapes)
      for (const LossKind kind :
           {LossKind::squared, LossKind::cross_entropy, LossKind::hinge, LossKind::linear, LossKind::absolute})
        for (const bool finish : {false, true}) {
          if (finish && (kind != LossKind::absolute || shape.pixels() < 24)) continue;
          CAPTURE(to_string(shape));
          CAPTURE(static_cast<int>(kind));
          const auto run = [&](Device& device, std::vector<double>& gradient) {
            const Tensor x = finish ? pending(device, shape, 1) : normal_tensor(device, shape, 1);
            const Tensor y = finish ? pending(device, shape, 2) : normal_tensor(device, shape, 2);
            LossCall call{.kind = kind, .x = &x, .target = 1, .weight = 0.75, .dx = device.empty(shape)};
            if (kind == LossKind::absolute) call.y = &y;
            const double value = device.backend().loss(call);
            gradient = detail::host_values(device, call.dx);
            return value;
          };
          std::vector<double> gradient, expected;
          const double value = run(on.device, gradient);
          CHECK(value == doctest::Approx(run(exact, expected)).epsilon(2e-6));
          if (!finish) CHECK(distance(gradient, expected) <= 2e-6);
        }
}

TEST_CASE("steps of Adam, with a gradient and with none") {
  Device exact = reference();
  for (NamedDevice& on : cuda_devices()) {
    const Shape shape{33, 7, 3, 3};
    const auto run = [&](Device& device) {
      const auto parameter = [&](std::uint64_t seed, double scale) {
        std::vector<double> values = detail::normal_values(shape.count(), seed, "adam");
        for (double& value : values) value = static_cast<float>(scale * std::abs(value));
        return detail::device_values(device, shape, values, Role::parameter);
      };
      const Tensor g = parameter(1, 1), zero = parameter(2, 1);
      zero.storage()->clear();
      AdamCall call{.gradient = &g, .value = parameter(3, 1), .m = parameter(4, 0.1), .v = parameter(5, 0.01)};
      for (call.step = 1; call.step <= 3; ++call.step) {
        call.gradient = call.step == 2 ? &zero : &g;
        device.backend().adam(call);
      }
      std::vector<double> all = detail::host_values(device, call.value);
      for (const Tensor* more : {&call.m, &call.v}) {
        const std::vector<double> values = detail::host_values(device, *more);
        all.insert(all.end(), values.begin(), values.end());
      }
      return all;
    };
    CHECK(distance(run(on.device), run(exact)) <= 1e-6);
  }
}

TEST_CASE("one launch makes a step of many parameters") {
  Device exact = reference();
  const tests::Control control;
  const Shape sizes[] = {{1, 1, 1, 1}, {33, 7, 3, 3}, {4096, 1, 1, 1}, {64, 64, 3, 3}, {5, 1, 1, 1}};
  for (NamedDevice& on : cuda_devices()) {
    const auto run = [&](Device& device) {
      std::vector<Tensor> gradients;
      std::vector<AdamCall> calls;
      for (const Shape& shape : sizes) {
        const auto parameter = [&](std::uint64_t seed, double scale) {
          std::vector<double> values = detail::normal_values(shape.count(), seed + 10 * gradients.size(), "adam");
          for (double& value : values) value = static_cast<float>(scale * std::abs(value));
          return detail::device_values(device, shape, values, Role::parameter);
        };
        Tensor gradient = parameter(1, 1);
        if (shape.n == 5) gradient.storage()->clear();
        calls.push_back({.value = parameter(3, 1), .m = parameter(4, 0.1), .v = parameter(5, 0.01)});
        calls.back().rate = 1e-3 * static_cast<double>(calls.size());
        calls.back().step = static_cast<std::int64_t>(calls.size());
        gradients.push_back(std::move(gradient));
      }
      for (std::size_t i = 0; i < calls.size(); ++i) calls[i].gradient = &gradients[i];
      const int launches = control ? control.calls("cuLaunchKernel") : 0;
      if (auto* batched = dynamic_cast<BatchedUpdates*>(&device.backend()))
        batched->adam_of_all(calls);
      else
        for (const AdamCall& call : calls) device.backend().adam(call);
      if (control && &device == &on.device) CHECK(control.calls("cuLaunchKernel") == launches + 1);
      std::vector<double> all;
      for (const AdamCall& call : calls)
        for (const Tensor* one : {&call.value, &call.m, &call.v}) {
          const std::vector<double> values = detail::host_values(device, *one);
          all.insert(all.end(), values.begin(), values.end());
        }
      return all;
    };
    CHECK(distance(run(on.device), run(exact)) <= 1e-6);
    CHECK_NOTHROW(dynamic_cast<BatchedUpdates&>(on.device.backend()).adam_of_all({}));
  }
}

TEST_CASE("averages of weights move by the share that is asked") {
  Device exact = reference();
  for (NamedDevice& on : cuda_devices()) {
    const Shape shape{5, 11, 3, 3};
    const auto run = [&](Device& device) {
      const auto values = [&](std::uint64_t seed) {
        return detail::device_values(device, shape, detail::normal_values(shape.count(), seed, "w"), Role::parameter);
      };
      const Tensor x = values(1);
      Tensor y = values(2);
      device.backend().move_towards(x, 0.125, y);
      return detail::host_values(device, y);
    };
    CHECK(distance(run(on.device), run(exact)) <= 1e-6);
  }
}

TEST_CASE("a value that is not finite is found wherever it is") {
  for (NamedDevice& on : cuda_devices())
    for (const Role role : {Role::activation, Role::parameter})
      for (const double bad :
           {static_cast<double>(INFINITY), -static_cast<double>(INFINITY), std::numeric_limits<double>::quiet_NaN()}) {
        const Shape shape{1, 5, 61, 67};
        std::vector<double> values = detail::normal_values(shape.count(), 1, "finite");
        CHECK(on.device.backend().all_finite(detail::device_values(on.device, shape, values, role)));
        values[shape.count() - 1] = bad;
        CHECK_FALSE(on.device.backend().all_finite(detail::device_values(on.device, shape, values, role)));
      }
}

TEST_CASE("of many tensors the first that is not finite is found") {
  for (NamedDevice& on : cuda_devices()) {
    auto& backend = dynamic_cast<BatchedUpdates&>(on.device.backend());
    const Shape sizes[] = {{1, 1, 1, 1}, {4096, 1, 1, 1}, {4097, 1, 1, 1}, {3, 5, 7, 11}};
    for (std::size_t bad = 0; bad <= std::size(sizes); ++bad) {
      std::vector<Tensor> tensors;
      std::vector<const Tensor*> pointers;
      for (std::size_t i = 0; i < std::size(sizes); ++i) {
        std::vector<double> values = detail::normal_values(sizes[i].count(), i, "finite");
        if (i >= bad) values.back() = INFINITY;
        tensors.push_back(detail::device_values(on.device, sizes[i], values, Role::parameter));
      }
      for (const Tensor& one : tensors) pointers.push_back(&one);
      CHECK(backend.first_non_finite(pointers) == bad);
    }
    CHECK(backend.first_non_finite({}) == 0);
  }
}
