// The demo preset trained for some steps on invented streets: the program that compare_quality.py holds beside
// PyTorch.
//
//   training_quality prepare --output DIR     writes the streets (train_* and test_*) and the initial weights
//   training_quality train --data DIR --weights DIR --output DIR
//
// Step i learns from street i alone, as it is: nothing here is drawn by chance, so that another program can make the
// same steps. `train` writes losses.csv, the losses of each step before its weights are changed, and in step_N/ the
// hold-out pictures after N steps, as float32.

#include <CLI/CLI.hpp>
#include <pix2pixhd/images/augment.hpp>
#include <pix2pixhd/images/dataset.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/training/csv_file.hpp>
#include <pix2pixhd/training/trainer.hpp>
#include <pix2pixhd/version.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace pix2pixhd;

constexpr int classes = static_cast<int>(street_classes.size());
constexpr int map_channels = classes + 1;  // and the instance boundaries
constexpr int picture_channels = 3;

/// Seeds as in the tool `train`; those of the hold-out streets lie beyond all of training.
constexpr std::uint64_t generator_seed = 1, discriminator_seed = 1'000'001, first_held_out = 1'000'000;

struct Options {
  std::filesystem::path data, weights, output;
  int streets = 200, held_out = 32;
  PictureSize size = {.width = 128, .height = 64};
  int steps = 200, pictures_every = 50, threads = 2;
};

void prepare_all(const Options& options) {
  write_street_folders(options.output, {.phase = "train", .count = options.streets, .size = options.size});
  write_street_folders(
      options.output, {.phase = "test", .count = options.held_out, .first_seed = first_held_out, .size = options.size});
  Device device = cpu();
  DemoGenerator generator(map_channels);
  DemoDiscriminator discriminator(map_channels + picture_channels);
  initialize(device, generator, generator_seed);
  initialize(device, discriminator, discriminator_seed);
  save(device, generator, options.output / "generator.safetensors");
  save(device, discriminator, options.output / "discriminator.safetensors");
}

/// The folders of one phase, picture by picture.
class Streets {
 public:
  Streets(Device& device, const std::filesystem::path& folder, const char* phase)
      : device_(device),
        data_(folder, {.phase = phase, .labels = {.classes = classes}, .instances = FolderUse::required}) {}

  std::size_t size() const { return data_.size(); }
  const std::string& name(std::size_t i) const { return data_.files(i).name; }
  Batch batch(std::size_t i) const {
    const Sample sample = prepare(data_.read(i), {.resize = ResizeMode::none});
    return {.map = semantic_map(device_, *sample.labels, sample.instances, classes, no_class),
            .image = upload(device_, *sample.image)};
  }

 private:
  Device& device_;
  Dataset data_;
};

void synthesise(Device& device, const DemoGenerator& generator, const Streets& streets,
                const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (std::size_t i = 0; i < streets.size(); ++i)
    write_npy(folder / (streets.name(i) + ".npy"),
              ImageArray(download(device, infer(device, generator, streets.batch(i).map))));
}

void train(const Options& options) {
  Device device = cpu({.threads = options.threads});
  DemoGenerator generator(map_channels);
  DemoDiscriminator discriminator(map_channels + picture_channels);
  load(device, generator, options.weights / "generator.safetensors");
  load(device, discriminator, options.weights / "discriminator.safetensors");
  Trainer trainer(device, generator, discriminator);
  const Streets streets(device, options.data, "train"), held_out(device, options.data, "test");

  std::filesystem::create_directories(options.output);
  detail::CsvFile losses(options.output / "losses.csv", {"step", "gan", "matching", "perceptual", "real", "fake"});
  const auto pictures = [&](int step) {
    if (step % options.pictures_every == 0 || step == options.steps)
      synthesise(device, generator, held_out, options.output / ("step_" + std::to_string(step)));
  };
  pictures(0);
  for (int step = 1; step <= options.steps; ++step) {
    const Losses now = trainer.step(streets.batch(static_cast<std::size_t>(step - 1) % streets.size()));
    std::vector<std::string> cells = {std::to_string(step)};
    for (const float value : {now.gan, now.matching, now.perceptual, now.real, now.fake})
      cells.push_back(detail::csv_text(value));
    losses.append(cells);
    pictures(step);
  }
  std::printf("pix2pixhd %d.%d.%d (%s)\n", PIX2PIXHD_VERSION_MAJOR, PIX2PIXHD_VERSION_MINOR, PIX2PIXHD_VERSION_PATCH,
              device.description().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Trains the demo preset on invented streets, without chance.", "training_quality");
  app.require_subcommand(1);
  CLI::App& first = *app.add_subcommand("prepare", "Writes streets and initial weights");
  first.add_option("--output", options.output)->required();
  first.add_option("--streets", options.streets, "To train on")->check(CLI::Range(1, 100000));
  first.add_option("--held-out", options.held_out, "To compare on")->check(CLI::Range(1, 100000));
  first.add_option("--width", options.size.width)->check(CLI::Range(32, 16384));
  first.add_option("--height", options.size.height)->check(CLI::Range(16, 16384));
  CLI::App& second = *app.add_subcommand("train", "Makes the steps");
  second.add_option("--data", options.data, "What `prepare` wrote")->required();
  second.add_option("--weights", options.weights, "Folder of the initial weights")->required();
  second.add_option("--output", options.output)->required();
  second.add_option("--steps", options.steps)->check(CLI::Range(1, 100000));
  second.add_option("--pictures-every", options.pictures_every, "Steps")->check(CLI::Range(1, 100000));
  second.add_option("--threads", options.threads)->check(CLI::Range(1, 1024));
  CLI11_PARSE(app, argc, argv);
  try {
    if (first.parsed())
      prepare_all(options);
    else
      train(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "training_quality: %s\n", error.what());
    return 1;
  }
  return 0;
}
