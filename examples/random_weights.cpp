// Writes an untrained generator: random weights, for trying things out without a checkpoint. It makes no pictures that
// mean anything.

#include <CLI/CLI.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "tools/tool.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <type_traits>

int main(int argc, char** argv) {
  using namespace pix2pixhd;
  std::string preset;
  int channels = 36;
  std::uint64_t seed = 1;
  std::filesystem::path output;
  CLI::App app("Writes an untrained generator: weights drawn from N(0, 0.02) by a seed.", "random_weights");
  tools::add_preset(app, preset);
  app.add_option("--channels", channels,
                 "Input channels: classes, 1 more where instances are given, and the features of an encoder")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  tools::add_seed(app, seed, "The same seed draws the same weights");
  app.add_option("--output", output, "The .safetensors file to write")->required();
  return tools::run(app, argc, argv, [&] {
    detail::require(output.extension() == ".safetensors", output, " must end in .safetensors.");
    Device device = cpu();
    with_preset(preset, [&]<class Net>(std::type_identity<Net>) {
      Net generator(channels);
      initialize(device, generator, seed);
      save(device, generator, output,
           {{"pix2pixhd.origin", detail::sentence("not trained; initialised by seed ", seed)}});
    });
  });
}
