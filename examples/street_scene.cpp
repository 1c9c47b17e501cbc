// Draws the label map and the instance map of an invented street, by a seed, in the classes of Cityscapes.

#include <CLI/CLI.hpp>
#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/palette.hpp>

#include "tools/tool.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace {

using namespace pix2pixhd;

struct Scene {
  int width, height;
  LabelArray labels = LabelArray::from_shape({static_cast<std::size_t>(height), static_cast<std::size_t>(width)});
  InstanceArray instances =
      InstanceArray::from_shape({static_cast<std::size_t>(height), static_cast<std::size_t>(width)});
  RandomStream random;
  std::uint64_t drawn = 0;
  int objects = 0;

  Scene(int w, int h, std::uint64_t seed) : width(w), height(h), random(seed, "street scene") {}

  double between(double low, double high) { return low + (high - low) * random.uniform(drawn++); }

  /// Classes by name, so that the picture's code says what it draws.
  static std::uint8_t id(std::string_view name) { return static_cast<std::uint8_t>(cityscapes_id(name).value()); }

  /// Gives every pixel for which inside(x, y) a class. Things that can be counted get an instance id of their own, as
  /// Cityscapes forms it: 1000 * class + number; the rest has its class for an id.
  template <class Inside>
  void paint(std::string_view name, bool counted, const Inside& inside) {
    const std::uint8_t label = id(name);
    const int instance = counted ? label * 1000 + objects++ : label;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
        if (inside(x, y)) {
          labels(static_cast<std::size_t>(y), static_cast<std::size_t>(x)) = label;
          instances(static_cast<std::size_t>(y), static_cast<std::size_t>(x)) = instance;
        }
  }
  void box(std::string_view name, bool counted, double left, double top, double right, double bottom) {
    paint(name, counted, [=](int x, int y) { return x >= left && x < right && y >= top && y < bottom; });
  }
  void disc(std::string_view name, double at_x, double at_y, double radius) {
    paint(name, false, [=](int x, int y) { return std::hypot(x - at_x, y - at_y) < radius; });
  }
};

/// From back to front: what is near hides what is far.
void draw(Scene& s) {
  const double w = s.width, h = s.height;
  const double horizon = h * s.between(0.38, 0.48), vanishing = w * s.between(0.4, 0.6);
  s.paint("sky", false, [](int, int) { return true; });
  for (double x = 0; x < w;) {
    const double wide = w * s.between(0.06, 0.16);
    s.box("building", false, x, horizon - h * s.between(0.1, 0.36), x + wide, horizon + h * 0.04);
    x += wide;
  }
  s.paint("terrain", false, [=](int, int y) { return y >= horizon; });
  const auto strip = [&](std::string_view name, double slope) {
    s.paint(name, false,
            [=](int x, int y) { return y >= horizon && std::abs(x - vanishing) < (y - horizon) * slope + w * 0.01; });
  };
  strip("sidewalk", 1.5);
  strip("road", 1.1);
  for (int i = 0; i < 6; ++i) {
    const double x = w * s.between(0, 1), radius = h * s.between(0.04, 0.09);
    s.box("pole", false, x - h * 0.006, horizon - radius, x + h * 0.006, horizon + h * 0.06);
    s.disc("vegetation", x, horizon - 1.5 * radius, radius);
  }
  for (int i = 0; i < 8; ++i) {
    // `near` is 0 at the horizon and 1 at the lower border; sizes grow with it. Nearer things are drawn later.
    const double near = 0.06 + 0.08 * i, bottom = horizon + near * (h - horizon);
    const bool car = i % 2 == 1;
    const double tall = near * h * (car ? 0.28 : 0.4) + h * 0.02, wide = tall * (car ? 1.7 : 0.35);
    const double side = car ? s.between(-0.8, 0.8) : std::copysign(1.3, s.between(-1, 1));
    const double left = vanishing + side * (bottom - horizon) - wide / 2;
    s.box(car ? "car" : "person", true, left, bottom - tall, left + wide, bottom);
  }
  s.box("ego vehicle", false, 0, h * 0.95, w, h);
}

}  // namespace

int main(int argc, char** argv) {
  int width = 2048, height = 1024;
  std::uint64_t seed = 1;
  std::filesystem::path labels, instances, colours;
  CLI::App app("Draws label map and instance map of an invented street in the classes of Cityscapes.", "street_scene");
  app.add_option("--width", width, "Pixels")->check(CLI::Range(16, 16384))->capture_default_str();
  app.add_option("--height", height, "Pixels")->check(CLI::Range(16, 16384))->capture_default_str();
  app.add_option("--seed", seed, "The same seed draws the same street")->capture_default_str();
  app.add_option("--labels", labels, "The label map to write, .png")->required();
  app.add_option("--instances", instances, "The instance map to write, .png")->required();
  app.add_option("--colours", colours, "The label map to write in the colours of Cityscapes, for looking at");
  return tools::run(app, argc, argv, [&] {
    Scene scene(width, height, seed);
    draw(scene);
    write_labels(labels, scene.labels);
    write_instances(instances, scene.instances);
    if (!colours.empty()) write_image(colours, colorize(scene.labels, cityscapes_palette()));
  });
}
