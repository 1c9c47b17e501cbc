#include <images/made_files.hpp>
#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/images/street_scene.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

using namespace pix2pixhd;

namespace {

/// FNV-1a of labels, instances and the levels of the picture.
std::uint64_t fingerprint(const StreetScene& scene) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3U; };
  for (std::size_t i = 0; i < scene.labels.size(); ++i) {
    add(scene.labels.data()[i]);
    add(static_cast<std::uint64_t>(scene.instances.data()[i]));
  }
  for (std::size_t i = 0; i < scene.image.size(); ++i)
    add(static_cast<std::uint64_t>(std::lround((scene.image.data()[i] + 1.0F) * 127.5F)));
  return hash;
}

constexpr std::uint8_t id(StreetClass kind) { return static_cast<std::uint8_t>(kind); }

/// Mean level of red, green and blue of the pixels that `wanted(y, x)`.
template <class Wanted>
std::array<double, 3> mean_colour(const StreetScene& scene, const Wanted& wanted) {
  std::array<double, 3> sum{};
  double count = 0;
  for (std::size_t y = 0; y < scene.labels.shape()[0]; ++y)
    for (std::size_t x = 0; x < scene.labels.shape()[1]; ++x) {
      if (!wanted(y, x)) continue;
      ++count;
      for (std::size_t c = 0; c < 3; ++c) sum[c] += (double{scene.image(0, c, y, x)} + 1) * 127.5;
    }
  for (double& value : sum) value /= count;
  return sum;
}

}  // namespace

TEST_CASE("a seed has the same bits everywhere") {
  CHECK(fingerprint(street_scene(0)) == 1547837662630753823U);
  CHECK(fingerprint(street_scene(12345, {.width = 61, .height = 47})) == 12582323907427210262U);
  CHECK(fingerprint(street_scene(7, {.width = 512, .height = 256})) == 16104570190774689891U);
}

TEST_CASE("other seeds are other scenes") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 40; ++seed) seen.insert(fingerprint(street_scene(seed)));
  CHECK(seen.size() == 40);
}

