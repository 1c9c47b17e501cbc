/// The smaller tools, and the numbered examples, as a user runs them.

#include "tool_testing.hpp"

#include <pix2pixhd/backend/meta/meta_backend.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace tool_testing;

TEST_CASE("every tool explains itself") {
  for (const char* tool : {"synthesize", "convert", "summary", "random_weights", "street_scene", "evaluate"}) {
    CAPTURE(tool);
    const Ended help = run(tool, {"--help"});
    CHECK(help.status == 0);
    CHECK(contains(help.out, "--help"));
    CHECK(contains(help.out, tool));
    CHECK(help.err.empty());
    const Ended version = run(tool, {"--version"});
    CHECK(version.status == 0);
    CHECK(version.out ==
          detail::sentence(PIX2PIXHD_VERSION_MAJOR, ".", PIX2PIXHD_VERSION_MINOR, ".", PIX2PIXHD_VERSION_PATCH, "\n"));
    check_refused(run(tool, {"--no-such-option"}), 2, {});
  }
}

TEST_CASE("summary: the figures of the paper's generator") {
  const Ended ended = run("summary", {"--preset", "1024p", "--instances", "--device", "cpu"});
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(contains(ended.out, "182.857 M"));
  CHECK(contains(ended.out, "747.9 G"));
  CHECK(contains(ended.out, "model1_2.3"));
  CHECK(contains(ended.out, "1x32x1024x2048"));
}

TEST_CASE("summary compares weights with what is given, and takes plain images") {
  const Workplace w;
  CHECK(run("summary", {"--preset", "demo", "--weights", w.weights, "--classes", "5", "--instances"}).status == 0);
  check_refused(run("summary", {"--preset", "demo", "--weights", w.weights, "--classes", "5"}), 1,
                {"demo.safetensors", "takes 6 channels", "5 were given", "give --instances", "--classes 6"});
  check_refused(run("summary", {"--preset", "512p", "--weights", w.weights}), 1, {"demo.safetensors"});
  const Ended plain = run("summary", {"--preset", "demo", "--channels", "3", "--width", "100", "--height", "60"});
  CHECK(plain.status == 0);
  CHECK(contains(plain.out, "1x3x60x100"));
  check_refused(run("summary", {"--preset", "demo", "--channels", "3", "--classes", "5"}), 2, {});
  check_refused(run("summary", {"--preset", "demo", "--channels", "3", "--weights", w.weights}), 1,
                {"takes 6 channels", "--channels 6"});
}

TEST_CASE("summary: under a budget the plan that keeps to it, or the refusal with its figures") {
  Device device(std::make_shared<MetaBackend>(cpu().shared_backend()));
  DemoGenerator network(5);
  allocate_parameters(device, network);
  const LabelArray labels(LabelArray::shape_type{48, 96}, std::uint8_t{0});
  const SemanticMap map = semantic_map(device, labels, std::nullopt, 5);
  const std::size_t narrow = plan(device, network, map, false).session_peak_bytes;
  const std::size_t wide = plan(device, network, map, true).session_peak_bytes;
  REQUIRE(narrow < wide);
  const auto summary = [](std::size_t budget) {
    return run("summary", {"--preset", "demo", "--classes", "5", "--width", "96", "--height", "48", "--device", "cpu",
                           "--budget", std::to_string(budget)});
  };
  const Ended kept = summary(wide), dropped = summary((narrow + wide) / 2);
  REQUIRE_MESSAGE(kept.status == 0, kept.err);
  REQUIRE_MESSAGE(dropped.status == 0, dropped.err);
  CHECK(contains(kept.out, "made by the first picture and kept"));
  CHECK(contains(dropped.out, "none are kept"));
  CHECK(summary(narrow).status == 0);
  check_refused(summary(narrow - 1), 1,
                {std::to_string(narrow) + " bytes", "more than the budget of " + std::to_string(narrow - 1)});
}

