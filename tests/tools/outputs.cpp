/// Results that a tool could not write, or that would replace what it reads: said before any work.

#include "train_case.hpp"

#include <pix2pixhd/training/checkpoint_folder.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

using namespace tool_testing;

TEST_CASE("synthesize never replaces what it reads, nor one result by another") {
  Workplace w;
  const std::string map = slurp(w.labels);
  check_refused(run("synthesize", with(w.words(), {"--output", w.labels})), 1, {"label.png\" is read"});
  check_refused(run("synthesize", with(w.words(), {"--output", w.folder / "." / "instance.png"})), 1,
                {"instance.png\" is read"});
  fs::create_symlink(w.labels, w.folder / "link.png");
  check_refused(run("synthesize", with(w.words(), {"--output", w.folder / "link.png"})), 1, {"link.png\" is read"});
  fs::remove(w.folder / "link.png");
  check_refused(run("synthesize", w.words({"--gallery", w.output})), 1, {"must end in .html"});
  CHECK(slurp(w.labels) == map);
  CHECK(w.folder.count() == 3);

  const fs::path labels = w.folder / "labels", instances = w.folder / "instances";
  for (const fs::path& folder : {labels, instances}) fs::create_directory(folder);
  write_labels(labels / "a.png", w.maps.labels);
  write_instances(instances / "a.png", w.maps.instances);
  const auto words = with(w.words(), {"--labels", labels, "--instances", instances});
  for (const fs::path& folder : {labels, instances})
    check_refused(run("synthesize", with(words, {"--output", folder})), 1, {"a.png\" is read"});
  check_refused(run("synthesize", with(words, {"--output", "/proc/pictures"})), 1,
                {"the folder \"/proc/pictures\" cannot be made: "});
  check_refused(run("synthesize", with(words, {"--output", w.folder / "labels" / "a.png" / "b"})), 1,
                {"a.png/b\" cannot be made: "});
  CHECK(slurp(labels / "a.png") == map);
}

TEST_CASE("a page that cannot be written is refused before the pictures are made") {
  Workplace w;
  check_refused(run("synthesize", w.words({"--gallery", w.folder / "absent" / "page.html"})), 1, {"absent"});
  check_refused(run("synthesize", w.words({"--gallery", "/proc/page.html"})), 1, {"/proc/page.html"});
  CHECK_FALSE(fs::exists(w.output));
}

TEST_CASE("evaluate: figures go to files of their kind, never over a picture") {
  Workplace w;
  write_image(w.folder / "real.png", ImageArray(std::array<std::size_t, 4>{1, 3, 32, 32}, 0.0f));
  const std::vector<Word> words = {"--synthesised", w.folder / "real.png", "--real", w.folder / "real.png"};
  for (const auto& [option, ending] :
       {std::pair("--csv", ".csv"), std::pair("--json", ".json"), std::pair("--gallery", ".html")}) {
    const std::string what = option;  // clang 14 does not let a lambda, as in CAPTURE, see a binding
    CAPTURE(what);
    check_refused(run("evaluate", with(words, {option, w.folder / "real.png"})), 1, {"real.png", ending});
    check_refused(run("evaluate", with(words, {option, (fs::path("/proc/figures") += ending)})), 1, {"/proc/figures"});
  }
  CHECK(read_raster(w.folder / "real.png").width == 32);
}

TEST_CASE("a standard output that cannot be written, and amounts below zero, are errors") {
  Workplace w;
  CHECK(run("summary", {"--preset", "demo", "--budget", "-5"}).status == 2);
  CHECK(contains(run("summary", {"--preset", "demo", "--budget", "-2GB"}).err, "-2GB is less than zero"));
  const std::string command =
      std::string(PIX2PIXHD_TOOLS) + "/synthesize --preset demo --weights " + shell_word(w.weights.string()) +
      " --labels " + shell_word(w.labels.string()) + " --instances " + shell_word(w.instances.string()) +
      " --classes 5 --device cpu --output " + shell_word(w.output.string()) + " > /dev/full 2> /dev/null";
  const int status = std::system(command.c_str());
  CHECK(WEXITSTATUS(status) == 1);
}

