/// What evaluate refuses: wrong usage, and bad files.

#include "evaluate_case.hpp"

#include <pix2pixhd/store/npy.hpp>

#include <cmath>

using namespace tool_testing;

TEST_CASE("wrong usage") {
  const Streets streets;
  check_refused(run("evaluate", {}), 2, {"--synthesised", "--data"});
  check_refused(run("evaluate", {"--real", streets.real}), 2, {"--synthesised"});
  check_refused(run("evaluate", streets.words({"--preset", "demo"})), 2, {"--data"});
  check_refused(run("evaluate", {"--preset", "demo", "--data", streets.data}), 2, {"--weights"});
  check_refused(run("evaluate", {"--preset", "demo", "--data", streets.data, "--weights", "w", "--labels", "l"}), 2,
                {"--labels"});
  check_refused(run("evaluate", streets.words({"--classes", "0"})), 2, {"--classes"});
}

TEST_CASE("bad input is named, and no file is written") {
  const Streets streets;
  const fs::path json = streets.folder / "f.json";
  const std::vector<Word> words = streets.with_labels({"--json", json});
  check_refused(run("evaluate", streets.words({"--baseline"})), 1, {"--baseline", "label maps"});
  check_refused(run("evaluate", streets.words({"--labels", streets.labels, "--classes", "2"})), 1,
                {"test_label", "scene_000000", "0 to 1"});
  check_refused(run("evaluate", streets.words({"--labels", streets.labels / Streets::name(0)})), 1, {"is a file"});

  const fs::path picture = streets.synthesised / Streets::name(1);
  const std::string bytes = slurp(picture);
  spill(picture, bytes.substr(0, bytes.size() / 2));
  check_refused(run("evaluate", words), 1, {Streets::name(1)});
  write_image(picture, street_scene(1, {.width = 64, .height = 32}).image);
  check_refused(run("evaluate", words), 1, {Streets::name(1), "64x32", "128x64"});
  spill(picture, bytes);
  fs::rename(picture, streets.synthesised / "other.png");
  check_refused(run("evaluate", words), 1, {"test_img", "other.png"});
  fs::remove(streets.synthesised / "other.png");
  CHECK_FALSE(fs::exists(json));
  const Ended ended = run("evaluate", words);
  CHECK(ended.status == 0);
  CHECK(contains(ended.err, "left out: 1"));

  check_refused(run("evaluate", streets.words({"--json", streets.folder / "absent" / "f.json"})), 1, {"absent"});
  const fs::path weights = streets.folder / "demo.safetensors";
  Workplace::write_weights(weights, 36);
  check_refused(run("evaluate", {"--preset", "demo", "--weights", weights, "--data", streets.data, "--classes", "8"}),
                1, {"takes 36 channels", "8 classes", "--classes 36", "--classes 35"});
  check_refused(run("evaluate", {"--preset", "demo", "--weights", weights, "--data", streets.folder / "absent"}), 1,
                {"absent"});
}

TEST_CASE("of a data set all bad files are named before a picture is made") {
  const Streets streets;
  const fs::path weights = streets.folder / "demo.safetensors", json = streets.folder / "f.json";
  Workplace::write_weights(weights, 9);
  const fs::path label = streets.labels / Streets::name(1), picture = streets.real / Streets::name(2);
  const std::string bytes = slurp(picture);
  spill(picture, bytes.substr(0, bytes.size() / 2));
  write_labels(label, LabelArray({64, 128}, std::uint8_t{8}));
  const Ended ended = run("evaluate", {"--preset", "demo", "--weights", weights, "--data", streets.data, "--classes",
                                       "8", "--device", "cpu", "--json", json});
  check_refused(ended, 1, {label.string(), "0 to 7", picture.string()});
  CHECK_FALSE(contains(ended.err, "device:"));
  CHECK_FALSE(fs::exists(json));
}

TEST_CASE("an array that is no picture is refused by its first wrong value") {
  const Streets streets;
  const fs::path picture = streets.real / Streets::name(1), array = streets.folder / "a.npy";
  ImageArray image = read_image(picture);
  const auto compared = [&] {
    write_npy(array, image);
    return run("evaluate", {"--synthesised", array, "--real", picture});
  };
  CHECK(compared().status == 0);
  image(0, 1, 2, 3) = 255;
  check_refused(compared(), 1, {"a.npy", "holds the value 255", "-1 to 1"});
  image(0, 1, 2, 3) = std::nanf("");
  check_refused(compared(), 1, {"a.npy", "nan"});
}
