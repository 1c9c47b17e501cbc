#pragma once
/// A generator that makes pictures of scenes.

#include <pix2pixhd/features/scene_editor.hpp>
#include <pix2pixhd/features/style_sampling.hpp>
#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/networks/live.hpp>
#include <pix2pixhd/pix2pixhd.hpp>

#include "../channels.hpp"
#include "../network_keys.hpp"
#include "options.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace tools::edit {

/// A scene as a network takes it.
struct PainterInput {
  const pix2pixhd::Scene& scene;
  const pix2pixhd::ChosenStyles& styles;
};

/// The network behind an interface: its type is chosen at run time.
class Painter {
 public:
  virtual ~Painter() = default;
  virtual int alignment() const = 0;
  virtual bool ready() const = 0;                                      ///< see LiveSession
  virtual pix2pixhd::ImageArray whole(const PainterInput& input) = 0;  ///< exact
  virtual pix2pixhd::ImageArray part(const PainterInput& input) = 0;   ///< a window, like in the whole
  virtual pix2pixhd::ImageArray other(const PainterInput& input) = 0;  ///< another picture, such as a smaller one
  virtual void stop_on(std::stop_token stop) = 0;
};

template <class Net>
class PainterOf final : public Painter {
 public:
  PainterOf(const Options& options, std::optional<pix2pixhd::StyleClusters> clusters,
            std::function<void(double)> progress)
      : options_(options), clusters_(std::move(clusters)), device_(options.device.open()) {
    load_of_preset(options.weights, [&] {
      load(device_, network_, options.weights, network_keys("edit", options.weights, options.load));
    });
    const Channels given{.classes = options.classes,
                         .boundaries = !options.instances.empty(),
                         .features = clusters_ ? clusters_->features : 0};
    const int channels = input_channels(network_);
    if (clusters_)
      check_clusters(*clusters_, {.channels = channels, .classes = given.classes, .boundaries = given.boundaries});
    check_channels(options.weights, channels, given, {.features = "give --clusters"});
    require_ignored(training_of(options.weights), options.classes, options.ignore, options.weights);
    live_.emplace(device_, network_,
                  pix2pixhd::SessionOptions{.progress = std::move(progress),
                                            .budget = static_cast<std::size_t>(options.device.budget)});
  }

  int alignment() const override { return Net::alignment; }
  bool ready() const override { return live_->ready(); }
  pix2pixhd::ImageArray whole(const PainterInput& input) override { return picture(live_->whole(map_of(input))); }
  pix2pixhd::ImageArray part(const PainterInput& input) override { return picture(live_->part(map_of(input))); }
  pix2pixhd::ImageArray other(const PainterInput& input) override { return picture(live_->other(map_of(input))); }
  void stop_on(std::stop_token stop) override { live_->stop_on(stop); }

 private:
  pix2pixhd::ImageArray picture(const pix2pixhd::Tensor& y) { return download(device_, y); }

  pix2pixhd::SemanticMap map_of(const PainterInput& input) {
    const pix2pixhd::Scene& scene = input.scene;
    pix2pixhd::SemanticMap map =
        semantic_map(device_, scene.labels, scene.instances, options_.classes, options_.ignore);
    if (!clusters_) return map;
    const pix2pixhd::Instances instances = find_instances(
        without_ignored(scene.labels), clusters_->on_labels ? std::nullopt : scene.instances, options_.id_rule());
    std::vector<int> styles = sample_styles(instances, *clusters_, options_.seed);
    for (std::size_t i = 0; i < styles.size(); ++i)
      if (const auto chosen = chosen_style(input, instances.list[i])) styles[i] = *chosen;
    return join(map, upload(device_, feature_map(instances, style_features(instances, *clusters_, styles))));
  }

  /// Labels as training has them and clusters know them: pixels of no class have no_class, whatever label the scene
  /// gives them.
  pix2pixhd::LabelArray without_ignored(pix2pixhd::LabelArray labels) const {
    if (options_.ignore)
      std::replace(labels.begin(), labels.end(), static_cast<std::uint8_t>(*options_.ignore), pix2pixhd::no_class);
    return labels;
  }

  /// The choice for an instance, else for its class. Where the clusters are of classes although there are objects, it
  /// is the class's; without an instance map the object of a choice has id 0.
  std::optional<int> chosen_style(const PainterInput& input, const pix2pixhd::Instance& instance) const {
    const pix2pixhd::ChosenStyles& styles = input.styles;
    const bool objects = input.scene.instances.has_value();
    const auto own = styles.find({.label = instance.label, .id = objects ? instance.id : 0});
    if (own != styles.end() && !(objects && clusters_->on_labels)) return own->second;
    const auto of_class = styles.find({.label = instance.label, .id = {}});
    return of_class == styles.end() ? std::nullopt : std::optional(of_class->second);
  }

  Options options_;
  std::optional<pix2pixhd::StyleClusters> clusters_;
  pix2pixhd::Device device_;
  Net network_;
  std::optional<pix2pixhd::LiveSession<Net>> live_;
};

}  // namespace tools::edit
