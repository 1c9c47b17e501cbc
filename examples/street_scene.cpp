// Draws invented streets: one by its seed, with label map, instance map and the picture that belongs to them, or a data
// set of them to train on.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/street_scene.hpp>

#include "tools/outputs.hpp"
#include "tools/tool.hpp"

#include <cstdint>
#include <filesystem>
#include <system_error>

namespace {

using namespace pix2pixhd;

struct Options {
  PictureSize size{.width = 2048, .height = 1024};
  std::uint64_t seed = 1;
  std::filesystem::path labels, instances, image;
  std::filesystem::path dataset;
  int train = 600, test = 32;
};

void draw_one(const Options& options) {
  tools::Outputs outputs{};
  for (const std::filesystem::path& map : {options.labels, options.instances}) {
    detail::require(output_format(map) == ImageFormat::png, map, " must end in .png.");
    outputs.writes(map);
  }
  if (!options.image.empty()) output_format(options.image);
  outputs.writes(options.image);
  const StreetScene scene = street_scene(options.seed, options.size);
  write_labels(options.labels, scene.labels, street_palette());
  write_instances(options.instances, scene.instances);
  if (!options.image.empty()) write_image(options.image, scene.image);
}

/// Error if a folder of the data set holds something, which would mix with the new streets, or cannot be written to.
void check_dataset(const std::filesystem::path& folder) {
  tools::Outputs outputs{};
  for (const char* name : {"train_label", "train_inst", "train_img", "test_label", "test_inst", "test_img"}) {
    const std::filesystem::path part = folder / name;
    std::error_code problem;
    detail::require(
        !std::filesystem::is_directory(part) || std::filesystem::is_empty(part, problem), part,
        " holds files already, with which the new ones would mix; give another folder, or remove it first.");
    outputs.writes_in_folder(part / "scene_000000.png");
  }
}

/// No street is in both parts: their seeds follow each other.
void draw_dataset(const Options& options) {
  check_dataset(options.dataset);
  write_street_folders(options.dataset,
                       {.phase = "train", .count = options.train, .first_seed = options.seed, .size = options.size});
  write_street_folders(options.dataset, {.phase = "test",
                                         .count = options.test,
                                         .first_seed = options.seed + static_cast<std::uint64_t>(options.train),
                                         .size = options.size});
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Draws label map and instance map of an invented street of 8 classes, or a data set of such streets.",
               "street_scene");
  app.add_option("--width", options.size.width, "Pixels")->check(CLI::Range(32, 16384))->capture_default_str();
  app.add_option("--height", options.size.height, "Pixels")->check(CLI::Range(16, 16384))->capture_default_str();
  tools::add_seed(app, options.seed, "The same seed draws the same street, at every size");
  app.add_option("--labels", options.labels, "The label map to write, .png; it shows in colours and holds classes");
  app.add_option("--instances", options.instances, "The instance map to write, .png");
  app.add_option("--image", options.image, "The picture of the same street to write, .png or .jpg");
  app.add_option("--dataset", options.dataset,
                 "Instead: the folder to write a data set to, train_label, train_inst, train_img and the same for "
                 "test, none of which may hold files yet");
  app.add_option("--train", options.train, "Streets of the data set to train on")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--test", options.test, "Streets of the data set to hold out")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  return tools::run(app, argc, argv, [&] {
    const bool both_maps = !options.labels.empty() && !options.instances.empty();
    const bool some_file = !options.labels.empty() || !options.instances.empty() || !options.image.empty();
    if (options.dataset.empty() ? !both_maps : some_file)
      throw tools::UsageError("give --labels and --instances for one street, or --dataset alone for many");
    if (options.dataset.empty()) tools::refuse(app, {"--train", "--test"}, "goes with --dataset");
    if (options.dataset.empty())
      draw_one(options);
    else
      draw_dataset(options);
  });
}
