#pragma once
/// Where the features come from that a generator takes beside its map: styles drawn from clusters, a real picture, or
/// a file.

#include <CLI/CLI.hpp>
#include <pix2pixhd/features/style_sampling.hpp>
#include <pix2pixhd/images/checks.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/networks/infer.hpp>
#include <pix2pixhd/store/encoder_file.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/style_file.hpp>

#include "../encoding.hpp"
#include "../matching.hpp"
#include "../network_keys.hpp"
#include "../read_picture.hpp"
#include "../tool.hpp"
#include "../training_words.hpp"

#include <cstdint>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tools::synthesize {

/// "class:26=3" or "instance:26001=0" as a choice. UsageError for anything else, and for a second style of the same.
inline void add_choice(const std::string& text, pix2pixhd::StyleChoices& choices) {
  const std::size_t colon = text.find(':'), equal = text.find('=');
  const std::string what = text.substr(0, colon);
  std::int32_t who = 0;
  int style = 0;
  if (colon == std::string::npos || equal == std::string::npos || equal < colon ||
      (what != "class" && what != "instance") ||
      !CLI::detail::lexical_cast(text.substr(colon + 1, equal - colon - 1), who) ||
      !CLI::detail::lexical_cast(text.substr(equal + 1), style))
    throw UsageError(pix2pixhd::detail::sentence("--style ", text,
                                                 " is not understood; write class:26=3 for style 3 of class 26, or "
                                                 "instance:26001=3 for one instance"));
  const auto choose = [&](auto& styles) {
    const auto [place, added] = styles.emplace(who, style);
    if (!added && place->second != style)
      throw UsageError(pix2pixhd::detail::sentence("--style gives ", what, ' ', who, " the styles ", place->second,
                                                   " and ", style, "; leave one of them away"));
  };
  if (what == "class")
    choose(choices.by_class);
  else
    choose(choices.by_instance);
}

struct StyleOptions {
  fs::path clusters, encoder;
  int styles = 1;
  std::uint64_t seed = 0;
  std::vector<std::string> chosen;
  pix2pixhd::StyleChoices choices;

  void add_to(CLI::App& app, Job& files) {
    const char* group = "Styles, for generators that were trained with an encoder";
    app.add_option("--clusters", clusters, "Clusters that encode_features wrote: styles are drawn from them")
        ->group(group);
    app.add_option("--styles", styles,
                   "Pictures of each map, in styles drawn one after the other; their names end in "
                   "_style1, _style2, ...")
        ->check(CLI::Range(1, 1000))
        ->group(group)
        ->capture_default_str();
    add_seed(app, seed, "Of the draws")->group(group);
    app.add_option(
           "--style", chosen,
           "A style set by hand, as often as needed: class:26=3 is style 3 for class 26, instance:26001=0 style "
           "0 for one instance; styles count from 0, the commonest first")
        ->group(group)
        ->allow_extra_args(false);
    app.add_option("--style-from", files.style, "A picture of the same scene (or a folder) whose style is taken")
        ->group(group);
    app.add_option("--encoder", encoder, "Weights of the encoder, for --style-from")->group(group);
    app.add_option("--features", files.features, "Feature map [1, features, H, W], .npy, or a folder")->group(group);
  }

  /// Whether there is anything that features can be made of.
  bool any(const Job& files) const { return !clusters.empty() || !files.style.empty() || !files.features.empty(); }

  /// Throws UsageError where options do not go together.
  void finish(const CLI::App& app, const Job& files, bool plain) {
    if (plain && any(files)) throw UsageError("styles need --labels");
    if (files.style.empty() != encoder.empty()) throw UsageError("--style-from and --encoder belong together");
    if (!files.features.empty() && (!clusters.empty() || !files.style.empty()))
      throw UsageError("--features gives all features; it excludes --clusters and --style-from");
    if (!chosen.empty() && clusters.empty()) throw UsageError("--style needs --clusters, of which it is a choice");
    if (styles > 1 && (clusters.empty() || !files.style.empty()))
      throw UsageError("--styles needs --clusters to draw from, and no --style-from, which gives one style");
    if (clusters.empty() || !files.style.empty())
      refuse(app, {"--seed"}, "needs --clusters to draw from, and no --style-from, which gives one style");
    for (const std::string& text : chosen) add_choice(text, choices);
  }
};

/// What is needed of a scene to find features for it. Pixels of no class have the label no_class.
struct SceneMaps {
  pix2pixhd::LabelArray labels;
  std::optional<pix2pixhd::InstanceArray> instances = {};
};

