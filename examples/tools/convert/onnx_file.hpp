#pragma once
/// A generator's weights to an .onnx file. Programs that are built without pix2pixhd::onnx say so instead.

#include <CLI/CLI.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "../channels.hpp"
#include "../encoding.hpp"
#include "../network_keys.hpp"
#include "../tool.hpp"
#include "../training_words.hpp"

#ifdef PIX2PIXHD_TOOLS_ONNX
#include <pix2pixhd/onnx/export.hpp>
#endif

#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace tools {

/// What a file of weights does not say, and a graph needs to know.
struct OnnxChoice {
  std::string preset;
  int classes = 35;
  std::optional<int> ignore;
  bool instances = false;
  int features = 0;
  bool plain = false;  ///< one input of all channels
  int width = 0, height = 0;
  CLI::App* app = nullptr;

  static constexpr const char* group = "For .onnx files";

  /// Throws UsageError if any of these options was given: for files that do not take them.
  void refuse() const {
    for (const CLI::Option* option : app->get_options())
      if (option->get_group() == group && option->count() > 0)
        throw UsageError(option->get_name() + " is for .onnx files only.");
  }

  void add_to(CLI::App& to) {
    app = &to;
    tools::add_preset(to, preset)->required(false)->group(group);
    CLI::Option* const of_labels = to.add_option("--classes", classes, "Number of classes of the label map")
                                       ->check(CLI::Range(1, 255))
                                       ->capture_default_str()
                                       ->group(group);
    CLI::Option* const of_ignored = to.add_option("--ignore-label", ignore, "Label that stands for no class")
                                        ->check(CLI::Range(0, 255))
                                        ->group(group);
    CLI::Option* const of_instances =
        to.add_flag("--instances", instances, "The generator is given instance maps too")->group(group);
    CLI::Option* const of_features = to.add_option("--features", features, "Channels of instance features")
                                         ->check(CLI::Range(0, 4096))
                                         ->capture_default_str()
                                         ->group(group);
    to.add_flag("--plain", plain, "One input of all channels, in place of labels, instances and features")
        ->excludes(of_labels)
        ->excludes(of_ignored)
        ->excludes(of_instances)
        ->excludes(of_features)
        ->group(group);
    CLI::Option* const of_width =
        to.add_option("--width", width, "Of all pictures; without it and --height the file takes any size")
            ->check(CLI::Range(16, 16384))
            ->group(group);
    to.add_option("--height", height, "Of all pictures")->check(CLI::Range(16, 16384))->needs(of_width)->group(group);
  }
};

/// Reads a generator from `input` and writes it as `output`.
inline void write_onnx_file(const std::filesystem::path& input, const std::filesystem::path& output,
                            [[maybe_unused]] const std::string& prefix, const OnnxChoice& choice) {
  using namespace pix2pixhd;
  if (choice.preset.empty())
    throw UsageError("an .onnx file holds a network, not only its weights: say which with --preset.");
  if ((choice.width == 0) != (choice.height == 0)) throw UsageError("--width needs --height.");
#ifdef PIX2PIXHD_TOOLS_ONNX
  Device device = cpu();
  with_preset(choice.preset, [&]<class Net>(std::type_identity<Net>) {
    Net generator;
    load_of_preset(input, [&] { load(device, generator, input, network_keys("convert", input, {.prefix = prefix})); });
    OnnxOptions options{.sides = {choice.height, choice.width}};
    if (!choice.plain) {
      options.classes = choice.classes;
      options.ignore = choice.ignore;
      options.instances = choice.instances;
      options.features = choice.features;
      const int channels = input_channels(generator);
      const Channels given{.classes = choice.classes, .boundaries = choice.instances, .features = choice.features};
      check_channels(input, channels, given, {.features = features_option(channels, given), .plain = "give --plain"});
      require_ignored(training_of(input), choice.classes, choice.ignore, input);
    }
    export_onnx(device, generator, output, options);
    std::cerr << input.string() << " -> " << output.string() << ": " << describe(generator).at("pix2pixhd.network")
              << ", " << std::filesystem::file_size(output) << " bytes\n";
  });
#else
  throw Error(detail::sentence(output,
                               ": this program was built without ONNX's libraries. Install them (Debian and "
                               "Ubuntu: apt-get install libonnx-dev libprotobuf-dev), configure and build it again; ",
                               input, " is as it was."));
#endif
}

}  // namespace tools
