// The kinds of pixels that a first layer on a map tells.

#include "backend/cpu/map_cases.hpp"

#include <pix2pixhd/backend/cpu/map_convolution.hpp>

#include <map>
#include <utility>

using namespace pix2pixhd_test;
using namespace pix2pixhd_test::map_cases;

namespace {

/// The kinds that the look-up of a case tells, and what it computes.
struct Told {
  std::vector<std::uint8_t> kinds;
  Tensor y;
};

Told tell(CpuBackend& backend, const Case& c) {
  const SemanticMap map = c.labels.on(backend, c.level);
  const Tensor weight = upload(backend, c.weight(), numbers(c.weight().count(), 1), Role::parameter);
  Told told{.kinds = std::vector<std::uint8_t>(static_cast<std::size_t>(c.output().n) * c.output().pixels(), 77),
            .y = poisoned(backend, c.output())};
  detail::map_convolution(
      backend, {.geometry = c.geometry, .map = &map, .weight = &weight, .y = told.y, .kinds = told.kinds.data()});
  return told;
}

}  // namespace

TEST_CASE("pixels of one kind have the same values, bit for bit") {
  for (const Precision precision : {Precision::f32, Precision::bf16})
    for (const Isa isa : available_isas(precision)) {
      CAPTURE(std::string(to_string(isa)));
      CAPTURE(to_string(precision));
      for (const Case& c : cases()) {
        CAPTURE(c.text());
        const auto backend = cpu_backend(isa, 2, precision);
        const Told told = tell(*backend, c);
        const std::vector<double> values = download(*backend, told.y);
        const Shape shape = c.output();
        std::size_t different = 0;
        std::map<std::pair<int, int>, std::size_t> first;  // [picture, kind]: its first pixel
        for (std::size_t i = 0; i < told.kinds.size(); ++i) {
          if (told.kinds[i] == no_kind) continue;
          REQUIRE(told.kinds[i] <= c.labels.classes);
          const std::size_t n = i / shape.pixels(), pixel = i % shape.pixels();
          const std::size_t same = first.try_emplace({static_cast<int>(n), told.kinds[i]}, pixel).first->second;
          for (std::size_t channel = 0; channel < static_cast<std::size_t>(shape.c); ++channel) {
            const std::size_t plane = (n * static_cast<std::size_t>(shape.c) + channel) * shape.pixels();
            different += values[plane + pixel] != values[plane + same] ? 1u : 0u;
          }
        }
        CHECK(different == 0);
      }
    }
}

TEST_CASE("where windows see one class, pixels are of a kind, boundaries apart") {
  const auto share = [](const Case& c) {
    const Told told = tell(*cpu_backend(best_isa(), 1), c);
    const auto known = std::count_if(told.kinds.begin(), told.kinds.end(), [](std::uint8_t k) { return k != no_kind; });
    return static_cast<double>(known) / static_cast<double>(told.kinds.size());
  };
  for (const int level : {0, 1, 2}) {
    CAPTURE(level);
    CHECK(share({Labels({2, 1, 40, 40}, 4, false, Spread::flat), stem(Pad::reflect), level, 16}) == 1);
    CHECK(share({Labels({1, 1, 70, 90}, 35, false, Spread::noise), stem(Pad::reflect), level, 16}) == 0);
    // One class under a mesh of boundaries.
    Labels meshed({1, 1, 64, 64}, 4, true, Spread::flat);
    for (std::size_t i = 0; i < meshed.edges.size(); ++i) meshed.edges[i] = i % 7 == 0;
    CHECK(share({meshed, stem(Pad::reflect), level, 16}) == 0);
  }
  // The border's windows have zeros beside the class.
  CHECK(share({Labels({1, 1, 40, 40}, 4, false, Spread::flat), stem(Pad::zero), 0, 16}) ==
        doctest::Approx(34.0 * 34.0 / (40.0 * 40.0)));
}
