// What styles do to the cars of invented streets, whose colours no label tells: the figures of
// bench/results/street_styles.md. run.sh trains, clusters and calls this.
//
//   street_styles --run RUN --clusters CLUSTERS --output DIR
//
// On held-out streets it measures the mean colour of every car of at least so many pixels,
//   sampled   in pictures whose styles are drawn: how far apart the hues of one car are in two pictures
//   encoded   in a picture with the features that the encoder finds in the real one: how far its hue is from the real
//             car's; beside it the same with the mean feature of all cars, which knows no car's colour
// Only colours count as hues whose largest and smallest channel are at least 20 levels of 255 apart: grey has none.

#include <CLI/CLI.hpp>
#include <pix2pixhd/features/style_sampling.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/atomic_file.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/store/style_file.hpp>
#include <pix2pixhd/training/metrics_diversity.hpp>
#include <pix2pixhd/training/metrics_hue.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace pix2pixhd;

constexpr int classes = static_cast<int>(street_classes.size());
constexpr int car = static_cast<int>(StreetClass::car);
constexpr std::uint64_t first_held_out = 1'000'000;  // beyond all of training

struct Options {
  std::filesystem::path run, clusters, output;
  std::string which = "";
  int streets = 32, styles = 10;
  double least_share = 1.0 / 256, least_chroma = 20;
};

using Colour = std::array<double, 3>;

/// The mean colour of an instance, in levels of 0 to 255.
Colour mean_colour(const ImageArray& picture, const Instances& instances, std::size_t index) {
  Colour sum{};
  for (std::size_t i = 0; i < instances.pixels(); ++i)
    if (static_cast<std::size_t>(instances.indices.data()[i]) == index)
      for (std::size_t c = 0; c < 3; ++c)
        sum[c] += 127.5 * (static_cast<double>(picture.data()[c * instances.pixels() + i]) + 1);
  for (double& value : sum) value /= static_cast<double>(instances.list[index].pixels);
  return sum;
}

double colour_difference(const Colour& a, const Colour& b) {
  double sum = 0;
  for (std::size_t c = 0; c < 3; ++c) sum += std::abs(a[c] - b[c]) / 3;
  return sum;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}
double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// What one car looks like in several pictures.
struct Car {
  Colour real{};
  std::vector<Colour> sampled = {};
  Colour encoded{}, of_mean{};
};

struct Figures {
  std::vector<Car> cars = {};
  Diversity diversity{classes};
};

Figures measure(const Options& options, const DemoGenerator& generator, const AnyEncoder& encoder,
                const StyleClusters& clusters, Device& device) {
  Figures figures;
  for (int i = 0; i < options.streets; ++i) {
    const StreetScene street = street_scene(first_held_out + static_cast<std::uint64_t>(i));
    const Instances instances = find_instances(street.labels, street.instances, clusters.rule);
    const SemanticMap map = semantic_map(device, street.labels, street.instances, classes);
    const auto paint = [&](const std::vector<std::vector<float>>& features) {
      return download(device, infer(device, generator, join(map, upload(device, feature_map(instances, features)))));
    };
    std::vector<PictureArray> sampled;
    for (int number = 0; number < options.styles; ++number)
      sampled.push_back(paint(style_features(
          instances, clusters, sample_styles(instances, clusters, 1, static_cast<std::uint64_t>(number)))));
    const EncoderInput input{upload(device, street.image), instance_map(device, instances.indices)};
    const ImageArray encoded = paint(features_of(instances, download(device, infer(device, encoder, input))));
    const ImageArray of_mean =
        paint(style_features(instances, clusters, std::vector<int>(instances.list.size(), no_style)));
    ClassArray labels = ClassArray::from_shape({1, street.labels.shape()[0], street.labels.shape()[1]});
    std::copy(street.labels.begin(), street.labels.end(), labels.begin());
    figures.diversity.add(labels, sampled);
    for (std::size_t k = 0; k < instances.list.size(); ++k) {
      const Instance& instance = instances.list[k];
      if (instance.label != car ||
          static_cast<double>(instance.pixels) < options.least_share * static_cast<double>(instances.pixels()))
        continue;
      Car one{.real = mean_colour(street.image, instances, k),
              .encoded = mean_colour(encoded, instances, k),
              .of_mean = mean_colour(of_mean, instances, k)};
      for (const PictureArray& picture : sampled) one.sampled.push_back(mean_colour(picture, instances, k));
      figures.cars.push_back(std::move(one));
    }
  }
  return figures;
}

