// Example 9: editing a scene, and looking at it while it changes.
//
// A SceneEditor moves, relabels and paints objects of a label map with its instance map; every step can be undone, also
// after the project was saved and loaded. A LiveSession shows what an edit changed long before the whole picture is
// made: a window, computed with the statistics of the last whole one. The tool `edit` is a page around these two.

#include <pix2pixhd/features/preview_window.hpp>
#include <pix2pixhd/features/scene_editor.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/project_file.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <vector>

using namespace pix2pixhd;

constexpr int classes = 8;  // of the streets; boundaries of instances are one channel more

using G =
    Generator<1, GeneratorShape{.in = classes + 1, .width = 16, .downsamples = 1, .blocks = 1, .local_blocks = 1}>;

constexpr int car = static_cast<int>(StreetClass::car), tree = static_cast<int>(StreetClass::tree);

// The first pixel of a class.
Pixel find(const Scene& scene, int label) {
  const Sides sides = scene.sides();
  for (int y = 0; y < sides.height; ++y)
    for (int x = 0; x < sides.width; ++x)
      if (value_at(scene, {x, y}).label == label) return {x, y};
  throw Error("the street has no such object.");
}

SemanticMap map_of(Device& device, const Scene& scene) {
  return semantic_map(device, scene.labels, scene.instances, classes);
}

// The part of a scene that lies in a box.
Scene part_of(const Scene& scene, const PixelBox& box) {
  const auto height = static_cast<std::size_t>(box.height), width = static_cast<std::size_t>(box.width);
  Scene part{.labels = xt::xtensor<std::uint8_t, 2>::from_shape({height, width}),
             .instances = xt::xtensor<std::int32_t, 2>::from_shape({height, width})};
  for (int y = 0; y < box.height; ++y)
    for (int x = 0; x < box.width; ++x) {
      const PixelValue value = value_at(scene, {box.x + x, box.y + y});
      part.labels(static_cast<std::size_t>(y), static_cast<std::size_t>(x)) = value.label;
      (*part.instances)(static_cast<std::size_t>(y), static_cast<std::size_t>(x)) = value.id;
    }
  return part;
}

int main(int argc, char** argv) try {
  const std::filesystem::path file = argc > 1 ? argv[1] : "09_editing.project.safetensors";
  Device device = best_device();
  G generator;
  initialize(device, generator, 1);

  const StreetScene street = street_scene(5, {.width = 512, .height = 256});
  SceneEditor editor({.labels = street.labels, .instances = street.instances}, {.classes = classes});
  LiveSession live(device, generator);
  live.whole(map_of(device, editor.scene()));  // notes the statistics that windows take

  // A stroke of trees, a car that moves, and a second one like it. What is impossible is an Error with a sentence.
  const std::vector<Place> line{{200, 40}, {260, 60}};
  editor.paint(stroke_region(editor.scene().sides(), line, 8), {.label = tree});
  const EditResult moved = editor.move(find(editor.scene(), car), 24, 6);
  editor.undo();
  editor.redo();
  try {
    editor.move(find(editor.scene(), car), 100'000, 0);
  } catch (const Error& error) {
    std::cout << "refused: " << error.what() << '\n';
  }

  // What the move changed, soon, and exactly.
  const auto window = preview_window(editor.scene().sides(), moved.box, {.alignment = G::alignment, .most = 1});
  const xt::xtensor<float, 4> soon =
      download(device, live.part(map_of(device, part_of(editor.scene(), window->computed))));
  const xt::xtensor<float, 4> exact = download(device, live.whole(map_of(device, editor.scene())));
  double difference = 0;
  for (int y = window->shown.y; y < window->shown.y + window->shown.height; ++y)
    for (int x = window->shown.x; x < window->shown.x + window->shown.width; ++x)
      difference += std::abs(soon(0, 0, y - window->computed.y, x - window->computed.x) - exact(0, 0, y, x)) /
                    static_cast<double>(window->shown.pixels());
  std::cout << "a window of " << window->computed.width << "x" << window->computed.height << " differs by "
            << difference << " from the picture of " << editor.scene().sides().width << "x"
            << editor.scene().sides().height << '\n';

  save_project(file, editor);
  Project project = load_project(file);
  while (project.editor.history().done() > 0) project.editor.undo();
  const bool same = project.editor.scene().labels == street.labels;
  std::cout << file.string() << (same ? " can be undone to the beginning\n" : " lost something\n");
  return same && difference < 0.1 ? 0 : 1;
} catch (const Error& error) {
  std::cerr << "09_editing: " << error.what() << '\n';
  return 1;
}
