// How long a preview takes and how far it is from the exact picture, for edits of an invented street: windows with the
// statistics of the picture before the edit, and the whole at half size. Prints a table in Markdown.

#include <CLI/CLI.hpp>
#include <pix2pixhd/features/preview_window.hpp>
#include <pix2pixhd/features/scene_editor.hpp>
#include <pix2pixhd/features/style_sampling.hpp>
#include <pix2pixhd/images/resize.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/networks/live.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/store/style_file.hpp>

#include "../../examples/tools/edit/pictures.hpp"
#include "../../examples/tools/tool.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace pix2pixhd;

struct Options {
  std::string preset = "1024p";
  std::filesystem::path weights, clusters;
  PictureSize size{.width = 2048, .height = 1024};
  int rounds = 1;
  int edits = 4;
  double share = 0.3;
  std::vector<int> margins{32, 96, 160};
  tools::DeviceChoice device;
};

/// Seconds of the clock and of the processor.
struct Taken {
  double wall = 1e30, cpu = 1e30;
};

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// The least of some runs.
template <class F>
Raster timed(Taken& taken, int rounds, F&& f) {
  Raster result;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const double cpu = processor_seconds();
    result = f();
    taken.cpu = std::min(taken.cpu, processor_seconds() - cpu);
    taken.wall = std::min(taken.wall, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return result;
}

/// Mean absolute difference in levels of 255, and the peak signal to noise ratio, in a box.
struct Difference {
  double mean = 0, psnr = 0;
};

Difference difference(const Raster& a, const Raster& b, const PixelBox& box) {
  double sum = 0, squares = 0, count = 0;
  for (int y = box.y; y < box.y + box.height; ++y)
    for (int x = box.x; x < box.x + box.width; ++x)
      for (std::size_t c = 0; c < 3; ++c) {
        const std::size_t i = 3 * detail::index_of({a.height, a.width}, {x, y}) + c;
        const double d = static_cast<double>(a.bytes[i]) - static_cast<double>(b.bytes[i]);
        sum += std::abs(d), squares += d * d, count += 1;
      }
  return {sum / count, squares > 0 ? 10 * std::log10(255.0 * 255.0 * count / squares) : 99.0};
}

/// A method: what it cost and how far it was from exact, over all edits.
struct Row {
  std::string name;
  Taken taken{0, 0};
  double share = 0, inside_mean = 0, inside_psnr = 0, all_mean = 0;
  int edits = 0, windows = 0;
};

/// One edit of a kind that people make: a car moved, another class, a stroke, something deleted.
PixelBox edit_number(SceneEditor& editor, int number) {
  const Sides sides = editor.scene().sides();
  const int car = static_cast<int>(StreetClass::car), sidewalk = static_cast<int>(StreetClass::sidewalk);
  const auto find = [&](int label, int skip) {
    for (int y = sides.height - 1; y >= 0; --y)
      for (int x = skip % sides.width; x < sides.width; ++x)
        if (value_at(editor.scene(), {x, y}).label == label) return Pixel{x, y};
    return Pixel{sides.width / 2, sides.height - 1};
  };
  switch (number % 4) {
    case 0:
      return editor.move(find(car, 0), sides.width / 16, 0).box;
    case 1: {
      const std::vector<Place> line{{0.55 * sides.width, 0.75 * sides.height},
                                    {0.65 * sides.width, 0.8 * sides.height}};
      return editor
          .paint(stroke_region(sides, line, 0.02 * sides.width),
                 {.label = sidewalk, .as = Paint::As::surface, .id = 0, .joined = false})
          .box;
    }
    case 2:
      return editor.remove(find(static_cast<int>(StreetClass::person), sides.width / 3)).box;
    default:
      return editor.relabel(find(car, sides.width / 2), static_cast<int>(StreetClass::person)).box;
  }
}

template <class Net>
void measure(const Options& options) {
  Device device = options.device.open();
  Net network;
  if (options.weights.empty()) {
    network = Net(static_cast<int>(street_classes.size()) + 1);
    initialize(device, network, 1);
  } else {
    load(device, network, options.weights);
  }
  std::optional<StyleClusters> clusters;
  if (!options.clusters.empty()) {
    clusters = load_clusters(options.clusters).clusters;
    check_clusters(
        *clusters,
        {.channels = input_channels(network), .classes = static_cast<int>(street_classes.size()), .boundaries = true});
  }
  // An instance keeps its style wherever it lies: styles are drawn by its id.
  const auto map_of = [&](const Scene& scene) {
    const SemanticMap map =
        semantic_map(device, scene.labels, scene.instances, static_cast<int>(street_classes.size()));
    if (!clusters) return map;
    const Instances instances = find_instances(scene.labels, scene.instances, clusters->rule);
    const auto features = style_features(instances, *clusters, sample_styles(instances, *clusters, 1));
    return join(map, upload(device, feature_map(instances, features)));
  };
  LiveSession live(device, network);
  const StreetScene street = street_scene(5, options.size);
  const Scene scene{.labels = street.labels, .instances = street.instances};
  const Sides sides = scene.sides();
  Taken ignored;
  const Raster before =
      timed(ignored, 1, [&] { return tools::edit::samples_of(download(device, live.whole(map_of(scene)))); });

  Row exact{.name = "exact"};
  std::vector<Row> rows{{.name = "half size, enlarged"}};
  for (const int margin : options.margins) rows.push_back({.name = "window, margin " + std::to_string(margin)});
  rows.push_back({.name = "the picture before the edit"});
  for (int number = 0; number < options.edits; ++number) {
    SceneEditor editor(scene, {.classes = static_cast<int>(street_classes.size())});
    const PixelBox changed = edit_number(editor, number);
    const Scene& after = editor.scene();
    WindowOptions window_of = window_options(Net::alignment);
    window_of.margin = 0;
    window_of.most = 1;
    const auto shown = preview_window(sides, changed, window_of);
    const auto note = [&](Row& row, const Taken& taken, const Raster& picture, const Raster& truth, double share) {
      row.taken.wall += taken.wall, row.taken.cpu += taken.cpu;
      const Difference inside = difference(picture, truth, shown->shown),
                       all = difference(picture, truth, whole(sides));
      row.inside_mean += inside.mean, row.inside_psnr += inside.psnr, row.all_mean += all.mean, row.share += share;
      ++row.edits;
    };
    Taken half_taken;
    const Raster half = timed(half_taken, options.rounds, [&] {
      const Scene small = tools::edit::reduce(after, {.width = sides.width / 2, .height = sides.height / 2});
      return resize_bicubic(tools::edit::samples_of(download(device, live.other(map_of(small)))), options.size);
    });
    std::vector<std::optional<std::pair<Taken, Raster>>> windows;
    std::vector<double> shares;
    for (const int margin : options.margins) {
      window_of.margin = margin;
      window_of.most = options.share;
      const auto window = preview_window(sides, changed, window_of);
      windows.emplace_back();
      shares.push_back(0);
      if (!window) continue;
      Taken taken;
      Raster picture = timed(taken, options.rounds, [&] {
        const Scene part = crop(after, window->computed);
        Raster patched = before;
        tools::edit::lay_over(patched, tools::edit::samples_of(download(device, live.part(map_of(part)))), *window, 16);
        return patched;
      });
      windows.back() = {taken, std::move(picture)};
      shares.back() = static_cast<double>(window->computed.pixels()) / static_cast<double>(whole(sides).pixels());
    }
    Taken exact_taken;
    const Raster truth = timed(exact_taken, options.rounds,
                               [&] { return tools::edit::samples_of(download(device, live.whole(map_of(after)))); });
    note(exact, exact_taken, truth, truth, 1);
    note(rows.front(), half_taken, half, truth, 0.25);
    for (std::size_t i = 0; i < windows.size(); ++i)
      if (windows[i]) note(rows[i + 1], windows[i]->first, windows[i]->second, truth, shares[i]);
    note(rows.back(), {0, 0}, before, truth, 0);
    live.whole(map_of(scene));  // the statistics of the picture before the next edit
  }

  std::printf("%s, %dx%d, %s, %s; %s; means over %d edits.\n\n", options.preset.c_str(), sides.width, sides.height,
              device.name().c_str(), device.description().c_str(),
              options.weights.empty() ? "random weights" : options.weights.filename().c_str(), options.edits);
  std::printf(
      "| | edits | share of the pixels | seconds | of the exact pass | CPU time of the exact pass | mean "
      "difference where shown | PSNR there | mean difference of the whole |\n|---|---|---|---|---|---|---|---|---|\n");
  rows.insert(rows.begin(), exact);
  for (const Row& row : rows) {
    if (row.edits == 0) continue;
    const double n = row.edits;
    std::printf("| %s | %d | %.2f | %.2f | %.2f | %.2f | %.2f | %.1f | %.2f |\n", row.name.c_str(), row.edits,
                row.share / n, row.taken.wall / n, row.taken.wall / n / (exact.taken.wall / exact.edits),
                row.taken.cpu / n / (exact.taken.cpu / exact.edits), row.inside_mean / n, row.inside_psnr / n,
                row.all_mean / n);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Times previews of edits and compares them with the exact pictures.", "preview_error");
  app.add_option("--preset", options.preset, "The generator: 1024p, demo or demo_enhanced")
      ->check(CLI::IsMember({"1024p", "demo", "demo_enhanced"}))
      ->capture_default_str();
  app.add_option("--weights", options.weights, "Trained on invented streets with instances; none: random ones");
  app.add_option("--clusters", options.clusters, "Styles, for weights that were trained with features");
  app.add_option("--width", options.size.width, "Pixels")->capture_default_str();
  app.add_option("--height", options.size.height, "Pixels")->capture_default_str();
  app.add_option("--rounds", options.rounds, "Times of which the least counts")->capture_default_str();
  app.add_option("--edits", options.edits, "How many")->check(CLI::Range(1, 4))->capture_default_str();
  app.add_option("--margins", options.margins, "Pixels around what is shown")->capture_default_str();
  options.device.add_to(app);
  return tools::run(app, argc, argv, [&] {
    if (options.preset == "1024p") return measure<PresetGenerator<1>>(options);
    if (options.preset == "demo") return measure<DemoGenerator>(options);
    measure<EnhancedDemoGenerator>(options);
  });
}
