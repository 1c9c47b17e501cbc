#include "backend/cpu/map_cases.hpp"

#include <pix2pixhd/backend/cpu/map_convolution.hpp>
#include <pix2pixhd/backend/cpu/map_tables.hpp>

using namespace pix2pixhd_test;
using namespace pix2pixhd_test::map_cases;

namespace {

/// Runs the look-up of a case with a workspace of exactly the stated size.
void look_up(CpuBackend& backend, const detail::MapConvolution& call) {
  const auto workspace = backend.allocate(backend.map_workspace(call));
  std::fill_n(static_cast<unsigned char*>(workspace->mutable_data()), workspace->bytes(),
              static_cast<unsigned char>(0xff));
  detail::MapConvolution with = call;
  with.workspace = static_cast<std::byte*>(workspace->mutable_data());
  detail::map_convolution(backend, with);
}

/// Weights of a case, those of one class times a factor.
std::vector<double> weights_of(const Case& c, int label, double factor) {
  const auto taps = static_cast<std::size_t>(c.geometry.kernel) * static_cast<std::size_t>(c.geometry.kernel);
  std::vector<double> values = numbers(c.weight().count(), 1);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (i / taps % static_cast<std::size_t>(c.inputs()) == static_cast<std::size_t>(label))
      values[i] = static_cast<double>(static_cast<float>(values[i] * factor));
  return values;
}

/// Compares the sums of a device of precision bf16, before they are rounded to bf16, with the reference.
void compare_words(const Case& c, const std::vector<double>& weights) {
  compare_in(Precision::bf16, 1e-3, 0, [&](Backend& backend) {
    const BlockInput x = c.labels.on(backend, c.level);
    const Tensor weight = upload(backend, c.weight(), weights, Role::parameter);
    const Tensor y = poisoned(backend, c.output(), Role::float_activation);
    backend.convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .y = y});
    Results results;
    results.take(backend, y);
    return results;
  });
}

}  // namespace

TEST_CASE("a convolution by look-up equals that of one-hot channels") {
  for (const Case& c : cases()) {
    CAPTURE(c.text());
    compare(5e-6, [&](Backend& backend) {
      const BlockInput x = c.labels.on(backend, c.level);
      const Tensor weight = upload(backend, c.weight(), numbers(c.weight().count(), 1), Role::parameter);
      const Tensor bias =
          upload(backend, {c.out, 1, 1, 1}, numbers(static_cast<std::size_t>(c.out), 2), Role::parameter);
      Tensor y = poisoned(backend, c.output());
      if (auto* const cpu = dynamic_cast<CpuBackend*>(&backend))
        look_up(*cpu, {.geometry = c.geometry, .map = &*x.map, .weight = &weight, .bias = &bias, .y = y});
      else
        backend.convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = &bias, .y = y});
      Results results;
      results.take(backend, y);
      return results;
    });
  }
}

TEST_CASE("whole numbers in which maps of noise are summed in bf16 are as fine as the sums of a row allow") {
  for (const int level : {0, 1})
    for (const Case& c : {Case{Labels({1, 1, 70, 90}, 35, true, Spread::bounded_noise), stem(Pad::reflect), level, 16},
                          Case{Labels({2, 1, 75, 301}, 20, false, Spread::noise), stem(Pad::zero), level, 40},
                          Case{Labels({1, 1, 71, 280}, 35, true, Spread::noise), discriminator, level, 64}}) {
      CAPTURE(c.text());
      compare_words(c, std::vector<double>(c.weight().count(), 0.0));
      for (const double factor : {1.0, 100.0}) {
        CAPTURE(factor);
        compare_words(c, weights_of(c, 3, factor));
      }
    }
}

TEST_CASE("a weight that is no number is seen in its channel of a map of noise, and in no other") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const bool edges : {false, true})
    for (const double odd : {nan, inf})
      for (const Precision precision : {Precision::f32, Precision::bf16}) {
        const Case c{Labels({1, 1, 70, 90}, 35, edges, Spread::noise), stem(Pad::reflect), 1, 40};
        CAPTURE(c.text());
        CAPTURE(odd);
        CAPTURE(to_string(precision));
        const auto backend = cpu_backend(best_isa(), 2, precision);
        const BlockInput x = c.labels.on(*backend, c.level);
        std::vector<double> values = numbers(c.weight().count(), 1);
        const std::size_t of_channel = values.size() / 40;
        for (std::size_t label = 0; label < 35; ++label) values[17 * of_channel + label * 49 + 1] = odd;  // every class
        const Tensor weight = upload(*backend, c.weight(), values, Role::parameter);
        const Tensor y = poisoned(*backend, c.output());
        backend->convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .y = y});
        const std::vector<double> result = download(*backend, y);
        std::size_t odd_values = 0;
        for (std::size_t i = 0; i < result.size(); ++i) {
          const bool of_odd = i / c.output().pixels() == 17;
          odd_values += of_odd && !std::isfinite(result[i]);
          REQUIRE((of_odd || std::isfinite(result[i])));
        }
        CHECK(odd_values >= c.output().pixels() / 2);  // the others have no class under that tap
      }
}

TEST_CASE("a class that a map does not have takes nothing from how finely the others are summed in bf16") {
  Case c{Labels({1, 1, 70, 90}, 20, false, Spread::noise), stem(Pad::reflect), 0, 40};
  for (std::uint8_t& label : c.labels.labels)
    if (label == 3) label = 4;
  compare_words(c, weights_of(c, 3, 1e5));
}

