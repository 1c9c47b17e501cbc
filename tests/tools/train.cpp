/// The tool train: runs from beginning to end, and how they begin.

#include "train_case.hpp"

#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/training_records.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

using namespace tool_testing;

TEST_CASE("a run leaves a generator that synthesize takes, tables and checkpoints") {
  const TrainingCase the;
  const Ended ended = run("train", the.words("run", {"--epochs", "2", "--decay-epochs", "2", "--average", "0.9"}));
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(ended.out.empty());
  const fs::path folder = the.output("run");
  for (const char* name : {"generator.safetensors", "best_generator.safetensors", "best_checkpoint.safetensors",
                           "checkpoint_000000024.safetensors", "steps.csv", "evaluations.csv"})
    CHECK_MESSAGE(fs::exists(folder / name), name);
  // The last three, and two of the time of the pictures that the blob alarm looks at.
  CHECK(CheckpointFolder(folder).steps() == std::vector<std::int64_t>{0, 6, 12, 18, 24});
  const std::string steps = slurp(folder / "steps.csv"), evaluations = slurp(folder / "evaluations.csv");
  CHECK(std::count(steps.begin(), steps.end(), '\n') == 25);
  CHECK(std::count(evaluations.begin(), evaluations.end(), '\n') == 5);
  CHECK(contains(steps, ",G1,"));

  const fs::path picture = folder / "picture.png";
  const Ended made = run("synthesize", {"--preset", "demo", "--weights", folder / "generator.safetensors", "--classes",
                                        "8", "--labels", the.data / "test_label" / "scene_000000.png", "--instances",
                                        the.data / "test_inst" / "scene_000000.png", "--output", picture});
  CAPTURE(made.err);
  CHECK(made.status == 0);
  CHECK(read_image(picture).shape()[3] == 64);
}

TEST_CASE("two stages: G1 at half size, the enhancer alone, then both") {
  const TrainingCase the;
  const std::vector<Word> words = the.words(
      "run", {"--epochs", "1", "--decay-epochs", "1", "--frozen-epochs", "1", "--keep", "100"}, "demo_enhanced");
  const Ended ended = run("train", words);
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(contains(ended.err, "depth 0: pictures of 32 x 16"));
  CHECK(contains(ended.err, "depth 1: pictures of 64 x 32"));
  const std::string steps = slurp(the.output("run") / "steps.csv");
  for (const char* phase : {"\n12,1,G1,", "\n13,0,enhancer 1,", "\n19,1,joint 1,"})
    CHECK_MESSAGE(contains(steps, phase), phase);
  for (const auto& [file, preset] :
       {std::pair("generator_depth0.safetensors", "demo"), std::pair("generator.safetensors", "demo_enhanced")})
    CHECK(open_tensor_file(the.output("run") / file)->metadata().at("pix2pixhd.preset") == preset);

  // What G1 learnt is in the enhanced generator from its first step on, and rests in the frozen epoch.
  Device device = cpu({.threads = 1});
  EnhancedDemoGenerator frozen(9), joint(9);
  DemoGenerator g1(9);
  const auto checkpoint = [&](int step) { return CheckpointFolder(the.output("run")).at(step); };
  load(device, g1, checkpoint(12), {.prefix = "value/G/"});
  load(device, frozen, checkpoint(18), {.prefix = "value/G/"});
  load(device, joint, checkpoint(24), {.prefix = "value/G/"});
  const auto same = [&](auto& a, auto& b) {
    const auto left = named_arrays(a), right = named_arrays(b);
    bool equal = left.size() == right.size();
    for (std::size_t i = 0; equal && i < left.size(); ++i)
      equal = download(device, *left[i].value) == download(device, *right[i].value);
    return equal;
  };
  CHECK(same(g1.trunk, frozen.trunk.inner));
  CHECK_FALSE(same(g1.trunk, joint.trunk.inner));
  CHECK_FALSE(same(frozen.trunk.front, joint.trunk.front));
}