TEST_CASE("scenes have the sides asked for, pictures are levels in [-1, 1], ids belong to their classes") {
  for (const PictureSize& size : {PictureSize{.width = 32, .height = 16}, {128, 64}, {40, 200}, {301, 20}, {33, 33}}) {
    const StreetScene scene = street_scene(3, size);
    const auto width = static_cast<std::size_t>(size.width), height = static_cast<std::size_t>(size.height);
    REQUIRE(scene.labels.shape() == LabelArray::shape_type{height, width});
    REQUIRE(scene.instances.shape() == InstanceArray::shape_type{height, width});
    REQUIRE(scene.image.shape() == ImageArray::shape_type{1, 3, height, width});
    int wrong = 0;
    for (std::size_t i = 0; i < scene.labels.size(); ++i) {
      const int label = scene.labels.data()[i], instance = scene.instances.data()[i];
      const bool counted = label >= id(StreetClass::building);
      wrong += label >= static_cast<int>(street_classes.size()) ? 1 : 0;
      wrong += (counted ? instance / 1000 : instance) != label ? 1 : 0;
    }
    for (const float value : scene.image) {
      const float level = (value + 1.0F) * 127.5F;
      wrong += value < -1.0F || value > 1.0F || std::abs(level - std::round(level)) > 1e-3F ? 1 : 0;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("every class occurs in many scenes, and no scene lacks the street") {
  std::map<int, int> scenes_with;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const StreetScene scene = street_scene(seed);
    std::map<int, int> pixels;
    for (const std::uint8_t label : scene.labels) ++pixels[label];
    for (const auto& entry : pixels) ++scenes_with[entry.first];
    CHECK(pixels[id(StreetClass::road)] > 128 * 64 / 8);
    CHECK(pixels[id(StreetClass::building)] > 128 * 64 / 20);
  }
  for (const StreetClass kind : {StreetClass::sky, StreetClass::sidewalk, StreetClass::tree, StreetClass::car,
                                 StreetClass::person, StreetClass::pole}) {
    CAPTURE(street_classes[id(kind)].name);
    CHECK(scenes_with[id(kind)] >= 30);
  }
}

TEST_CASE("sizes show the same street: a larger picture has the labels of the smaller one at most places") {
  const StreetScene small = street_scene(11, {.width = 128, .height = 64});
  const StreetScene large = street_scene(11, {.width = 512, .height = 256});
  const LabelArray reduced = resize_nearest(large.labels, {.width = 128, .height = 64});
  std::size_t same = 0;
  for (std::size_t i = 0; i < reduced.size(); ++i) same += reduced.data()[i] == small.labels.data()[i] ? 1U : 0U;
  CHECK(same > reduced.size() * 93 / 100);
}

TEST_CASE("the rules of light hold: shade on the left, a sky that pales towards the horizon, haze") {
  double left = 0, right = 0, high = 0, low = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const StreetScene scene = street_scene(seed);
    const auto of = [&](StreetClass kind, const auto& where) {
      return mean_colour(scene,
                         [&](std::size_t y, std::size_t x) { return scene.labels(y, x) == id(kind) && where(y, x); });
    };
    left += of(StreetClass::building, [](std::size_t, std::size_t x) { return x < 30; })[0];
    right += of(StreetClass::building, [](std::size_t, std::size_t x) { return x >= 98; })[0];
    high += of(StreetClass::sky, [](std::size_t y, std::size_t) { return y < 3; })[0];
    low += of(StreetClass::sky, [](std::size_t y, std::size_t) { return y >= 12 && y < 24; })[0];
  }
  CHECK(left < 0.8 * right);
  CHECK(high < 0.9 * low);
}

TEST_CASE("colours of cars follow from the seed, not from the labels") {
  std::set<int> reds;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const StreetScene scene = street_scene(seed, {.width = 256, .height = 128});
    std::map<int, int> sizes;
    for (const std::int32_t instance : scene.instances)
      if (instance / 1000 == id(StreetClass::car)) ++sizes[instance];
    for (const auto& entry : sizes) {
      if (entry.second < 200) continue;
      const auto colour =
          mean_colour(scene, [&](std::size_t y, std::size_t x) { return scene.instances(y, x) == entry.first; });
      reds.insert(static_cast<int>(colour[0]) / 20);
    }
  }
  CHECK(reds.size() >= 5);
}

TEST_CASE("folders of scenes read back as they were made") {
  const made::TemporaryFolder directory;
  write_street_folders(directory.path(), {.phase = "test", .count = 2, .first_seed = 5, .size = {64, 32}});
  CHECK(directory.count() == 3);
  for (std::uint64_t i = 0; i < 2; ++i) {
    const std::string name = "scene_00000" + std::to_string(i) + ".png";
    const StreetScene scene = street_scene(5 + i, {.width = 64, .height = 32});
    CHECK(read_labels(directory / ("test_label/" + name)) == scene.labels);
    CHECK(read_instances(directory / ("test_inst/" + name)) == scene.instances);
    CHECK(read_image(directory / ("test_img/" + name)) == scene.image);
  }
}

TEST_CASE("what cannot be drawn or written is refused with a sentence") {
  const auto draw = [](int width, int height) {
    return made::error_of([&] { street_scene(1, {.width = width, .height = height}); });
  };
  CHECK(made::has(draw(31, 16), "31x16", "32x16"));
  CHECK(made::has(draw(32, 15), "32x15"));
  CHECK(made::has(draw(-5, 64), "-5x64"));
  CHECK(made::has(draw(1 << 20, 1 << 20), "268435456"));
  const made::TemporaryFolder directory;
  made::write(directory / "file", {});
  CHECK(made::has(made::error_of([&] { write_street_folders(directory / "file", {.count = 1}); }), "train_label"));
  CHECK(made::has(made::error_of([&] { write_street_folders(directory.path(), {.count = -1}); }), "-1 scenes"));
}
