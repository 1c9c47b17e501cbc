#pragma once
/// What `synthesize` is told, and the maps and images that it reads.

#include <pix2pixhd/images/checks.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "../channels.hpp"
#include "../matching.hpp"
#include "../read_picture.hpp"
#include "../tool.hpp"
#include "styles.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace tools::synthesize {

/// The command line.
struct Options {
  std::string preset;
  fs::path weights;
  pix2pixhd::LoadOptions load;
  Job files;
  bool plain = false;  ///< files.input holds images, not label maps
  int classes = 35;
  std::optional<int> ignore;
  StyleOptions styles;
  fs::path gallery;
  DeviceChoice device;
};

inline constexpr int smallest_side = 16;

inline void check_size(const pix2pixhd::NamedSize& size) {
  using namespace pix2pixhd;
  detail::require(size.width >= smallest_side && size.height >= smallest_side, size.name, " is ", size.width, " x ",
                  size.height, " pixels; both sides must be at least ", smallest_side, ".");
}

/// Error unless the weights take what the options give. Files of features are checked by StyleSource.
inline void check_channels(const Options& options, int channels) {
  using namespace pix2pixhd;
  const std::optional<TrainedMaps> trained = trained_maps(options.weights, channels);
  if (options.plain) {
    if (trained)
      detail::require(trained->classes == 0, options.weights, " was trained on label maps of ", trained->classes,
                      " classes; give these instead of --input: --labels, with --classes ", trained->classes,
                      trained->boundaries ? " and --instances." : ".");
    detail::require(channels == 1 || channels == 3, options.weights, " takes ", channels,
                    " channels, but an image has 1 (grey) or 3 (red, green, blue); give label maps instead: --labels, "
                    "with --classes ",
                    channels, ", or with --instances and --classes ", channels - 1, ".");
    return;
  }
  const Channels given{.classes = options.classes, .boundaries = !options.files.instances.empty()};
  const ChannelRemedies remedies{.features = "give --clusters, or --style-from and --encoder, or --features",
                                 .plain = "give --input"};
  require_ignored(training_of(options.weights), options.classes, options.ignore, options.weights);
  if (trained) require_as_trained(options.weights, *trained, given, remedies);
  if (options.styles.any(options.files) && channels > given.count()) return;
  tools::check_channels(options.weights, channels, given, remedies);
}

inline SceneMaps read_maps(const Options& options, const Job& job) {
  using namespace pix2pixhd;
  using detail::sentence;
  SceneMaps maps{.labels = read_labels(job.input)};
  const std::string name = sentence(job.input);
  check_size(named_size(maps.labels, name));
  check_labels(maps.labels, options.classes, options.ignore, name,
               "Renumber the classes, give the --classes that the weights were made for, or name a label that stands "
               "for no class by --ignore-label");
  if (options.ignore)
    for (std::uint8_t& label : maps.labels)
      if (label == *options.ignore) label = no_class;
  if (!job.instances.empty()) {
    maps.instances = read_instances(job.instances);
    check_same_size(named_size(maps.labels, name), named_size(*maps.instances, sentence(job.instances)));
  }
  return maps;
}

inline pix2pixhd::ImageArray read_plain(const Job& job, int channels) {
  pix2pixhd::ImageArray image = read_picture(job.input, channels);
  check_size(pix2pixhd::named_size(image, pix2pixhd::detail::sentence(job.input)));
  return image;
}

/// What the files of a job hold: maps, or a plain image.
struct Scene {
  SceneMaps maps = {};
  pix2pixhd::ImageArray image = {};
};
inline Scene read_scene(const Options& options, const Job& job, int channels) {
  if (options.plain) return {.image = read_plain(job, channels)};
  return {.maps = read_maps(options, job)};
}

}  // namespace tools::synthesize