TEST_CASE("the second stage starts from a file of G1's weights") {
  const TrainingCase the;
  REQUIRE(run("train", the.words("g1", {"--epochs", "1", "--decay-epochs", "0"})).status == 0);
  for (const char* file : {"generator.safetensors", "checkpoint_000000006.safetensors"}) {
    CAPTURE(file);
    const std::string name = std::string("enhanced_") + file[0];
    const Ended ended = run("train", the.words(name,
                                               {"--epochs", "1", "--decay-epochs", "0", "--frozen-epochs", "1",
                                                "--inner", the.output("g1") / file},
                                               "demo_enhanced"));
    CAPTURE(ended.err);
    REQUIRE(ended.status == 0);
    CHECK_FALSE(contains(slurp(the.output(name) / "steps.csv"), ",G1,"));
    Device device = cpu({.threads = 1});
    DemoGenerator g1(9);
    EnhancedDemoGenerator enhanced(9);
    load(device, g1, the.output("g1") / "generator.safetensors");
    load(device, enhanced, the.output(name) / "generator.safetensors");
    CHECK(download(device, *named_arrays(g1.trunk)[0].value) ==
          download(device, *named_arrays(enhanced.trunk.inner)[0].value));
  }
}

TEST_CASE("fine-tuning starts a new run from weights") {
  const TrainingCase the;
  REQUIRE(run("train", the.words("first", {"--epochs", "1", "--decay-epochs", "0"})).status == 0);
  const fs::path weights = the.output("first") / "generator.safetensors";
  const Ended ended = run(
      "train", the.words("second", {"--epochs", "1", "--decay-epochs", "0", "--keep", "9", "--fine-tune", weights}));
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  Device device = cpu({.threads = 1});
  DemoGenerator given(9), started(9);
  load(device, given, weights);
  load(device, started, CheckpointFolder(the.output("second")).at(0), {.prefix = "value/G/"});
  CHECK(download(device, *named_arrays(given)[0].value) == download(device, *named_arrays(started)[0].value));
}

TEST_CASE("pairs of pictures without labels") {
  const TrainingCase the;
  for (const char* phase : {"train", "test"}) {
    fs::rename(the.data / (std::string(phase) + "_img"), the.data / (std::string(phase) + "_B"));
    fs::copy(the.data / (std::string(phase) + "_B"), the.data / (std::string(phase) + "_A"));
    for (const char* part : {"_label", "_inst"}) fs::remove_all(the.data / (std::string(phase) + part));
  }
  std::vector<Word> words = the.words("run", {"--epochs", "1", "--decay-epochs", "0", "--batch", "4"});
  check_refused(run("train", words), 2, {"--classes would have no effect", "not label maps"});
  CHECK_FALSE(fs::exists(the.output("run")));
  const auto classes =
      std::find_if(words.begin(), words.end(), [](const Word& word) { return word.text == "--classes"; });
  words.erase(classes, classes + 2);
  const Ended ended = run("train", words);
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(fs::exists(the.output("run") / "checkpoint_000000002.safetensors"));  // of four pictures and of two
  const Ended made =
      run("synthesize", {"--preset", "demo", "--weights", the.output("run") / "generator.safetensors", "--input",
                         the.data / "test_A" / "scene_000000.png", "--output", the.output("run") / "picture.png"});
  CAPTURE(made.err);
  CHECK(made.status == 0);
}

TEST_CASE("a perceptual loss, with weights from a file") {
  const TrainingCase the;
  Device device = cpu();
  Vgg19 vgg;
  initialize(device, vgg, 1);
  save(device, vgg, the.folder / "vgg.safetensors");
  const Ended ended = run("train", the.words("run", {"--epochs", "1", "--decay-epochs", "0", "--vgg-input", "corrected",
                                                     "--vgg", the.folder / "vgg.safetensors"}));
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  double smallest = 1;
  read_steps(the.output("run"),
             [&](const StepRecord& step) { smallest = std::min<double>(smallest, step.perceptual); });
  CHECK(smallest > 0);
}

TEST_CASE("a generator's file says how its pictures were resized") {
  const TrainingCase the;
  const Ended ended =
      run("train", the.words("run",
                             {"--epochs", "1", "--decay-epochs", "0", "--resize", "scale_width_and_crop",
                              "--load-width", "64", "--crop-width", "48", "--crop-height", "32"},
                             "demo_enhanced"));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  const auto words = [&](const char* name) { return open_tensor_file(the.output("run") / name)->metadata(); };
  for (const auto& [name, size] :
       {std::pair("generator.safetensors", 1), std::pair("generator_depth0.safetensors", 2)}) {
    const Metadata about = words(name);
    CHECK(about.at("pix2pixhd.resize") == "scale_width_and_crop");
    CHECK(about.at("pix2pixhd.load_width") == std::to_string(64 / size));
    CHECK(about.at("pix2pixhd.crop_width") == std::to_string(48 / size));
    CHECK(about.at("pix2pixhd.crop_height") == std::to_string(32 / size));
    CHECK_FALSE(about.contains("pix2pixhd.load_height"));
  }
}

