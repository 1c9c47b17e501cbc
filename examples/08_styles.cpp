// Example 8: styles.
//
// A label map says where a car is, not what colour it has. An encoder, trained together with the generator, finds a few
// numbers for each instance of a picture: the mean of a feature map over the instance's pixels (paper, section 3.4).
// The generator reads them as further channels, so that an object's style can be chosen. Clusters of these features,
// class by class, are the styles of a data set.
//
// clang-format off
//     street_scene --dataset streets --width 128 --height 64
//     train --preset demo --data streets --output run --classes 8 --epochs 2 --decay-epochs 3 --average 0.98
//           --features 3
//     encode_features --encoder run/encoder.safetensors --data streets --classes 8 --min-area 1/512
//                     --output run/clusters.safetensors
//     08_styles run
// clang-format on
//
// writes pictures of one street: in three drawn styles, with one car in each style that cars have, and in the style of
// another picture of it.

#include <pix2pixhd/features/style_sampling.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/networks/presets.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/store/style_file.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

using namespace pix2pixhd;

constexpr int classes = 8;
constexpr int features = 3;

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::cerr << "usage: 08_styles RUN\n";
    return 2;
  }
  const std::filesystem::path run = argv[1];
  Device device = best_device();
  DemoGenerator generator;
  FeatureEncoder<EncoderShape{.out = features, .downsamples = 2}> encoder;  // the demo's, see preset_encoder_shape()
  load(device, generator, run / "generator.safetensors");
  load(device, encoder, run / "encoder.safetensors");
  const StyleClusters clusters = load_clusters(run / "clusters.safetensors").clusters;
  check_clusters(clusters, {.channels = input_channels(generator), .classes = classes, .boundaries = true});

  // A street that no step has seen. Its instances, each with its class: ids may be of any scheme, see IdRule.
  const StreetScene street = street_scene(1'000'003, {.width = 128, .height = 64});
  const Instances instances = find_instances(street.labels, street.instances, clusters.rule);
  const SemanticMap map = semantic_map(device, street.labels, street.instances, classes);

  // Features of instances become a map, which goes to the generator beside classes and boundaries.
  const auto paint = [&](const std::vector<std::vector<float>>& of_instances, const std::string& name) {
    const Tensor styles = upload(device, feature_map(instances, of_instances));
    write_image(name, download(device, infer(device, generator, join(map, styles))));
    std::cout << name << '\n';
  };

  // Styles by seed: the same seed and number give the same picture.
  constexpr std::uint64_t seed = 1;
  for (std::uint64_t number = 0; number < 3; ++number)
    paint(style_features(instances, clusters, sample_styles(instances, clusters, seed, number)),
          "drawn_" + std::to_string(number) + ".png");

  // One instance by hand: the largest car in each style that cars have, everything else as before.
  constexpr int car = static_cast<int>(StreetClass::car);
  const auto smaller = [](const Instance& a, const Instance& b) {
    return (a.label == car ? a.pixels : 0) < (b.label == car ? b.pixels : 0);
  };
  const std::int32_t largest = std::max_element(instances.list.begin(), instances.list.end(), smaller)->id;
  for (int style = 0; style < clusters.choices(car); ++style) {
    const StyleChoices choices{.by_instance = {{largest, style}}};
    paint(style_features(instances, clusters, sample_styles(instances, clusters, seed, 0, choices)),
          "car_" + std::to_string(style) + ".png");
  }

  // The style of a real picture: the encoder finds the features that the instances have in it.
  const EncoderInput real{upload(device, street.image), instance_map(device, instances.indices)};
  paint(features_of(instances, download(device, infer(device, encoder, real))), "as_real.png");
  write_image("real.png", street.image);
  return 0;
} catch (const Error& error) {
  std::cerr << "08_styles: " << error.what() << '\n';
  return 1;
}