TEST_CASE("checkpoints are taken as weights: averages of the generator, and the encoder") {
  const TrainingCase the;
  const std::vector<Word> short_run = {"--epochs", "1", "--decay-epochs", "0", "--average", "0.5", "--features", "2"};
  const Ended trained = run("train", the.words("run/", short_run));
  REQUIRE_MESSAGE(trained.status == 0, trained.err);
  CHECK(contains(slurp(the.output("run") / "report.html"), "Training of run<"));
  const fs::path checkpoint = CheckpointFolder(the.output("run")).latest().value();
  const fs::path from_checkpoint = the.folder / "a.safetensors", from_encoder = the.folder / "b.safetensors";
  for (const auto& [encoder, clusters] :
       {std::pair(checkpoint, from_checkpoint), std::pair(the.output("run") / "encoder.safetensors", from_encoder)}) {
    const Ended found = run("encode_features", {"--encoder", encoder, "--data", the.data, "--classes", "8",
                                                "--min-area", "0", "--output", clusters, "--device", "cpu"});
    REQUIRE_MESSAGE(found.status == 0, found.err);
  }
  const auto picture = [&](const fs::path& weights, const fs::path& clusters, const char* name) {
    const std::string scene = fs::directory_iterator(the.data / "test_label")->path().filename().string();
    const Ended ended =
        run("synthesize", {"--preset", "demo", "--weights", weights, "--clusters", clusters, "--labels",
                           the.data / "test_label" / scene, "--instances", the.data / "test_inst" / scene, "--classes",
                           "8", "--device", "cpu", "--output", the.folder / name});
    CHECK_MESSAGE(ended.status == 0, ended.err);
    return slurp(the.folder / name);
  };
  CHECK(picture(checkpoint, from_checkpoint, "a.png") ==
        picture(the.output("run") / "generator.safetensors", from_encoder, "b.png"));
  check_refused(run("encode_features", {"--encoder", the.output("run") / "encoder.safetensors", "--data", the.data,
                                        "--classes", "8", "--output", the.output("run") / "encoder.safetensors"}),
                1, {"encoder.safetensors\" is read"});

  // Who reads the file by hand is told where the network stands, and nothing of Adam's counts.
  Device device = cpu();
  DemoGenerator network;
  try {
    load(device, network, checkpoint);
    FAIL("a checkpoint has no keys without a prefix");
  } catch (const Error& error) {
    CHECK(contains(error.what(), "\"value/G/\""));
    CHECK_FALSE(contains(error.what(), "step/"));
  }
}

TEST_CASE("memory is planned for the largest picture of a set, whichever it is") {
  const TrainingCase the;
  write_street_folders(the.data,
                       {.phase = "train", .count = 1, .first_seed = 50, .size = {.width = 256, .height = 128}});
  const std::vector<Word> more = {"--epochs", "1", "--decay-epochs", "0", "--resize", "none"};
  const Ended ended = run("train", the.words("run", more));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(contains(ended.err, "pictures of 256 x 128"));
  check_refused(run("train", with(the.words("other", more), {"--budget", "20MB"})), 1, {"256"});
}

TEST_CASE("an evaluation that fails does not cost the epoch before it") {
  const TrainingCase the;
  for (const char* part : {"test_label", "test_inst", "test_img"}) fs::remove_all(the.data / part);
  write_street_folders(the.data,
                       {.phase = "test", .count = 1, .first_seed = 90, .size = {.width = 512, .height = 256}});
  const std::vector<Word> more = {"--epochs", "1", "--decay-epochs", "0", "--resize", "none", "--budget", "34MB"};
  const Ended ended = run("train", the.words("run", more));
  CAPTURE(ended.err);
  REQUIRE(ended.status == 1);
  CHECK(contains(ended.err, "more than the budget"));
  CHECK(contains(CheckpointFolder(the.output("run")).latest().value().string(), "000000006"));
}
