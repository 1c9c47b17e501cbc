// Example 9: editing a scene, and looking at it while it changes.
//
// A SceneEditor moves, duplicates, relabels and paints objects of a label map with its instance map; every step can be
// undone, also after the project was saved and loaded. A LiveSession shows what an edit changed long before the whole
// picture is made: a window, computed with the statistics of the last whole one. The tool `edit` is a page around these
// two.

#include <pix2pixhd/features/preview_window.hpp>
#include <pix2pixhd/features/scene_editor.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/project_file.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <type_traits>
#include <vector>

using namespace pix2pixhd;

constexpr int classes = 8;  // of the streets; boundaries of instances are one channel more

using G =
    Generator<1, GeneratorShape{.in = classes + 1, .width = 16, .downsamples = 1, .blocks = 1, .local_blocks = 1}>;

constexpr int car = static_cast<int>(StreetClass::car), tree = static_cast<int>(StreetClass::tree),
              road = static_cast<int>(StreetClass::road), sidewalk = static_cast<int>(StreetClass::sidewalk);

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

// Every second pixel of every second row: a scene that costs a quarter.
Scene halved(const Scene& scene) {
  const auto half = [](const auto& map) {
    auto small = std::decay_t<decltype(map)>::from_shape({map.shape()[0] / 2, map.shape()[1] / 2});
    for (std::size_t y = 0; y < small.shape()[0]; ++y)
      for (std::size_t x = 0; x < small.shape()[1]; ++x) small(y, x) = map(2 * y, 2 * x);
    return small;
  };
  return {.labels = half(scene.labels), .instances = half(*scene.instances)};
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

  // What is impossible is an Error with a sentence, and the scene stays as it was.
  try {
    editor.move(find(editor.scene(), car), 100'000, 0);
  } catch (const Error& error) {
    std::cout << "refused: " << error.what() << '\n';
  }

  // A stroke of trees.
  const std::vector<Place> line{{200, 40}, {260, 60}};
  editor.paint(stroke_region(editor.scene().sides(), line, 8), {.label = tree});
  // One sidewalk becomes road: of a surface, the part that is joined to the pixel.
  editor.relabel(find(editor.scene(), sidewalk), road);
  // A second car like the first, further to the right. It is an object of its own, with an id that no other has.
  const Pixel at = find(editor.scene(), car);
  const EditResult second = editor.duplicate(at, 100, 0);
  std::cout << "car " << value_at(editor.scene(), at).id << " has a copy, car " << second.id << '\n';
  // The first one moves. Steps back can be taken again.
  const EditResult moved = editor.move(at, 24, 6);
  editor.undo();
  editor.redo();

  // What the move changed, soon, and exactly. How far around it a window must see follows from the network's alignment.
  const Scene& scene = editor.scene();
  const auto window = preview_window(scene.sides(), moved.box, window_options(G::alignment));
  double difference = 0;
  if (window) {
    const auto soon = download(device, live.part(map_of(device, crop(scene, window->computed))));
    const auto exact = download(device, live.whole(map_of(device, scene)));
    const auto& [computed, shown] = *window;
    for (int y = shown.y; y < shown.y + shown.height; ++y)
      for (int x = shown.x; x < shown.x + shown.width; ++x)
        difference += std::abs(soon(0, 0, y - computed.y, x - computed.x) - exact(0, 0, y, x)) /
                      static_cast<double>(shown.pixels());
    std::cout << "a window of " << computed.width << "x" << computed.height << " differs by " << difference
              << " from the picture of " << scene.sides().width << "x" << scene.sides().height << '\n';
  } else {
    // So much changed that a window would cost almost what the picture does: the whole, smaller, is soon made too.
    const Tensor small = live.other(map_of(device, halved(scene)));
    std::cout << "no window, but a picture of " << small.shape().w << "x" << small.shape().h << '\n';
  }

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
