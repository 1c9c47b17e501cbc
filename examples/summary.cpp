// Says what a generator is made of and what a picture costs, before anything is computed.

#include <CLI/CLI.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/key_matching.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "tools/channels.hpp"
#include "tools/network_keys.hpp"
#include "tools/tool.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

namespace {

using namespace pix2pixhd;

struct Options {
  std::string preset;
  std::filesystem::path weights;
  LoadOptions load;
  int width = 2048, height = 1024;
  int classes = 35;
  bool instances = false;
  int features = 0;
  int channels = 0;  ///< of plain images; 0: label maps
  tools::DeviceChoice device;
};

/// Input channels that the first layer in the file takes. The file's values are not read.
template <class Net>
int channels_in(const Options& options) {
  Net network;
  const auto arrays = named_arrays(network);
  const auto file = open_tensor_file(options.weights);
  const LoadOptions load = tools::network_keys("summary", options.weights, options.load);
  const auto entries = tools::load_of_preset(options.weights, [&] { return detail::match_keys(*file, arrays, load); });
  return static_cast<int>(entries.front()->shape[1]);
}

double mega(std::size_t bytes) { return static_cast<double>(bytes) / 1e6; }

std::string operation(const ConvGeometry& geometry) {
  const std::string kernel = detail::sentence(geometry.kernel, "x", geometry.kernel);
  if (geometry.transposed) return kernel + " transposed";
  if (geometry.enlarge > 1) return kernel + " enlarged";
  return geometry.stride > 1 ? detail::sentence(kernel, " stride ", geometry.stride) : kernel;
}

/// The plan of a picture: of one made by itself, or under a budget of a session, which keeps to it. OutOfMemory with
/// the figures where none fits.
template <class Net, class X>
Plan plan_of(const Options& options, Device& device, const Net& network, const X& input) {
  if (options.device.budget == 0) return plan(device, network, input);
  return Session(device, network, {.budget = static_cast<std::size_t>(options.device.budget)}).plan(input);
}

/// `budget`: 0: there is none.
void print(const Plan& plan, std::size_t parameters, std::uint64_t budget) {
  std::printf("%-28s %-14s %-20s %-20s %12s %14s %12s\n", "layer", "convolution", "input", "output", "parameters",
              "G multiply-adds", "output MB");
  for (const LayerCost& layer : plan.layers)
    std::printf("%-28s %-14s %-20s %-20s %12zu %15.3f %12.1f\n", layer.name.c_str(), operation(layer.geometry).c_str(),
                to_string(layer.input).c_str(), to_string(layer.output).c_str(), layer.parameters,
                layer.multiply_adds / 1e9, mega(layer.output_bytes));
  std::printf("\nparameters               %.3f M, %.1f MB\n", static_cast<double>(parameters) / 1e6,
              mega(plan.parameter_bytes));
  std::printf("multiply-adds            %.1f G, counted as a dense network\n", plan.multiply_adds / 1e9);
  if (plan.derived_bytes > 0)
    std::printf("packed weights           %.1f MB, made by the first picture and kept\n", mega(plan.derived_bytes));
  else
    std::printf("packed weights           none are kept\n");
  if (budget == 0) std::printf("peak of one picture      %.1f MB\n", mega(plan.peak_bytes));
  std::printf("peak of a session        %.1f MB, of which its arena is %.1f MB\n", mega(plan.session_peak_bytes),
              mega(plan.arena_bytes));
  if (budget > 0) std::printf("budget                   %.1f MB\n", mega(static_cast<std::size_t>(budget)));
}

/// Error unless the weights take what is given.
void check_channels(const Options& options, int channels, const tools::Channels& given) {
  if (options.channels > 0) {
    detail::require(channels == options.channels, options.weights, " takes ", channels, " channels, but --channels is ",
                    options.channels, "; give --channels ", channels,
                    ", or, for label maps, --classes, --instances and --features in place of it.");
    return;
  }
  tools::check_channels(
      options.weights, channels, given,
      {.features = tools::features_option(channels, given), .plain = detail::sentence("give --channels ", channels)});
}

template <class Net>
void summarise(const Options& options) {
  const tools::Channels given{
      .classes = options.classes, .boundaries = options.instances, .features = options.features};
  const int channels = options.channels > 0 ? options.channels : given.count();
  if (!options.weights.empty()) check_channels(options, channels_in<Net>(options), given);
  const Device target = options.device.open();
  // Formats and workspaces are those of the device; memory is counted and not taken.
  Device device(std::make_shared<MetaBackend>(target.shared_backend()));
  Net network(channels);
  allocate_parameters(device, network);
  std::size_t parameters = 0;
  for_each_parameter(network, [&](const std::string&, Parameter& p) { parameters += p.value.shape().count(); });

  const auto tell = [&](const auto& input) {
    const Plan planned = plan_of(options, device, network, input);
    std::printf("%s on %s, %d x %d pixels\n\n", describe(network).at("pix2pixhd.network").c_str(),
                target.description().c_str(), options.width, options.height);
    print(planned, parameters, options.device.budget);
  };
  if (options.channels > 0) {
    tell(device.empty({1, channels, options.height, options.width}));
  } else {
    const std::array<std::size_t, 2> sides = {static_cast<std::size_t>(options.height),
                                              static_cast<std::size_t>(options.width)};
    std::optional<xt::xtensor<std::int32_t, 2>> instances;
    if (options.instances) instances.emplace(sides, 0);
    const xt::xtensor<std::uint8_t, 2> labels(sides, std::uint8_t{0});
    SemanticMap map = semantic_map(device, labels, instances, options.classes);
    if (options.features > 0) map = join(map, device.empty({1, options.features, options.height, options.width}));
    tell(map);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Says what a generator is made of, and what a picture costs, before anything is computed.", "summary");
  tools::add_preset(app, options.preset);
  app.add_option("--weights", options.weights, "Weights to compare with what is given, .safetensors or .pth");
  app.add_option("--prefix", options.load.prefix, "Of the generator's keys in the weights")->needs("--weights");
  app.add_option("--width", options.width, "Of the picture, in pixels")
      ->check(CLI::Range(16, 16384))
      ->capture_default_str();
  app.add_option("--height", options.height, "Of the picture, in pixels")
      ->check(CLI::Range(16, 16384))
      ->capture_default_str();
  app.add_option("--classes", options.classes, "Number of classes of the label map")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
  app.add_flag("--instances", options.instances, "There is an instance map too");
  app.add_option("--features", options.features, "Channels of instance features, for weights made with an encoder")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--channels", options.channels, "Channels of a plain image, in place of a label map")
      ->check(CLI::Range(1, 4096))
      ->excludes("--classes")
      ->excludes("--instances")
      ->excludes("--features");
  options.device.add_to(app);
  return tools::run(app, argc, argv, [&] {
    with_preset(options.preset, [&]<class Net>(std::type_identity<Net>) { summarise<Net>(options); });
  });
}