/// Makes the features of scenes.
class StyleSource {
 public:
  /// `features`: how many channels the generator has beside `classes` and, with `edges`, the boundaries. Throws Error
  /// where files and generator do not belong together.
  StyleSource(pix2pixhd::Device& device, const StyleOptions& options, const Job& files, int channels, int classes,
              bool edges)
      : device_(device),
        options_(options),
        features_(channels - classes - (edges ? 1 : 0)),
        from_file_(!files.features.empty()) {
    using namespace pix2pixhd;
    using detail::require;
    if (!options.clusters.empty()) {
      clusters_ = load_clusters(options.clusters).clusters;
      try {
        check_clusters(*clusters_, {.channels = channels, .classes = classes, .boundaries = edges});
      } catch (const Error& error) {
        throw Error(detail::sentence(options.clusters.string(), ": ", error.what()));
      }
      choice_ = {.on = clusters_->on_labels ? "labels" : "instances", .rule = std::string(to_string(clusters_->rule))};
      choice_.check(!files.instances.empty(), "the command");
    }
    if (from_file_) require(features_ >= 1, "the generator takes ", channels, " channels, none of them for features.");
    if (!options.encoder.empty()) {
      encoder_ = load_encoder(device, options.encoder, network_keys("synthesize", options.encoder, {}, "E"));
      require(encoder_->shape().out == features_, options.encoder, " finds ", encoder_->shape().out,
              " features of an instance, and the generator takes ", features_,
              "; use the encoder that was trained with this generator.");
      const Metadata trained = training_of(options.encoder);
      require_classes(trained, classes, options.encoder);
      choice_.adopt(trained, options.encoder, "synthesize");
      choice_.check(!files.instances.empty(), "the command");
    }
  }

  bool empty() const { return !clusters_ && !encoder_ && !from_file_; }

  /// The features of a scene, for picture `number` of it.
  xt::xtensor<float, 4> operator()(const Job& job, const SceneMaps& maps, std::uint64_t number) {
    using namespace pix2pixhd;
    if (from_file_) return read(job.features, maps);
    const Instances instances = choice_.find(maps.labels, maps.instances);
    if (!encoder_) {
      note(instances);
      return feature_map(instances,
                         style_features(instances, *clusters_,
                                        sample_styles(instances, *clusters_, options_.seed, number, options_.choices)));
    }
    std::vector<std::vector<float>> features = encode(job.style, maps, instances);
    if (clusters_) choose(instances, features);
    return feature_map(instances, features);
  }

 private:
  xt::xtensor<float, 4> read(const fs::path& path, const SceneMaps& maps) const {
    const auto features = pix2pixhd::read_npy<float, 4>(path);
    const auto& shape = features.shape();
    const auto& plane = maps.labels.shape();
    pix2pixhd::detail::require(shape[0] == 1 && shape[1] == static_cast<std::size_t>(features_) &&
                                   shape[2] == plane[0] && shape[3] == plane[1],
                               path, " is ", shape[0], " x ", shape[1], " x ", shape[2], " x ", shape[3],
                               "; this generator and map take features of 1 x ", features_, " x ", plane[0], " x ",
                               plane[1], ".");
    return features;
  }

  std::vector<std::vector<float>> encode(const fs::path& path, const SceneMaps& maps,
                                         const pix2pixhd::Instances& instances) {
    using namespace pix2pixhd;
    const ImageArray picture = read_picture(path);
    check_same_size(named_size(picture, detail::sentence(path)), named_size(maps.labels, "the label map"));
    const Tensor map =
        infer(device_, *encoder_, EncoderInput{upload(device_, picture), instance_map(device_, instances.indices)});
    return features_of(instances, download(device_, map));
  }

  /// Replaces the features of those instances whose styles were set by hand.
  void choose(const pix2pixhd::Instances& instances, std::vector<std::vector<float>>& features) const {
    const auto styles = pix2pixhd::sample_styles(instances, *clusters_, 0, 0, options_.choices);
    const auto chosen = pix2pixhd::style_features(instances, *clusters_, styles);
    for (std::size_t i = 0; i < features.size(); ++i)
      if (options_.choices.by_class.contains(instances.list[i].label) ||
          options_.choices.by_instance.contains(instances.list[i].id))
        features[i] = chosen[i];
  }

  /// Says once what classes have no styles to choose from.
  void note(const pix2pixhd::Instances& instances) {
    for (const std::string& text : pix2pixhd::classes_without_styles(instances, *clusters_))
      if (noted_.insert(text).second) std::cerr << "synthesize: note: " << text << '\n';
  }

  pix2pixhd::Device& device_;
  const StyleOptions& options_;
  int features_;
  bool from_file_;
  InstanceChoice choice_;
  std::optional<pix2pixhd::StyleClusters> clusters_;
  std::optional<pix2pixhd::AnyEncoder> encoder_;
  std::set<std::string> noted_;
};

}  // namespace tools::synthesize
