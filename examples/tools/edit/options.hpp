#pragma once
/// What the editor is started with.

#include <pix2pixhd/features/instances.hpp>
#include <pix2pixhd/features/style_clusters.hpp>
#include <pix2pixhd/store/state_dict.hpp>

#include "../tool.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tools::edit {

struct Options {
  std::string preset = "1024p";
  std::filesystem::path weights;
  /// Copied, because the server may outlive many changes of its file.
  pix2pixhd::LoadOptions load{.copy = true};
  std::filesystem::path labels, instances, clusters, project;
  int classes = 35;
  std::optional<int> ignore;
  std::string ids;         ///< the id rule; empty: that of the clusters, or thousands
  bool on_labels = false;  ///< styles are those of classes, not of objects: so say the clusters
  std::uint64_t seed = 0;  ///< of the styles that nobody chose
  bool fresh = false;
  std::string host = "127.0.0.1";
  int port = 8484;
  DeviceChoice device;

  void add_to(CLI::App& app) {
    add_preset(app, preset)->required(false)->capture_default_str();
    app.add_option("--weights", weights, "Weights of the generator, .safetensors or .pth")->required();
    app.add_option("--prefix", load.prefix, "Of the generator's keys, where the file holds more than them");
    app.add_option("--labels", labels, "Label map to edit, PNG or .npy")->required();
    app.add_option("--instances", instances, "Instance map, where the weights were made with instances");
    app.add_option("--clusters", clusters, "Styles, as encode_features writes them; for weights made with an encoder");
    app.add_option("--classes", classes, "Number of classes of the label map")
        ->check(CLI::Range(1, 255))
        ->capture_default_str();
    app.add_option("--ignore-label", ignore, "Label that stands for no class")->check(CLI::Range(0, 255));
    app.add_option("--id-rule,--instance-rule", ids,
                   "How instance ids are made: thousands (class * 1000 + number, as in Cityscapes), red (class + 256 * "
                   "number, as in panoptic RGB) or labels (any ids); without this as those of --clusters, or thousands")
        ->check(CLI::IsMember({"labels", "thousands", "red"}));
    add_seed(app, seed, "Of the styles of objects for which none was chosen");
    app.add_option("--project", project, "The file that keeps what is done; by default beside the label map");
    app.add_flag("--fresh", fresh, "Begin again from the label map; the project that is there is kept as .previous");
    app.add_option("--host", host, "Address to serve on. Anything but loopback lets others in who have the token")
        ->capture_default_str();
    app.add_option("--port", port, "0: any that is free")->check(CLI::Range(0, 65535))->capture_default_str();
    device.add_to(app);
  }

  /// Takes from the clusters whose styles they are, and the id rule by which their instances were told apart, unless
  /// one was given.
  void adopt(const pix2pixhd::StyleClusters& found) {
    on_labels = found.on_labels;
    if (ids.empty() && !found.on_labels) ids = pix2pixhd::to_string(found.rule);  // on labels no ids were read
  }
  pix2pixhd::IdRule id_rule() const {
    return ids.empty() ? pix2pixhd::IdRule::thousands : pix2pixhd::id_rule(ids).value();
  }
  std::filesystem::path project_file() const {
    if (!project.empty()) return project;
    return labels.parent_path() / (labels.stem().string() + ".project.safetensors");
  }
};

}  // namespace tools::edit