TEST_CASE("a map of one class is looked up by windows alone, whatever the width and whoever looks up its tiles") {
  for (const int width : {7, 13, 259, 260, 516, 517})
    for (const int level : {0, 1}) {
      const Case c{Labels({1, 1, 64, width}, 9, false, Spread::flat), stem(Pad::reflect), level, 16};
      CAPTURE(c.text());
      const auto backend = cpu_backend(best_isa(), 2);
      const BlockInput x = c.labels.on(*backend, level);
      const Tensor weight = upload(*backend, c.weight(), numbers(c.weight().count(), 1), Role::parameter);
      const Tensor y = poisoned(*backend, c.output());
      backend->convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .y = y});
      const std::vector<double> result = download(*backend, y);
      const std::size_t pixels = c.output().pixels();
      for (std::size_t i = 0; i < result.size(); ++i) REQUIRE(result[i] == result[i / pixels * pixels]);
    }
}

TEST_CASE("the look-up activates, with and without bias, for any share of uniform windows") {
  for (const Activation activation : {Activation::relu, Activation::leaky_relu, Activation::tanh})
    for (const bool biased : {false, true})
      for (const Case& c : {Case{Labels({1, 1, 40, 70}, 7, true, Spread::areas), stem(Pad::reflect), 0, 40},
                            Case{Labels({1, 1, 40, 70}, 7, true, Spread::areas), discriminator, 1, 3}}) {
        CAPTURE(c.text());
        CAPTURE(to_string(activation));
        compare(2e-6, [&](Backend& backend) {
          const BlockInput x = c.labels.on(backend, c.level);
          std::vector<double> values = numbers(c.weight().count(), 1);
          for (double& value : values) value = static_cast<double>(static_cast<float>(value / 20));
          const Tensor weight = upload(backend, c.weight(), values, Role::parameter);
          const Tensor bias =
              upload(backend, {c.out, 1, 1, 1}, numbers(static_cast<std::size_t>(c.out), 2), Role::parameter);
          Tensor y = poisoned(backend, c.output());
          const Tensor* const added = biased ? &bias : nullptr;
          if (auto* const cpu = dynamic_cast<CpuBackend*>(&backend)) {
            look_up(*cpu, {.geometry = c.geometry,
                           .map = &*x.map,
                           .weight = &weight,
                           .bias = added,
                           .activation = activation,
                           .y = y});
          } else {
            backend.convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = added, .y = y});
            backend.normalise({.x = &y, .activation = activation, .y = y});
          }
          Results results;
          results.take(backend, y);
          return results;
        });
      }
}

TEST_CASE("the mean over a map of one class is exact and its variance zero") {
  const Case c{Labels({1, 1, 70, 530}, 4, false, Spread::flat), stem(Pad::reflect), 0, 16};
  for (const Isa isa : available_isas()) {
    const auto backend = cpu_backend(isa, 2);
    const BlockInput x = c.labels.on(*backend, 0);
    const Tensor weight = upload(*backend, c.weight(), numbers(c.weight().count(), 1), Role::parameter);
    const Tensor y = poisoned(*backend, c.output());
    const Tensor statistics = poisoned(*backend, {1, statistics_rows, 1, 16}, Role::statistics);
    backend->conv_block({.geometry = c.geometry,
                         .norm = {.kind = Norm::instance},
                         .x = &x,
                         .weight = &weight,
                         .raw = y,
                         .statistics = statistics});
    for (int i = 0; i < 16; ++i) {
      CHECK(statistics.data<float>()[i] == y.data<float>()[i]);
      CHECK(statistics.data<float>()[48 + i] == static_cast<float>(1 / std::sqrt(norm_epsilon)));
    }
  }
}

TEST_CASE("tables are kept until the weight changes, or not at all, and are as large as was said") {
  const Case c{Labels({1, 1, 20, 30}, 5, true, Spread::areas), stem(Pad::reflect), 0, 8};
  const auto backend = cpu_backend(best_isa(), 1);
  const SemanticMap map = c.labels.on(*backend, 0);
  Tensor weight = upload(*backend, c.weight(), numbers(c.weight().count(), 1), Role::parameter);
  const Tensor y = poisoned(*backend, c.output());
  detail::MapConvolution call{.geometry = c.geometry, .map = &map, .weight = &weight, .y = y, .keep_derived = false};
  const std::vector<DerivedBytes> derived = backend->map_derived(call);
  REQUIRE(derived.size() == 1);

  const std::size_t held = backend->memory().current();
  backend->map_convolve(call);
  CHECK(backend->memory().current() == held);
  CHECK(!weight.storage()->has_derived(derived[0].key));
  backend->memory().reset_peak();
  call.keep_derived = true;
  backend->map_convolve(call);
  CHECK(backend->memory().current() == held + derived[0].bytes);
  CHECK(backend->memory().peak() == held + derived[0].bytes + backend->map_workspace(call));
  CHECK(weight.storage()->has_derived(derived[0].key));

  const std::vector<double> first = download(*backend, y);
  std::vector<double> values = numbers(c.weight().count(), 1);
  for (double& value : values) value *= 2;
  backend->write(weight, values.data(), DataType::f64);
  backend->map_convolve(call);
  const std::vector<double> second = download(*backend, y);
  for (std::size_t i = 0; i < first.size(); ++i) REQUIRE(second[i] == 2 * first[i]);
}

TEST_CASE("a transposed convolution of a map is refused") {
  const auto backend = cpu_backend(best_isa(), 1);
  const SemanticMap map = Labels({1, 1, 8, 8}, 3, false, Spread::areas).on(*backend, 0);
  const Tensor weight = poisoned(*backend, {3, 4, 3, 3}, Role::parameter), y = poisoned(*backend, {1, 4, 16, 16});
  CHECK_THROWS_WITH_AS(
      backend->map_convolve({.geometry = {.stride = 2, .transposed = true}, .map = &map, .weight = &weight, .y = y}),
      "a transposed convolution cannot read a semantic map; begin the network with an ordinary convolution.", Error);
}
