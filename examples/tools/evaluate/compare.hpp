#pragma once
/// Pictures beside the real ones, from wherever they come, and the figures of them all.

#include <pix2pixhd/images/gallery.hpp>
#include <pix2pixhd/images/report_pictures.hpp>
#include <pix2pixhd/training/evaluation.hpp>
#include <pix2pixhd/training/training_curves.hpp>

#include "../encoding.hpp"
#include "../figures.hpp"
#include "../outputs.hpp"
#include "../pictures.hpp"
#include "../progress.hpp"
#include "../tool.hpp"
#include "levels.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tools::evaluate {

using namespace pix2pixhd;
using detail::require;
using detail::sentence;

struct Options {
  std::filesystem::path synthesised, real, labels;  ///< folders or files
  std::string preset;                               ///< else a generator and a data set
  std::filesystem::path weights, data;
  std::filesystem::path encoder;  ///< of a generator that takes features; not needed where `weights` is a checkpoint
  tools::InstanceChoice instances;
  LoadOptions load;
  std::string phase = "test";
  int width = 0;
  LabelPolicy policy;
  bool baseline = false, each = false;
  std::filesystem::path json, csv, gallery;
  tools::DeviceChoice device;
};

/// A real picture, its labels, and what was made of them.
struct Compared {
  std::string name;
  ImageArray input = {};  ///< what the generator saw, for people; empty where that is not known
  ImageArray synthesised = {}, real = {};
  std::optional<ClassArray> labels = {};
};

/// The figures of one set of pictures, together and, if asked for, one by one.
class Collector {
 public:
  /// All pictures are compared at `levels` levels of detail, so that their figures belong to the same.
  Collector(std::string name, int classes, std::size_t levels, bool each)
      : name_(std::move(name)),
        options_{.classes = classes, .sliced_wasserstein = {.levels = levels}},
        each_(each),
        all_(options_) {}

  void add(const std::string& name, const ImageArray& synthesised, const Compared& scene) {
    try {
      add_to(all_, synthesised, scene);
      if (!each_) return;
      Evaluation one(options_);
      add_to(one, synthesised, scene);
      rows_.push_back({.name = name, .figures = one.figures()});
    } catch (const Error& error) {
      throw Error(sentence(scene.name, ": ", error.what()));
    }
  }
  void finish(std::vector<tools::NamedFigures>& rows) const {
    rows.insert(rows.end(), rows_.begin(), rows_.end());
    rows.push_back({.name = name_, .figures = all_.figures()});
  }

 private:
  static void add_to(Evaluation& evaluation, const ImageArray& synthesised, const Compared& scene) {
    if (scene.labels)
      evaluation.add(synthesised, scene.real, *scene.labels);
    else
      evaluation.add(synthesised, scene.real);
  }

  std::string name_;
  EvaluationOptions options_;
  bool each_;
  Evaluation all_;
  std::vector<tools::NamedFigures> rows_;
};

/// What is compared, picture by picture.
struct Source {
  std::size_t count = 0;
  int classes = 0;                               ///< 0: no labels
  std::function<PictureSize(std::size_t)> size;  ///< of the real picture, without what takes long to make
  std::function<Compared(std::size_t)> read;
  /// Adds the pictures that the mean colours of classes come from.
  std::function<void(ClassColours&)> learn_colours;
};

/// Scenes that a gallery shows.
inline constexpr std::size_t gallery_scenes = 24;

/// Compares all pictures and writes what was asked for.
inline void report(const Options& options, const Source& source) {
  require(!options.baseline || source.classes > 0, "--baseline paints classes and needs label maps, but there are none",
          options.data.empty() ? "; give --labels." : ".");
  tools::Outputs outputs{options.synthesised, options.real, options.labels, options.weights, options.encoder};
  outputs.writes(options.json, ".json");
  outputs.writes(options.csv, ".csv");
  outputs.writes(options.gallery, ".html");
  const std::size_t levels = common_levels(source.count, source.size);
  Collector network("synthesised", source.classes, levels, options.each);
  std::optional<Collector> painted;
  std::optional<ClassColours> colours;
  if (options.baseline) {
    painted.emplace("mean colours", source.classes, levels, false);
    colours.emplace(source.classes);
    source.learn_colours(*colours);
  }
  Gallery gallery{.title = "Synthesised and real pictures"};
  tools::Progress progress("compare");
  for (std::size_t i = 0; i < source.count; ++i) {
    const Compared scene = source.read(i);
    network.add(scene.name, scene.synthesised, scene);
    if (painted) painted->add(scene.name, colours->paint(*scene.labels), scene);
    if (i < gallery_scenes && !options.gallery.empty()) {
      const auto shown = [&](const ImageArray& image) { return page_image(image, gallery.width); };
      gallery.scenes.push_back({.caption = scene.name,
                                .label = shown(scene.input.size() > 0 ? scene.input : scene.real),
                                .synthesised = shown(scene.synthesised),
                                .real = shown(scene.real)});
    }
    progress(static_cast<double>(i + 1) / static_cast<double>(source.count));
  }
  progress.clear();
  std::vector<tools::NamedFigures> rows;
  network.finish(rows);
  if (painted) painted->finish(rows);
  tools::print_figures(rows);  // first: a full disk shall not cost them
  if (!options.json.empty()) tools::write_json(options.json, rows);
  if (!options.csv.empty()) tools::write_csv(options.csv, rows);
  if (!options.gallery.empty()) {
    gallery.figures = {.title = "Figures", .columns = figures_columns(rows.back().figures)};
    for (const tools::NamedFigures& row : rows) gallery.figures.rows.push_back(figures_row(row.name, row.figures));
    write_gallery(options.gallery, gallery);
  }
}

}  // namespace tools::evaluate