nlohmann::ordered_json summarise(const Options& options, const Figures& figures) {
  const auto hue_of = [&](const Colour& colour) { return hue(colour, options.least_chroma); };
  std::vector<double> between, colours, encoded, of_mean, encoded_colours, mean_colours;
  int coloured = 0, lost = 0, of_two_hues = 0;
  for (const Car& one : figures.cars) {
    double farthest = 0;
    for (std::size_t a = 0; a < one.sampled.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) {
        colours.push_back(colour_difference(one.sampled[a], one.sampled[b]));
        const auto x = hue_of(one.sampled[a]), y = hue_of(one.sampled[b]);
        if (!x || !y) continue;
        between.push_back(hue_difference(*x, *y));
        farthest = std::max(farthest, between.back());
      }
    if (farthest >= 60) ++of_two_hues;
    encoded_colours.push_back(colour_difference(one.encoded, one.real));
    mean_colours.push_back(colour_difference(one.of_mean, one.real));
    const auto real = hue_of(one.real);
    if (!real) continue;
    ++coloured;
    // A painted car that came out grey is as wrong as one can be.
    const auto error = [&](const Colour& colour) {
      const auto its = hue_of(colour);
      return its ? hue_difference(*its, *real) : 180;
    };
    if (!hue_of(one.encoded)) ++lost;
    encoded.push_back(error(one.encoded));
    of_mean.push_back(error(one.of_mean));
  }
  const auto share = [](int part, std::size_t all) {
    return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
  };
  nlohmann::ordered_json diversity;
  for (int label = 0; label < classes; ++label)
    if (const auto value = figures.diversity.of_class(label))
      diversity[std::string(street_classes[static_cast<std::size_t>(label)].name)] = *value;
  const auto within = [&](double degrees) {
    return share(
        static_cast<int>(std::count_if(encoded.begin(), encoded.end(), [&](double e) { return e <= degrees; })),
        encoded.size());
  };
  return {{"streets", options.streets},
          {"styles", options.styles},
          {"cars", figures.cars.size()},
          {"painted_cars", coloured},
          {"sampled",
           {{"cars_of_hues_60_degrees_apart", share(of_two_hues, figures.cars.size())},
            {"mean_hue_difference", mean(between)},
            {"mean_colour_difference", mean(colours)},
            {"diversity", diversity}}},
          {"encoded",
           {{"median_hue_error", median(encoded)},
            {"mean_hue_error", mean(encoded)},
            {"within_30_degrees", within(30)},
            {"painted_cars_that_came_out_grey", lost},
            {"mean_colour_error", mean(encoded_colours)}}},
          {"mean_feature",
           {{"median_hue_error", median(of_mean)},
            {"mean_hue_error", mean(of_mean)},
            {"mean_colour_error", mean(mean_colours)}}}};
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

std::string number(const nlohmann::ordered_json& value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value.get<double>());
  return text;
}

std::string page(const nlohmann::ordered_json& all) {
  const auto &sampled = all["sampled"], &encoded = all["encoded"], &of_mean = all["mean_feature"];
  std::string diversity;
  for (const auto& [name, value] : sampled["diversity"].items())
    diversity += "| " + name + " | " + number(value, 1) + " |\n";
  return detail::sentence(
      "# Styles of cars that labels do not tell\n\nThe demo preset trained with an encoder of ", all["features"].dump(),
      " features, ", all["steps"].get<std::string>(), " steps (`bench/styles/run.sh`), on ", all["streets"].dump(),
      " held-out streets with ", all["cars"].dump(), " cars of at least 1/256 of the picture, ",
      all["painted_cars"].dump(),
      " of them painted (the largest and smallest channel of their mean colour 20 levels of 255 apart).\n\n"
      "## Styles drawn from clusters\n\n",
      all["styles"].dump(), " pictures of each street. The hues of one car in two of them differ by ",
      number(sampled["mean_hue_difference"], 0), " degrees on average, its mean colour by ",
      number(sampled["mean_colour_difference"], 1), " levels; ",
      number(100 * sampled["cars_of_hues_60_degrees_apart"].get<double>(), 0),
      " % of the cars are seen in hues at least 60 degrees apart.\n\n"
      "Mean difference of two pictures of a street, in levels of 0 to 255:\n\n| class | |\n|---|---|\n",
      diversity,
      "\n## The style of a real picture\n\nError of cars' mean colours against the real picture; a painted car that "
      "came out grey counts as 180 degrees.\n\n| features | hue error, median | mean | colour error, levels "
      "|\n|---|---|---|---|"
      "\n| of the real picture | ",
      number(encoded["median_hue_error"], 1), " | ", number(encoded["mean_hue_error"], 1), " | ",
      number(encoded["mean_colour_error"], 1), " |\n| the mean of all cars | ", number(of_mean["median_hue_error"], 1),
      " | ", number(of_mean["mean_hue_error"], 1), " | ", number(of_mean["mean_colour_error"], 1), " |\n\n",
      number(100 * encoded["within_30_degrees"].get<double>(), 0), " % of the painted cars are within 30 degrees; ",
      encoded["painted_cars_that_came_out_grey"].dump(), " came out grey.\n");
}

void run(const Options& options) {
  Device device = cpu();
  DemoGenerator generator;
  load(device, generator, options.run / (options.which + "generator.safetensors"));
  const LoadedClusters loaded = load_clusters(options.clusters);
  const StyleClusters& clusters = loaded.clusters;
  check_clusters(clusters, {.channels = input_channels(generator), .classes = classes, .boundaries = true});
  AnyEncoder encoder(preset_encoder_shape("demo", clusters.features));
  load(device, encoder, options.run / (options.which + "encoder.safetensors"));
  nlohmann::ordered_json all = summarise(options, measure(options, generator, encoder, clusters, device));
  all["features"] = clusters.features;
  all["steps"] = loaded.more.contains("pix2pixhd.steps") ? loaded.more.at("pix2pixhd.steps") : "";
  write_text(options.output / "street_styles.json", all.dump(2) + "\n");
  write_text(options.output / "street_styles.md", page(all));
  std::printf("%s", page(all).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Hues of cars in drawn styles, and in the style of real pictures.", "street_styles");
  app.add_option("--run", options.run, "Folder of a training run with --features")->required();
  app.add_option("--which", options.which, "Beginning of the names of the weights: best_ or nothing");
  app.add_option("--clusters", options.clusters, "What encode_features made of its encoder")->required();
  app.add_option("--output", options.output, "Folder for street_styles.json and .md")->required();
  app.add_option("--streets", options.streets, "Held-out streets")->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--styles", options.styles, "Pictures of each")->check(CLI::Range(2, 100))->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    run(options);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "street_styles: error: %s\n", error.what());
    return 1;
  }
}
