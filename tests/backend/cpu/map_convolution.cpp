#include "backend/cpu/backends.hpp"

#include <pix2pixhd/backend/cpu/map_convolution.hpp>
#include <pix2pixhd/backend/cpu/map_tables.hpp>
#include <pix2pixhd/backend/cpu/statistics.hpp>

#include <array>
#include <utility>

using namespace pix2pixhd_test;

namespace {

/// How labels are spread over a map: large areas as in real maps, one class, or a class of its own for every pixel,
/// with few boundaries or with boundaries nearly everywhere.
enum class Spread { areas, flat, noise, bounded_noise };

struct Labels {
  Shape plane;
  int classes;
  std::vector<std::uint8_t> labels, edges;

  Labels(const Shape& plane_, int classes_, bool with_edges, Spread spread) : plane(plane_), classes(classes_) {
    const std::vector<double> random = numbers(static_cast<std::size_t>(plane.n) * plane.pixels(), 17);
    for (int n = 0; n < plane.n; ++n)
      for (int y = 0; y < plane.h; ++y)
        for (int x = 0; x < plane.w; ++x) {
          const double noise = random[labels.size()];
          int label = (x + 2 * y + 7 * n) / 40;
          if (spread == Spread::flat) label = 1;
          if (spread == Spread::noise || spread == Spread::bounded_noise)
            label = static_cast<int>(std::abs(noise) * 1e6);
          label %= classes;
          if (spread == Spread::areas && noise > 1.0) label = classes - 1;
          if (spread != Spread::flat && noise < -1.1) label = no_class;
          labels.push_back(static_cast<std::uint8_t>(label));
          if (!with_edges) continue;
          if (spread == Spread::areas)
            edges.push_back((x + 2 * y) % 40 < 2);
          else
            edges.push_back(spread == Spread::bounded_noise ? x > 5 : noise > 0.7);
        }
  }

  SemanticMap on(Backend& backend, int level) const {
    const auto stored = [&](const std::vector<std::uint8_t>& bytes) -> std::shared_ptr<Storage> {
      if (bytes.empty()) return nullptr;
      auto storage = backend.allocate(bytes.size());
      backend.write_bytes(*storage, bytes.data(), bytes.size());
      return storage;
    };
    SemanticMap map(stored(labels), stored(edges), plane, classes);
    for (int i = 0; i < level; ++i) map = map.pooled({});
    return map;
  }
};

struct Case {
  Labels labels;
  ConvGeometry geometry;
  int level;
  int out;