TEST_CASE("the pixel term is in table and report, where there is one") {
  const TrainingCase the;
  const Ended ended = run("train", the.words("run", {"--epochs", "1", "--decay-epochs", "0", "--pixel-weight", "10"}));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  int lines = 0;
  double smallest = 1;
  read_steps(the.output("run"), [&](const StepRecord& step) {
    ++lines;
    smallest = std::min<double>(smallest, step.own);
  });
  CHECK(lines == 6);
  CHECK(smallest > 0);
  CHECK(contains(slurp(the.output("run") / "report.html"), "pixel difference"));
}

TEST_CASE("options that would have no effect are refused") {
  const TrainingCase the;
  const auto refused = [&](const std::vector<Word>& more, const std::string& needed) {
    check_refused(run("train", the.words("run", more)), 2, {more.front().text + " would have no effect", needed});
    CHECK_FALSE(fs::exists(the.output("run")));
  };
  refused({"--perceptual-weight", "10"}, "--vgg");
  refused({"--vgg-input", "parity"}, "--vgg");
  refused({"--features-on", "labels"}, "--features");
  refused({"--instance-rule", "labels"}, "--features");
  refused({"--load-width", "64"}, "scale_width");
  refused({"--load-width", "64", "--resize", "crop"}, "scale_width");
  refused({"--load-height", "64", "--resize", "scale_width"}, "resize_and_crop");
  refused({"--crop-width", "32"}, "crop");
  refused({"--crop-height", "32", "--resize", "scale_width"}, "crop");
  refused({"--frozen-epochs", "0"}, "demo_enhanced");
  refused({"--frozen-epochs", "1", "--preset", "demo_enhanced", "--fine-tune", "x"}, "not fine-tuned");
}

TEST_CASE("what does not fit is refused with a sentence, and nothing is made of it") {
  const TrainingCase the;
  const auto refused = [&](int status, const std::vector<Word>& more, const std::vector<std::string>& parts) {
    check_refused(run("train", the.words("run", more)), status, parts);
    CHECK_FALSE(fs::exists(the.output("run")));
  };
  const auto refused_by_networks = [&](const std::vector<Word>& more, const std::vector<std::string>& parts) {
    check_refused(run("train", the.words("networks", more)), 1, parts);
    CHECK_FALSE(CheckpointFolder(the.output("networks")).latest());
  };
  refused(2, {"--resume", "--extend"}, {"exclude each other"});
  refused(2, {"--inner", "x"}, {"needs a preset with an enhancer"});
  refused(2, {"--epochs", "0", "--decay-epochs", "0"}, {"one at least"});
  refused(2, {"--rate", "-1"}, {"--rate"});
  refused(2, {"--rate", "nan"}, {"--rate", "more than 0"});
  refused(2, {"--crop-width", "0"}, {"--crop-width"});
  refused(2, {"--load-height", "-1"}, {"--load-height"});
  refused(2, {"--brightness", "2"}, {"--brightness"});
  refused(2, {"--saturation", "nan"}, {"jitter"});
  refused(2, {"--preset", "demo_enhanced", "--epochs", "1", "--decay-epochs", "0", "--frozen-epochs", "2"},
          {"frozen for 2 epochs"});
  refused(2, {"--features", "2", "--features-on", "labels", "--instance-rule", "red"},
          {"--instance-rule", "classes have no ids"});
  refused(1, {"--resume"}, {"holds no checkpoint"});
  refused(1, {"--classes", "3"}, {"scene_00000", "label"});
  refused_by_networks({"--memory-budget", "1MB"}, {"smaller pictures", "larger budget"});
  refused(1, {"--fine-tune", the.folder / "nothing"}, {"nothing"});
  refused(1, {"--vgg", the.folder / "nothing"}, {"nothing"});
  Device device = cpu({.threads = 1});
  EnhancedDemoGenerator enhanced(9);
  initialize(device, enhanced, 1);
  save(device, enhanced, the.folder / "enhanced.safetensors");
  refused_by_networks({"--preset", "demo_enhanced", "--inner", the.folder / "enhanced.safetensors"},
                      {"enhanced.safetensors", "has the enhancer model1_1 already", "--fine-tune"});
  fs::create_directory(the.output("kept"));
  fs::copy_file(the.folder / "enhanced.safetensors", the.output("kept") / "generator.safetensors");
  check_refused(run("train", the.words("kept")), 1, {"generator.safetensors\" is there already", "another folder"});
  fs::remove_all(the.data / "train_img");
  refused(1, {}, {"train_img"});
}