TEST_CASE("summary: a generator that was trained with an encoder takes its features too") {
  const TemporaryFolder folder;
  const fs::path weights = folder / "style.safetensors";
  Workplace::write_weights(weights, 12);
  const auto summary = [&](const std::vector<Word>& more) {
    std::vector<Word> words{"--preset", "demo", "--weights", weights, "--classes", "8", "--device", "cpu"};
    words.insert(words.end(), more.begin(), more.end());
    return run("summary", words);
  };
  const Ended ended = summary({"--instances", "--features", "3", "--width", "64", "--height", "32"});
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(contains(ended.out, "1x12x32x64"));
  CHECK(summary({"--features", "4"}).status == 0);
  check_refused(summary({"--instances"}), 1,
                {"takes 12 channels", "9 were given", "--classes 11", "3 of their channels", "--features"});
  check_refused(summary({}), 1, {"4 of their channels are its features, or 3 beside the boundaries of --instances"});
  check_refused(summary({"--instances", "--features", "2"}), 1,
                {"8 classes, the boundaries of --instances and 2 features", "--classes 9", "--features 3"});
  check_refused(summary({"--features", "3"}), 1, {"no --instances and 3 features", "give --instances", "--features 4"});
  check_refused(run("summary", {"--preset", "demo", "--channels", "3", "--features", "3"}), 2, {"--features"});
}

TEST_CASE("random_weights: the seed decides, and the file says that it is untrained") {
  const TemporaryFolder folder;
  const auto write = [&](const char* name, const char* seed) {
    const Ended ended =
        run("random_weights", {"--preset", "demo", "--channels", "4", "--seed", seed, "--output", folder / name});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    return slurp(folder / name);
  };
  const std::string a = write("a.safetensors", "1");
  CHECK(write("b.safetensors", "1") == a);
  CHECK(write("c.safetensors", "2") != a);
  CHECK(contains(open_tensor_file(folder / "a.safetensors")->metadata().at("pix2pixhd.origin"), "not trained"));
  check_refused(run("random_weights", {"--preset", "demo", "--output", folder / "a.pth"}), 1,
                {"a.pth", ".safetensors"});
}

TEST_CASE("street_scene: maps of 8 classes and of instances, and the picture, by seed") {
  const TemporaryFolder folder;
  const auto draw = [&](const std::string& name, const char* seed) {
    const Ended ended =
        run("street_scene", {"--width", "160", "--height", "80", "--seed", seed, "--labels", folder / (name + ".png"),
                             "--instances", folder / (name + "_ids.png"), "--image", folder / (name + "_image.png")});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    return read_labels(folder / (name + ".png"));
  };
  const StreetScene scene = street_scene(1, {.width = 160, .height = 80});
  const LabelArray a = draw("a", "1");
  CHECK(a == scene.labels);
  CHECK(read_instances(folder / "a_ids.png") == scene.instances);
  CHECK(read_image(folder / "a_image.png") == scene.image);
  CHECK(draw("c", "2") != a);
  check_refused(run("street_scene", {"--labels", folder / "d.png"}), 2, {"--instances", "--dataset"});
  check_refused(run("street_scene", {"--dataset", folder / "e", "--labels", folder / "d.png"}), 2, {"--dataset alone"});
}

TEST_CASE("street_scene: no file is written unless all can be, each under a name of its own") {
  const TemporaryFolder folder;
  const fs::path a = folder / "a.png";
  check_refused(run("street_scene", {"--labels", a, "--instances", a}), 1, {"a.png\" would be written twice"});
  check_refused(
      run("street_scene", {"--labels", a, "--instances", folder / "b.png", "--image", folder / "." / "a.png"}), 1,
      {"a.png\" would be written twice"});
  check_refused(run("street_scene", {"--labels", a, "--instances", folder / "absent" / "b.png"}), 1, {"absent"});
  check_refused(run("street_scene", {"--labels", a, "--instances", folder / "b.png", "--image", folder / "c.bmp"}), 1,
                {"c.bmp"});
  check_refused(run("street_scene", {"--labels", a, "--instances", folder / "b.jpg"}), 1, {"b.jpg\" must end in .png"});
  CHECK(folder.count() == 0);
}

