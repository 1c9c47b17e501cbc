/// The data of the tool train: what is looked at before it starts, and what ends it later.

#include "train_case.hpp"

#include <pix2pixhd/images/files.hpp>
#include <pix2pixhd/training/checkpoint_folder.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace tool_testing;

namespace {

const std::vector<Word> short_run = {"--epochs", "1", "--decay-epochs", "0"};

std::int64_t lines_of(const fs::path& table) {
  const std::string text = slurp(table);
  return std::count(text.begin(), text.end(), '\n') - 1;
}

}  // namespace

TEST_CASE("fewer held-out pictures may be looked at than the report would show") {
  const TrainingCase the;
  const Ended ended = run("train", with(the.words("run", short_run), {"--evaluate-pictures", "1"}));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(contains(slurp(the.output("run") / "evaluations.csv"), "\n6,1,"));
  const std::string page = slurp(the.output("run") / "report.html");
  CHECK(contains(page, "scene_000000"));
  CHECK_FALSE(contains(page, "scene_000001"));
}

TEST_CASE("held-out pictures of different sizes are compared at the levels that the smallest one has") {
  const TrainingCase the;
  write_street_folders(the.data,
                       {.phase = "test", .count = 1, .first_seed = 90, .size = {.width = 256, .height = 128}});
  const Ended ended = run("train", the.words("run", short_run));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  const std::string table = slurp(the.output("run") / "evaluations.csv");
  CHECK(contains(table, "\n6,2,"));
  CHECK(contains(table, "wasserstein_level1"));
  CHECK_FALSE(contains(table, "wasserstein_level2"));
}

TEST_CASE("each held-out picture that is looked at can be compared, or training does not start") {
  const TrainingCase the;
  const std::size_t height = 8, width = 40;
  LabelArray labels = LabelArray::from_shape({height, width});
  InstanceArray instances = InstanceArray::from_shape({height, width});
  ImageArray image = ImageArray::from_shape({1, 3, height, width});
  labels.fill(0);
  instances.fill(0);
  image.fill(0.5F);
  write_labels(the.data / "test_label" / "scene_000001.png", labels);
  write_instances(the.data / "test_inst" / "scene_000001.png", instances);
  write_image(the.data / "test_img" / "scene_000001.png", image);
  check_refused(run("train", the.words("run", short_run)), 1,
                {"scene_000001, which is held out, cannot be compared", "40x8"});
  CHECK_FALSE(CheckpointFolder(the.output("run")).latest());
  const Ended ended = run("train", with(the.words("run", short_run), {"--evaluate-pictures", "1"}));
  CHECK_MESSAGE(ended.status == 0, ended.err);
}

TEST_CASE("instance maps that contradict the label maps are named before training starts") {
  for (const char* phase : {"train", "test"}) {
    CAPTURE(phase);
    const TrainingCase the;
    const fs::path map = the.data / (std::string(phase) + "_inst") / "scene_000001.png";
    InstanceArray instances = read_instances(map);
    instances(0, 0) = 5001;  // a car, where the label map has none
    write_instances(map, instances);
    const std::vector<Word> words = with(the.words("run", short_run), {"--features", "2"});
    check_refused(run("train", with(words, {"--instance-rule", "thousands"})), 1,
                  {"_inst/scene_000001.png", "instance 5001", "id rule thousands"});
    CHECK_FALSE(CheckpointFolder(the.output("run")).latest());
    if (std::string(phase) == "train") continue;
    const Ended ended = run("train", words);  // under the rule labels they contradict nothing
    CHECK_MESSAGE(ended.status == 0, ended.err);
  }
}

TEST_CASE("a picture that cannot be read costs no step, and a page that cannot be written hides nothing") {
  std::string errors;
  // Where steps take seconds, the ten after which a page is due may be over before the pictures that were read ahead
  // are used up. Then the page is what ends the run, and it is tried again.
  for (int attempt = 0; attempt < 5 && !contains(errors, "train_img"); ++attempt) {
    const TrainingCase the;
    const fs::path folder = the.output("run"), page = folder / "report.html";
    RunningTool tool("train", the.words("run", {"--epochs", "100000", "--decay-epochs", "0", "--evaluate-every", "0"}),
                     the.folder / "errors");
    tool.wait_until(
        [&] { return fs::exists(page) && fs::exists(folder / "steps.csv") && lines_of(folder / "steps.csv") > 1; });
    fs::remove_all(the.data / "train_img");
    fs::remove(page);
    fs::create_directory(page);
    spill(page / "file", "in the way");
    CHECK(tool.wait() == 1);
    errors = slurp(the.folder / "errors");
    const CheckpointFolder checkpoints(folder);
    CHECK(checkpoints.steps().back() == lines_of(folder / "steps.csv"));
  }
  CHECK_MESSAGE(contains(errors, "train_img"), errors);
}

TEST_CASE("a report that cannot be written does not cost the epoch before it") {
  const TrainingCase the;
  const fs::path folder = the.output("run"), in_the_way = folder / "report_pictures" / "scene_1_step_6.png";
  fs::create_directories(in_the_way / "folder");
  check_refused(run("train", the.words("run", short_run)), 1, {"scene_1_step_6.png"});
  CHECK(CheckpointFolder(folder).steps().back() == 6);
  fs::remove_all(in_the_way);
  const Ended resumed = run("train", with(the.words("run", short_run), {"--resume"}));
  CHECK_MESSAGE(resumed.status == 0, resumed.err);
  CHECK(fs::exists(folder / "best_generator.safetensors"));
}

TEST_CASE("a sample too small for the networks is named before training starts") {
  const TrainingCase the;
  write_labels(the.data / "train_label" / "low.png", LabelArray({12, 64}, std::uint8_t{1}));
  write_instances(the.data / "train_inst" / "low.png", InstanceArray({12, 64}, 1));
  write_image(the.data / "train_img" / "low.png", ImageArray({1, 3, 12, 64}, 0.0f));
  const Ended ended = run("train", the.words("run", {"--epochs", "1", "--decay-epochs", "0"}, "demo_enhanced"));
  check_refused(ended, 1, {"Sample low", "32x4", "sides of 8 at least"});
  CHECK_FALSE(CheckpointFolder(the.output("run")).latest());
}

TEST_CASE("samples that form no batch, or cannot be prepared, are named before training starts") {
  const TrainingCase the;
  write_street_folders(the.data,
                       {.phase = "train", .count = 1, .first_seed = 90, .size = {.width = 128, .height = 64}});
  const auto refused = [&](const std::vector<Word>& more, const std::vector<std::string>& parts) {
    check_refused(run("train", with(the.words("run", short_run), more)), 1, parts);
    CHECK_FALSE(CheckpointFolder(the.output("run")).latest());
  };
  for (const char* features : {"0", "2"})
    refused({"--batch", "2", "--features", features},
            {"scene_000000 and scene_000001 cannot form a batch", "128x64 and 64x32", "--batch 1"});
  refused({"--resize", "crop", "--crop-width", "100", "--crop-height", "50"}, {"scene_000001", "does not fit"});
  const Ended ended = run("train", with(the.words("run", short_run), {"--batch", "2", "--resize", "crop",
                                                                      "--crop-width", "64", "--crop-height", "32"}));
  CHECK_MESSAGE(ended.status == 0, ended.err);
}