  Shape output() const {
    Shape shape = labels.plane;
    for (int i = 0; i < level; ++i) shape = {shape.n, 1, (shape.h + 1) / 2, (shape.w + 1) / 2};
    return {shape.n, out, geometry.output(shape.h), geometry.output(shape.w)};
  }
  int inputs() const { return labels.classes + (labels.edges.empty() ? 0 : 1); }
  Shape weight(int dense = 0) const { return {out, inputs() + dense, geometry.kernel, geometry.kernel}; }
  std::string text() const {
    return to_string(labels.plane) + " level " + std::to_string(level) + " classes " + std::to_string(labels.classes) +
           " edges " + std::to_string(!labels.edges.empty()) + " kernel " + std::to_string(geometry.kernel) + " " +
           to_string(geometry.pad) + " out " + std::to_string(out);
  }
};

constexpr ConvGeometry stem(Pad pad) { return {.kernel = 7, .stride = 1, .padding = 3, .pad = pad}; }
constexpr ConvGeometry discriminator{.kernel = 4, .stride = 2, .padding = 2};

std::vector<Case> cases() {
  std::vector<Case> result;
  for (int level = 0; level <= 2; ++level) {
    for (const Pad pad : {Pad::zero, Pad::reflect, Pad::replicate})
      result.push_back({Labels({2, 1, 37, 75}, 9, true, Spread::areas), stem(pad), level, 20});
    result.push_back({Labels({1, 1, 43, 300}, 35, true, Spread::areas), stem(Pad::reflect), level, 32});
    result.push_back({Labels({1, 1, 41, 45}, 5, false, Spread::areas), stem(Pad::reflect), level, 80});
    result.push_back({Labels({2, 1, 61, 83}, 35, true, Spread::areas), discriminator, level, 64});
    result.push_back({Labels({1, 1, 33, 39}, 255, true, Spread::noise), stem(Pad::reflect), level, 16});
    result.push_back({Labels({1, 1, 36, 41}, 3, true, Spread::noise), discriminator, level, 5});
    result.push_back({Labels({2, 1, 75, 301}, 35, true, Spread::bounded_noise), stem(Pad::reflect), level, 40});
    result.push_back({Labels({1, 1, 70, 90}, 35, false, Spread::noise), stem(Pad::zero), level, 20});
    result.push_back({Labels({2, 1, 71, 280}, 20, true, Spread::noise), discriminator, level, 64});
    result.push_back({Labels({1, 1, 40, 40}, 4, false, Spread::flat), stem(Pad::reflect), level, 16});
    result.push_back({Labels({1, 1, 17, 13}, 1, true, Spread::areas), {.kernel = 1, .padding = 0}, level, 3});
    result.push_back({Labels({1, 1, 20, 18}, 6, true, Spread::areas),
                      {.kernel = 3, .padding = 1, .pad = Pad::reflect, .enlarge = 2},
                      level,
                      8});
    result.push_back(
        {Labels({1, 1, 50, 60}, 6, true, Spread::areas), {.kernel = 11, .stride = 3, .padding = 5}, level, 17});
  }
  result.push_back({Labels({1, 1, 70, 90}, 255, true, Spread::noise), stem(Pad::reflect), 3, 16});
  result.push_back({Labels({1, 1, 90, 140}, 255, true, Spread::noise), {.kernel = 3}, 4, 16});
  return result;
}

Tensor statistics_tensor(Backend& backend, const Shape& x) {
  const int width = backend.name() == "reference" ? x.c : (x.c + 15) / 16 * 16;
  return poisoned(backend, {x.n, statistics_rows, 1, width}, Role::statistics);
}

/// The rows of a statistics tensor without their filling; 1 / variance would magnify differences without meaning where
/// the variance is zero, so that the deviation is replaced by the variance.
std::vector<double> mean_and_variance(Backend& backend, const Tensor& statistics, int channels) {
  const std::vector<double> all = download(backend, statistics);
  const auto width = static_cast<std::size_t>(statistics.shape().w);
  std::vector<double> result;
  for (int n = 0; n < statistics.shape().n; ++n)
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      const std::size_t at = static_cast<std::size_t>(n * statistics_rows) * width + c;
      result.push_back(all[at]);
      result.push_back(std::pow(all[at + 3 * width], -2.0));
    }
  return result;
}

/// Runs the look-up of a case with a workspace of exactly the stated size.
void look_up(CpuBackend& backend, const detail::MapConvolution& call, const detail::MapEpilogue& epilogue) {
  const auto workspace = backend.allocate(backend.map_workspace(call));
  std::fill_n(static_cast<unsigned char*>(workspace->mutable_data()), workspace->bytes(),
              static_cast<unsigned char>(0xff));
  detail::MapConvolution with = call;
  with.workspace = static_cast<std::byte*>(workspace->mutable_data());
  detail::map_convolution(backend, with, epilogue);
}

}  // namespace