TEST_CASE("street_scene: a data set, whose held-out streets are others") {
  const TemporaryFolder folder;
  const Ended ended = run("street_scene", {"--dataset", folder / "streets", "--train", "3", "--test", "2", "--width",
                                           "64", "--height", "32", "--seed", "5"});
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  const auto scene = [](std::uint64_t seed) { return street_scene(seed, {.width = 64, .height = 32}); };
  CHECK(read_image(folder / "streets" / "train_img" / "scene_000002.png") == scene(7).image);
  CHECK(read_labels(folder / "streets" / "test_label" / "scene_000000.png") == scene(8).labels);
  CHECK(read_instances(folder / "streets" / "test_inst" / "scene_000001.png") == scene(9).instances);
  CHECK_FALSE(fs::exists(folder / "streets" / "test_img" / "scene_000002.png"));

  // Folders may be there already, but not with files, which would mix with the new ones.
  const std::vector<Word> again = {"--dataset", folder / "streets", "--train", "1", "--test", "1"};
  const std::string before = slurp(folder / "streets" / "test_img" / "scene_000000.png");
  for (const char* part : {"train_label", "train_inst", "train_img", "test_label", "test_inst"}) {
    check_refused(run("street_scene", again), 1, {std::string(part) + "\" holds files already"});
    fs::remove_all(folder / "streets" / part);
    fs::create_directory(folder / "streets" / part);
  }
  check_refused(run("street_scene", again), 1, {"test_img\" holds files already"});
  CHECK(slurp(folder / "streets" / "test_img" / "scene_000000.png") == before);
  fs::remove_all(folder / "streets" / "test_img");
  CHECK(run("street_scene", again).status == 0);
  check_refused(run("street_scene", {"--dataset", "/proc/streets"}), 1, {"train_label\" cannot be made: "});
}

TEST_CASE("the numbered examples run") {
  const Ended stack = run("02_enhancer_stack", {});
  CHECK_MESSAGE(stack.status == 0, stack.err);
  CHECK(contains(stack.out, "forward: 1x5x32x64 -> 1x3x32x64"));
  const Ended layer = run("03_own_layer", {});
  CHECK_MESSAGE(layer.status == 0, layer.out << layer.err);
  CHECK(contains(layer.out, "keeps all rules"));
  const Ended backward = run("04_backward", {});
  CHECK_MESSAGE(backward.status == 0, backward.out << backward.err);
  CHECK(contains(backward.out, "The loss fell"));
  const TemporaryFolder empty;
  for (const char* steps : {"ten", "3.5", "0", "-3"})
    check_refused(run("05_training", {steps}, "cd " + shell_word(empty.path().string()) + " && "), 2, {"usage"});
  CHECK(empty.count() == 0);
  for (const char* training : {"06_own_generator", "07_own_loss"}) {
    const Ended ended = run(training, {});
    CHECK_MESSAGE(ended.status == 0, ended.out << ended.err);
  }
  const Workplace w;
#ifdef PIX2PIXHD_TOOLS_ONNX
  const Ended onnx = run("10_onnx", {w.folder / "own.onnx"});
  CHECK_MESSAGE(onnx.status == 0, onnx.err);
  CHECK(contains(onnx.out, "input labels"));
  CHECK(contains(slurp(w.folder / "own.onnx"), "OneHot"));
#endif
  CHECK(run("01_infer", {}).status == 2);
  check_refused(run("01_infer", {w.folder / "absent.pth", w.labels, w.instances, w.output}), 1, {"absent.pth"});
  check_refused(run("01_infer", {w.weights, w.labels, w.instances, w.output}), 1, {"demo.safetensors"});
}
