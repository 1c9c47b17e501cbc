#include "backend/cpu/backends.hpp"

#include <pix2pixhd/backend/cpu/normalise_pass.hpp>

#include <array>

using namespace pix2pixhd_test;

namespace {

constexpr std::array activations{Activation::none, Activation::relu, Activation::leaky_relu, Activation::tanh};

/// Statistics as a norm would have made them: any numbers, the deviation positive.
Tensor some_statistics(Backend& backend, const Shape& x, std::uint32_t seed, bool batch = false) {
  const int width = backend.name() == "reference" ? x.c : (x.c + 15) / 16 * 16;
  const Shape shape{x.n, statistics_rows, 1, width};
  std::vector<double> values(shape.count());
  const std::vector<double> random = numbers(static_cast<std::size_t>(x.n * statistics_rows * x.c), seed);
  for (int n = 0; n < x.n; ++n)
    for (int row = 0; row < statistics_rows; ++row)
      for (int c = 0; c < x.c; ++c) {
        double value = random[static_cast<std::size_t>(((batch ? 0 : n) * statistics_rows + row) * x.c + c)];
        if (row == 3) value = 1.0 + std::abs(value);
        values[static_cast<std::size_t>((n * statistics_rows + row) * width + c)] = value;
      }
  return upload(backend, shape, values, Role::statistics);
}

}  // namespace

TEST_CASE("normalise: all activations, with and without statistics and skip, in place") {
  for (const Shape& shape : awkward_shapes())
    for (const Activation activation : activations)
      for (const bool normed : {false, true})
        for (const int target : {0, 1, 2}) {  // a tensor of its own, x, the skip
          CAPTURE(to_string(shape));
          CAPTURE(to_string(activation));
          CAPTURE(normed);
          CAPTURE(target);
          compare(1e-6, [&](Backend& backend) {
            const Tensor x = upload(backend, shape, numbers(shape.count(), 1));
            const Tensor skip = upload(backend, shape, numbers(shape.count(), 2));
            const Tensor statistics = some_statistics(backend, shape, 3);
            Tensor y = target == 0 ? poisoned(backend, shape) : target == 1 ? x : skip;
            backend.normalise({.x = &x,
                               .statistics = normed ? &statistics : nullptr,
                               .activation = activation,
                               .skip = target == 1 ? nullptr : &skip,
                               .y = y});
            Results results;
            results.take(backend, y);
            return results;
          });
        }
}

TEST_CASE("normalise: a pending skip is finished on the way") {
  for (const Shape& shape : awkward_shapes())
    for (const Activation activation : activations) {
      CAPTURE(to_string(shape));
      CAPTURE(to_string(activation));
      compare(1e-6, [&](Backend& backend) {
        const Tensor x = upload(backend, shape, numbers(shape.count(), 1));
        Tensor skip = upload(backend, shape, numbers(shape.count(), 2));
        const Tensor statistics = some_statistics(backend, shape, 4);
        if (backend.name() == "reference")
          backend.normalise({.x = &skip, .statistics = &statistics, .activation = activation, .y = skip});
        else
          skip = skip.with_pending(std::make_shared<const Pending>(Pending{statistics, activation}));
        Tensor y = poisoned(backend, shape);
        backend.normalise({.x = &x, .activation = Activation::relu, .skip = &skip, .y = y});
        Results results;
        results.take(backend, y);
        return results;
      });
    }
}

TEST_CASE("normalise: values, skip and result of several types") {
  for (const Shape& shape : awkward_shapes())
    for (const Activation activation : activations)
      for (const bool wide_skip : {false, true}) {
        CAPTURE(to_string(shape));
        CAPTURE(to_string(activation));
        CAPTURE(wide_skip);
        compare_in(Precision::bf16, 1e-6, 1e-6 + bf16_rounding, [&](Backend& backend) {
          const auto stored = [](bool wide) { return wide ? Role::float_activation : Role::activation; };
          const Tensor x = upload(backend, shape, numbers(shape.count(), 1), stored(!wide_skip));
          const Tensor skip = upload(backend, shape, numbers(shape.count(), 2), stored(wide_skip));
          const Tensor statistics = some_statistics(backend, shape, 3);
          Results results;
          for (const Tensor* added : {static_cast<const Tensor*>(nullptr), &skip})
            for (const Role role : {Role::activation, Role::float_activation}) {
              Tensor y = poisoned(backend, shape, role);
              backend.normalise({.x = &x, .statistics = &statistics, .activation = activation, .skip = added, .y = y});
              results.take(backend, y);
            }
          return results;
        });
      }
}

TEST_CASE("normalise: results too large for the caches are the same") {
  const Shape shape{1, 32, 1024, 520};  // above 64 MB, written past the caches
  for (const Isa isa : available_isas()) {
    const auto backend = cpu_backend(isa, 2);
    Tensor x = upload(*backend, shape, numbers(shape.count(), 1)), y = poisoned(*backend, shape);
    backend->normalise({.x = &x, .activation = Activation::leaky_relu, .y = y});
    backend->normalise({.x = &x, .activation = Activation::leaky_relu, .y = x});
    CHECK(std::equal(y.data<float>(), y.data<float>() + shape.count(), x.data<float>()));
  }
}

