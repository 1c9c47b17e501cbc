#pragma once
/// What the tools share that read features: which instances they are the features of.

#include <CLI/CLI.hpp>
#include <pix2pixhd/features/instances.hpp>
#include <pix2pixhd/images/dataset_sample.hpp>
#include <pix2pixhd/ops/maps.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// Under which a network's file says how many classes it was trained on, and which label stood for none ("none": each
/// for a class).
inline constexpr const char *classes_key = "pix2pixhd.classes", *ignore_key = "pix2pixhd.ignore_label";

/// Error if what a file says of its network's training names another number of classes.
inline void require_classes(const pix2pixhd::Metadata& trained, int classes, const std::filesystem::path& weights) {
  const auto found = trained.find(classes_key);
  if (found != trained.end() && found->second != std::to_string(classes))
    throw pix2pixhd::Error(pix2pixhd::detail::sentence(weights, " was trained on ", found->second, " classes, and ",
                                                       classes, " were given; give --classes ", found->second, "."));
}

/// Error if what a file says of its network's training tells that another of the classes stood for none: its weights
/// would be used untrained, or trained ones left out.
inline void require_ignored(const pix2pixhd::Metadata& trained, int classes, std::optional<int> ignore,
                            const std::filesystem::path& weights) {
  const auto found = trained.find(ignore_key);
  if (found == trained.end()) return;
  const auto text = [&](const std::optional<int>& label) {
    return label && *label < classes ? std::to_string(*label) : std::string("none");
  };
  int before = classes;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), before);
  const std::string was = text(before), now = text(ignore);
  if (was == now) return;
  throw pix2pixhd::Error(
      was == "none" ? pix2pixhd::detail::sentence(weights, " was trained on the class ", now, ", which --ignore-label ",
                                                  now, " would leave out; leave that option away.")
                    : pix2pixhd::detail::sentence(weights, " was trained with --ignore-label ", was,
                                                  " and knows nothing of that class; give the same."));
}

/// --features-on and --instance-rule.
struct InstanceChoice {
  /// Under which an encoder's file says how it was trained.
  static constexpr const char *on_key = "pix2pixhd.features_on", *rule_key = "pix2pixhd.instance_rule";

  std::string on = "instances", rule = "labels";
  bool chosen_on = false, chosen_rule = false;  ///< whether the caller said so

  /// The choice must stay where it is until the command line is parsed.
  void add_to(CLI::App& app, const std::string& group) {
    app.add_option("--features-on", on,
                   "What has features of its own: each instance, or each class of a picture (where there are no "
                   "instance maps)")
        ->each([this](const std::string&) { chosen_on = true; })
        ->check(CLI::IsMember({"instances", "labels"}))
        ->group(group)
        ->capture_default_str();
    app.add_option(
           "--instance-rule", rule,
           "Where an instance's class is read: labels (the label map, for any ids), thousands (id / 1000, as in "
           "Cityscapes) or red (the red channel of panoptic RGB)")
        ->each([this](const std::string&) { chosen_rule = true; })
        ->check(CLI::IsMember({"labels", "thousands", "red"}))
        ->group(group)
        ->capture_default_str();
  }

  bool on_labels() const { return on == "labels"; }
  pix2pixhd::IdRule id_rule() const { return pix2pixhd::id_rule(rule).value(); }

  /// What a file says of the encoder's training goes before the defaults, the caller's words before both; `tool` notes
  /// on stderr where these differ. Error where the file says what this program does not know.
  void adopt(const pix2pixhd::Metadata& trained, const std::filesystem::path& file, const char* tool) {
    const auto take = [&](const char* key, std::string& value, bool chosen) {
      const auto found = trained.find(key);
      if (found == trained.end() || found->second == value) return;
      const bool known = std::string_view(key) == on_key ? found->second == "instances" || found->second == "labels"
                                                         : pix2pixhd::id_rule(found->second).has_value();
      pix2pixhd::detail::require(known, file, " says ", key, " = \"", found->second.substr(0, 50),
                                 "\", which this program does not know; a newer one wrote it, or it is damaged. Give "
                                 "another encoder.");
      if (chosen)
        std::cerr << tool << ": note: the encoder was trained with " << found->second << " where " << value
                  << " was chosen\n";
      else
        value = found->second;
    };
    take(on_key, on, chosen_on);
    take(rule_key, rule, chosen_rule);
  }

  /// Error unless there are the maps that it needs.
  void check(bool has_instances, const std::filesystem::path& where) const {
    pix2pixhd::detail::require(on_labels() || has_instances, where,
                               " has no instance maps, whose instances were to have features; give --features-on "
                               "labels, or add the maps.");
  }

  pix2pixhd::Instances find(const xt::xtensor<std::uint8_t, 2>& labels,
                            const std::optional<xt::xtensor<std::int32_t, 2>>& ids) const {
    return pix2pixhd::find_instances(labels, on_labels() ? std::nullopt : ids, id_rule());
  }
};

/// Which instance each pixel of a batch belongs to, as an encoder reads it. The samples have the same size, as stack()
/// requires. Error naming the sample whose maps contradict each other.
inline pix2pixhd::InstanceMap encoder_instances(pix2pixhd::Device& device,
                                                const std::vector<pix2pixhd::Sample>& samples,
                                                const InstanceChoice& choice) {
  xt::xtensor<std::int32_t, 3> all;
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const pix2pixhd::Sample& sample = samples[n];
    try {
      const pix2pixhd::Instances found = choice.find(sample.labels.value(), sample.instances);
      const auto& sides = found.indices.shape();
      if (n == 0) all = xt::xtensor<std::int32_t, 3>::from_shape({samples.size(), sides[0], sides[1]});
      std::copy(found.indices.begin(), found.indices.end(),
                all.begin() + static_cast<std::ptrdiff_t>(n * found.pixels()));
    } catch (const pix2pixhd::Error& error) {
      throw pix2pixhd::Error(pix2pixhd::detail::sentence(sample.name, ": ", error.what()));
    }
  }
  return pix2pixhd::instance_map(device, all);
}

}  // namespace tools
