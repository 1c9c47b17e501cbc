#pragma once
/// What the tests of evaluate compare.

#include "tool_testing.hpp"

#include <pix2pixhd/images/street_scene.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tool_testing {

/// Folders of three street scenes, and of the same pictures with a little noise.
struct Streets {
  TemporaryFolder folder;
  fs::path data = folder / "data", real = data / "test_img", labels = data / "test_label";
  fs::path synthesised = folder / "synthesised";

  Streets() {
    write_street_folders(data, {.phase = "train", .count = 4, .first_seed = 50});
    write_street_folders(data, {.phase = "test", .count = 3});
    fs::create_directory(synthesised);
    for (int i = 0; i < 3; ++i) write_image(synthesised / name(i), noisy(i));
  }

  static std::string name(int i) { return "scene_00000" + std::to_string(i) + ".png"; }
  static ImageArray noisy(int i) {
    ImageArray image = street_scene(static_cast<std::uint64_t>(i)).image;
    const RandomStream random(static_cast<std::uint64_t>(i), "noise");
    for (std::size_t k = 0; k < image.size(); ++k) image.data()[k] += static_cast<float>(0.2 * random.uniform(k) - 0.1);
    return image;
  }
  std::vector<Word> words(const std::vector<Word>& more = {}) const {
    std::vector<Word> all = {"--synthesised", synthesised, "--real", real};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::vector<Word> with_labels(const std::vector<Word>& more = {}) const {
    std::vector<Word> all = words({"--labels", labels, "--classes", "8"});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

}  // namespace tool_testing
