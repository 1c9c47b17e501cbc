#include "backend/cpu/backends.hpp"

using namespace pix2pixhd_test;

namespace {

Shape statistics_shape(const Backend& backend, const Shape& x) {
  return {x.n, statistics_rows, 1,
          backend.format(x, Role::activation).block == 1 && backend.name() == "reference" ? x.c : (x.c + 15) / 16 * 16};
}

/// The first `channels` of every row.
std::vector<double> rows_of(Backend& backend, const Tensor& statistics, int channels) {
  const std::vector<double> all = download(backend, statistics);
  const auto width = static_cast<std::size_t>(statistics.shape().w);
  std::vector<double> result;
  for (std::size_t row = 0; row < all.size() / width; ++row)
    for (std::size_t c = 0; c < width; ++c) {
      if (c < static_cast<std::size_t>(channels))
        result.push_back(all[row * width + c]);
      else
        CHECK(all[row * width + c] == 0);
    }
  return result;
}

}  // namespace

TEST_CASE("statistics of every picture, with a mean far from zero") {
  for (const Shape& shape : awkward_shapes()) {
    CAPTURE(to_string(shape));
    compare(2e-6, [&](Backend& backend) {
      const Tensor x = upload(backend, shape, numbers(shape.count(), 1, 30.0));
      const Tensor statistics = poisoned(backend, statistics_shape(backend, shape), Role::statistics);
      backend.statistics({.x = &x, .norm = {.kind = Norm::instance}, .statistics = statistics});
      return Results{{rows_of(backend, statistics, shape.c)}};
    });
  }
}

TEST_CASE("statistics of a batch, with bias, running values moved and used") {
  for (const Shape& shape : awkward_shapes()) {
    for (const bool use : {false, true}) {
      CAPTURE(to_string(shape));
      CAPTURE(use);
      compare(2e-6, [&](Backend& backend) {
        const Shape vector{shape.c, 1, 1, 1};
        const auto count = static_cast<std::size_t>(shape.c);
        const Tensor x = upload(backend, shape, numbers(shape.count(), 2, 3.0));
        const Tensor scale = upload(backend, vector, numbers(count, 3, 1.0), Role::parameter);
        const Tensor shift = upload(backend, vector, numbers(count, 4), Role::parameter);
        const Tensor bias = upload(backend, vector, numbers(count, 5), Role::parameter);
        const Tensor mean = upload(backend, vector, numbers(count, 6), Role::parameter);
        const Tensor variance = upload(backend, vector, numbers(count, 7, 4.0), Role::parameter);
        const Tensor statistics = poisoned(backend, statistics_shape(backend, shape), Role::statistics);
        backend.statistics({.x = &x,
                            .norm = {.kind = Norm::batch,
                                     .scale = &scale,
                                     .shift = &shift,
                                     .bias = &bias,
                                     .running_mean = &mean,
                                     .running_variance = &variance,
                                     .use_running = use,
                                     .update_running = !use},
                            .statistics = statistics});
        return Results{{rows_of(backend, statistics, shape.c), download(backend, mean), download(backend, variance)}};
      });
    }
  }
}

TEST_CASE("the mean of equal values is exact") {
  const Shape shape{1, 16, 71, 130};
  for (const Isa isa : available_isas()) {
    const auto backend = cpu_backend(isa, 1);
    const double value = static_cast<double>(0.1f);
    const Tensor x = upload(*backend, shape, std::vector<double>(shape.count(), value));
    const Tensor statistics = poisoned(*backend, {1, statistics_rows, 1, 16}, Role::statistics);
    backend->statistics({.x = &x, .norm = {.kind = Norm::instance}, .statistics = statistics});
    CHECK(statistics.data<float>()[0] == 0.1f);
    CHECK(statistics.data<float>()[16] == doctest::Approx(1 / std::sqrt(norm_epsilon)).epsilon(1e-6));
  }
}