TEST_CASE("a convolution by look-up equals that of one-hot channels; its moments are those of its result") {
  for (const Case& c : cases()) {
    CAPTURE(c.text());
    const auto run = [&](Backend& backend) {
      const BlockInput x = c.labels.on(backend, c.level);
      const Tensor weight = upload(backend, c.weight(), numbers(c.weight().count(), 1), Role::parameter);
      const Tensor bias =
          upload(backend, {c.out, 1, 1, 1}, numbers(static_cast<std::size_t>(c.out), 2), Role::parameter);
      Tensor y = poisoned(backend, c.output());
      const Tensor statistics = statistics_tensor(backend, c.output());
      const Normalisation norm{.kind = Norm::instance};
      if (auto* const cpu = dynamic_cast<CpuBackend*>(&backend)) {
        const detail::MapConvolution call{
            .geometry = c.geometry, .map = &*x.map, .weight = &weight, .bias = &bias, .y = y};
        const int chunks = detail::map_moment_chunks(call);
        std::vector<int> counts(static_cast<std::size_t>(chunks));
        std::vector<detail::BlockMoments> moments(
            static_cast<std::size_t>(c.output().n * ((c.out + 15) / 16) * chunks));
        look_up(*cpu, call, {.moments = moments.data()});
        detail::map_moment_counts(call, counts.data());
        detail::finish_statistics(cpu->pool(), {.moments = moments.data(), .counts = counts.data(), .chunks = chunks},
                                  y.shape(), norm, statistics);
      } else {
        backend.convolve({.geometry = c.geometry, .x = &x, .weight = &weight, .bias = &bias, .y = y});
        backend.statistics({.x = &y, .norm = norm, .statistics = statistics});
      }
      Results results;
      results.take(backend, y);
      results.arrays.push_back(mean_and_variance(backend, statistics, c.out));
      return results;
    };
    compare_in(Precision::f32, 5e-6, 0, run);
    compare_in(Precision::bf16, bf16_rounding, bf16_rounding, run);  // moments are those of the rounded values
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
            look_up(*cpu, {.geometry = c.geometry, .map = &*x.map, .weight = &weight, .bias = added, .y = y},
                    {.activation = activation});
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

TEST_CASE("the weight gradient by look-up equals that of one-hot channels and leaves dense channels alone") {
  for (const Case& c : cases())
    for (const bool add : {false, true}) {
      CAPTURE(c.text());
      CAPTURE(add);
      constexpr int dense = 2;
      const std::vector<double> before = numbers(c.weight(dense).count(), 3);
      compare(4e-6, [&](Backend& backend) {
        const BlockInput x = c.labels.on(backend, c.level);
        const Tensor dy = upload(backend, c.output(), numbers(c.output().count(), 1));
        const std::size_t taps = static_cast<std::size_t>(c.geometry.kernel * c.geometry.kernel);
        const auto inputs = static_cast<std::size_t>(c.inputs());
        if (auto* const cpu = dynamic_cast<CpuBackend*>(&backend)) {
          Tensor weight = upload(backend, c.weight(dense), before, Role::parameter);
          detail::MapConvolutionBackwardWeights call{
              .geometry = c.geometry, .map = &*x.map, .dy = &dy, .weight = &weight, .add = add};
          const auto workspace = backend.allocate(cpu->map_backward_workspace(call));
          std::fill_n(static_cast<unsigned char*>(workspace->mutable_data()), workspace->bytes(),
                      static_cast<unsigned char>(0xff));
          call.workspace = static_cast<std::byte*>(workspace->mutable_data());
          cpu->map_convolve_backward_weights(call);
          return Results{{download(backend, weight)}};
        }
        // The reference knows no slices: its result is put where the slice lies.
        Tensor weight = poisoned(backend, c.weight(), Role::parameter);
        backend.convolve_backward_weights(
            {.geometry = c.geometry, .x = &x, .dy = &dy, .weight = &weight, .add_weight = false});
        const std::vector<double> slice = download(backend, weight);
        std::vector<double> all = before;
        for (std::size_t o = 0; o < static_cast<std::size_t>(c.out); ++o)
          for (std::size_t i = 0; i < inputs * taps; ++i) {
            double& to = all[o * (inputs + dense) * taps + i];
            to = slice[o * inputs * taps + i] + (add ? to : 0.0);
          }
        return Results{{all}};
      });
    }
}

TEST_CASE("the mean over a map of one class is exact and its variance zero") {
  const Case c{Labels({1, 1, 70, 530}, 4, false, Spread::flat), stem(Pad::reflect), 0, 16};
  for (const Isa isa : available_isas()) {
    const auto backend = cpu_backend(isa, 2);
    const SemanticMap map = c.labels.on(*backend, 0);
    const Tensor weight = upload(*backend, c.weight(), numbers(c.weight().count(), 1), Role::parameter);
    const Tensor y = poisoned(*backend, c.output()), statistics = statistics_tensor(*backend, c.output());
    const detail::MapConvolution call{.geometry = c.geometry, .map = &map, .weight = &weight, .y = y};
    std::vector<int> counts(static_cast<std::size_t>(detail::map_moment_chunks(call)));
    std::vector<detail::BlockMoments> moments(counts.size());
    look_up(*backend, call, {.moments = moments.data()});
    detail::map_moment_counts(call, counts.data());
    detail::finish_statistics(
        backend->pool(),
        {.moments = moments.data(), .counts = counts.data(), .chunks = static_cast<int>(counts.size())}, y.shape(),
        {.kind = Norm::instance}, statistics);
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
      "a transposed convolution cannot read a semantic map; begin the network with an ordinary convolution", Error);
}