TEST_CASE("tanh is close, odd, bounded, and keeps NaN") {
  const Shape shape{1, 1, 1, 40001};
  std::vector<double> values(shape.count());
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(static_cast<float>((static_cast<double>(i) - 20000) / 2000));
  for (const Isa isa : available_isas()) {
    const auto backend = cpu_backend(isa, 1);
    Tensor x = upload(*backend, shape, values);
    backend->normalise({.x = &x, .activation = Activation::tanh, .y = x});
    const std::vector<double> y = download(*backend, x);
    double error = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      error = std::max(error, std::abs(y[i] - std::tanh(values[i])));
      REQUIRE(std::abs(y[i]) <= 1);
      REQUIRE(y[i] == -y[y.size() - 1 - i]);
    }
    CHECK(error < 5e-7);
    for (const Activation activation : activations) {
      Tensor nan = upload(*backend, {1, 1, 4, 5}, std::vector<double>(20, std::nan("")));
      backend->normalise({.x = &nan, .activation = activation, .y = nan});
      for (const double value : download(*backend, nan)) CHECK(std::isnan(value));
    }
  }
}

TEST_CASE("normalise_backward: every norm and activation, in place, adding and overwriting") {
  for (const Shape& shape : awkward_shapes())
    for (const Activation activation : activations)
      for (const Norm norm : {Norm::none, Norm::instance, Norm::batch})
        for (const int form : {0, 1}) {  // 1: running statistics, in place, overwriting
          CAPTURE(to_string(shape));
          CAPTURE(to_string(activation));
          CAPTURE(to_string(norm));
          CAPTURE(form);
          compare(4e-6, [&](Backend& backend) {
            const auto channels = static_cast<std::size_t>(shape.c);
            const bool batch = norm == Norm::batch;
            Tensor dy = upload(backend, shape, numbers(shape.count(), 1));
            // Without norm z is an output of the activation, so that tanh's lies within +-1.
            std::vector<double> inputs = numbers(shape.count(), 2);
            if (norm == Norm::none)
              for (double& value : inputs) value = static_cast<double>(static_cast<float>(value / 2));
            const Tensor z = upload(backend, shape, inputs);
            const Tensor statistics = some_statistics(backend, shape, 3, batch);
            Tensor scale = upload(backend, {shape.c, 1, 1, 1}, numbers(channels, 4), Role::parameter);
            Tensor shift = upload(backend, {shape.c, 1, 1, 1}, numbers(channels, 5), Role::parameter);
            Tensor dx = form == 1 ? dy : poisoned(backend, shape);
            backend.normalise_backward({.dy = &dy,
                                        .z = &z,
                                        .statistics = norm == Norm::none ? nullptr : &statistics,
                                        .kind = norm,
                                        .running = batch && form == 1,
                                        .activation = activation,
                                        .dx = dx,
                                        .scale = batch ? &scale : nullptr,
                                        .shift = batch ? &shift : nullptr,
                                        .add_scale = form == 0,
                                        .add_shift = form == 0});
            Results results;
            results.take(backend, dx);
            results.arrays.push_back(download(backend, scale));
            results.arrays.push_back(download(backend, shift));
            return results;
          });
        }
}

TEST_CASE("add, into a tensor of its own and in place") {
  for (const Shape& shape : awkward_shapes())
    for (const bool in_place : {false, true}) {
      CAPTURE(to_string(shape));
      compare(1e-7, [&](Backend& backend) {
        const Tensor a = upload(backend, shape, numbers(shape.count(), 1));
        const Tensor b = upload(backend, shape, numbers(shape.count(), 2));
        Tensor y = in_place ? b : poisoned(backend, shape);
        backend.add(a, b, y);
        Results results;
        results.take(backend, y);
        return results;
      });
    }
}

TEST_CASE("bias_gradient sums over pictures and pixels") {
  for (const Shape& shape : awkward_shapes())
    for (const bool add : {false, true}) {
      CAPTURE(to_string(shape));
      const std::vector<double> gradient = numbers(shape.count(), 1, 0.1);
      std::vector<double> expected = numbers(static_cast<std::size_t>(shape.c), 2);
      const std::vector<double> before = expected;
      for (std::size_t c = 0; c < expected.size(); ++c) {
        if (!add) expected[c] = 0;
        for (int n = 0; n < shape.n; ++n)
          for (std::size_t i = 0; i < shape.pixels(); ++i)
            expected[c] += gradient[(static_cast<std::size_t>(n * shape.c) + c) * shape.pixels() + i];
      }
      for (const Isa isa : available_isas()) {
        const auto backend = cpu_backend(isa, 2);
        const Tensor dy = upload(*backend, shape, gradient);
        Tensor bias = upload(*backend, {shape.c, 1, 1, 1}, before, Role::parameter);
        detail::bias_gradient(*backend, dy, bias, add);
        CHECK(distance(download(*backend, bias), expected) < 1e-6);
      }
    }
}
