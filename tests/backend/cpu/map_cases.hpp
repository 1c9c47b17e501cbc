#pragma once
/// Convolutions over semantic maps that the tests of look-ups and of their gradient run through.

#include "backend/cpu/backends.hpp"

namespace pix2pixhd_test::map_cases {

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

inline std::vector<Case> cases() {
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

}  // namespace pix2pixhd_test::map_cases
