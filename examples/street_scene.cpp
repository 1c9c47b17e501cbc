// Draws an invented street by a seed: label map, instance map, and the picture that belongs to them.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/street_scene.hpp>

#include "tools/tool.hpp"

#include <cstdint>
#include <filesystem>

int main(int argc, char** argv) {
  using namespace pix2pixhd;
  PictureSize size{.width = 2048, .height = 1024};
  std::uint64_t seed = 1;
  std::filesystem::path labels, instances, image;
  CLI::App app("Draws label map and instance map of an invented street of 8 classes.", "street_scene");
  app.add_option("--width", size.width, "Pixels")->check(CLI::Range(32, 16384))->capture_default_str();
  app.add_option("--height", size.height, "Pixels")->check(CLI::Range(16, 16384))->capture_default_str();
  app.add_option("--seed", seed, "The same seed draws the same street, at every size")->capture_default_str();
  app.add_option("--labels", labels, "The label map to write, .png; it shows in colours and holds classes")->required();
  app.add_option("--instances", instances, "The instance map to write, .png")->required();
  app.add_option("--image", image, "The picture of the same street to write, .png or .jpg");
  return tools::run(app, argc, argv, [&] {
    const StreetScene scene = street_scene(seed, size);
    write_labels(labels, scene.labels, street_palette());
    write_instances(instances, scene.instances);
    if (!image.empty()) write_image(image, scene.image);
  });
}
