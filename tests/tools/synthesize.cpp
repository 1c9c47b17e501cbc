/// The tool synthesize, as a user runs it.

#include "tool_testing.hpp"

#include <pix2pixhd/images/palette.hpp>
#include <pix2pixhd/store/npy.hpp>

#include <regex>

using namespace tool_testing;

TEST_CASE("a picture, its raw form, and one line on stdout") {
  Workplace w;
  const Ended ended = run("synthesize", w.words({"--raw", w.raw}));
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  CHECK(std::regex_match(ended.out, std::regex("forward [0-9]+\\.[0-9]{3} s\n")));
  CHECK(contains(ended.err, "cpu"));

  Device device = cpu();
  DemoGenerator network;
  load(device, network, w.weights);
  const SemanticMap map = semantic_map(device, w.maps.labels, w.maps.instances, 5);
  const xt::xtensor<float, 4> expected = download(device, infer(device, network, map));
  const auto raw = read_npy<float, 4>(w.raw);
  CHECK(raw.shape() == expected.shape());
  CHECK(raw == expected);
  write_image(w.folder / "expected.png", expected);
  CHECK(slurp(w.output) == slurp(w.folder / "expected.png"));
}

TEST_CASE("the number of threads changes no bit") {
  Workplace w;
  REQUIRE(run("synthesize", w.words({"--raw", w.raw, "--threads", "1"})).status == 0);
  const std::string one = slurp(w.raw);
  REQUIRE(run("synthesize", w.words({"--raw", w.raw, "--threads", "3"})).status == 0);
  CHECK(slurp(w.raw) == one);
}

TEST_CASE("without instances") {
  Workplace w;
  w.write_weights(w.weights, 5);
  const Ended ended = run("synthesize", {"--preset", "demo", "--weights", w.weights, "--labels", w.labels, "--classes",
                                         "5", "--output", w.output});
  CHECK_MESSAGE(ended.status == 0, ended.err);
  CHECK(read_raster(w.output).width == 56);
}

TEST_CASE("plain images, in RGB or grey as the weights want them") {
  Workplace w;
  ImageArray image = ImageArray::from_shape({1, 3, 17, 33});
  for (std::size_t i = 0; i < image.size(); ++i) image.data()[i] = static_cast<float>(i % 200) / 100 - 1;
  write_image(w.folder / "image.png", image);
  for (const int channels : {3, 1}) {
    CAPTURE(channels);
    w.write_weights(w.weights, channels);
    const Ended ended = run("synthesize", {"--preset", "demo", "--weights", w.weights, "--input",
                                           w.folder / "image.png", "--output", w.output, "--raw", w.raw});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    Device device = cpu();
    DemoGenerator network;
    load(device, network, w.weights);
    const ImageArray input = read_image(w.folder / "image.png", {.channels = channels});
    CHECK(read_npy<float, 4>(w.raw) == download(device, infer(device, network, upload(device, input))));
  }
  w.write_weights(w.weights, 6);
  check_refused(run("synthesize", {"--preset", "demo", "--weights", w.weights, "--input", w.folder / "image.png",
                                   "--output", w.folder / "new.png"}),
                1, {"demo.safetensors", "6 channels", "--labels"});
}

TEST_CASE("wrong usage ends with 2 and writes nothing") {
  Workplace w;
  const std::vector<std::vector<Word>> wrong = {
      {"--colour", "red"}, {"--input", w.labels},     {"--device", "tpu"}, {"--precision", "f8"},
      {"--threads", "-1"}, {"--ignore-label", "256"}, {"surplus"}};
  for (const std::vector<Word>& more : wrong) {
    CAPTURE(more.front().text);
    check_refused(run("synthesize", w.words(more)), 2, {});
  }
  check_refused(run("synthesize", {}), 2, {"--preset"});
  check_refused(
      run("synthesize", {"--preset", "4096p", "--weights", w.weights, "--labels", w.labels, "--output", w.output}), 2,
      {"4096p"});
  check_refused(run("synthesize", {"--preset", "demo", "--weights", w.weights, "--output", w.output}), 2,
                {"--labels", "--input"});
  check_refused(run("synthesize", {"--preset", "demo", "--weights", w.weights, "--input", w.labels, "--instances",
                                   w.instances, "--output", w.output}),
                2, {"--instances"});
  check_refused(run("synthesize", {"--preset", "demo", "--weights", w.weights, "--labels", w.labels, "--classes", "0",
                                   "--output", w.output}),
                2, {"--classes"});
  CHECK(w.folder.count() == 3);
}

TEST_CASE("files that are missing, damaged or of another kind are named") {
  Workplace w;
  for (const fs::path* file : {&w.labels, &w.instances, &w.weights}) {
    CAPTURE(*file);
    const std::string bytes = slurp(*file);
    fs::remove(*file);
    check_refused(run("synthesize", w.words()), 1, {file->filename().string()});
    spill(*file, bytes.substr(0, bytes.size() / 2));
    check_refused(run("synthesize", w.words()), 1, {file->filename().string()});
    spill(*file, "");
    check_refused(run("synthesize", w.words()), 1, {file->filename().string()});
    spill(*file, bytes);
  }
  write_image(w.folder / "label.jpg", colorize(w.maps.labels, distinct_palette(5)));
  fs::rename(w.folder / "label.jpg", w.labels);
  check_refused(run("synthesize", w.words()), 1, {"label.png", "JPEG"});
  CHECK(w.folder.count() == 3);
}

TEST_CASE("weights of another network are refused with its keys") {
  Workplace w;
  Device device = cpu();
  Generator<0, GeneratorShape{.in = 6, .width = 8, .downsamples = 1, .blocks = 1}> other;
  initialize(device, other, 1);
  save(device, other, w.weights);
  check_refused(run("synthesize", w.words()), 1, {"demo.safetensors", "model."});
}

TEST_CASE("a label out of range: file, pixel and value; unless it is the ignored one") {
  Workplace w;
  w.maps.labels(7, 3) = 200;
  write_labels(w.labels, w.maps.labels);
  check_refused(run("synthesize", w.words()), 1,
                {"label.png", "(x 3, y 7)", "200", "0 to 4", "--classes", "--ignore-label"});
  CHECK_FALSE(fs::exists(w.output));
  const Ended ended = run("synthesize", w.words({"--ignore-label", "200", "--raw", w.raw}));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  Device device = cpu();
  DemoGenerator network;
  load(device, network, w.weights);
  const SemanticMap map = semantic_map(device, w.maps.labels, w.maps.instances, 5, 200);
  CHECK(read_npy<float, 4>(w.raw) == download(device, infer(device, network, map)));
}

TEST_CASE("maps of different sizes: both files and both sizes") {
  Workplace w;
  write_instances(w.instances, Maps(40, 57, 5).instances);
  check_refused(run("synthesize", w.words()), 1, {"label.png", "56x40", "instance.png", "57x40"});
  CHECK_FALSE(fs::exists(w.output));
}

TEST_CASE("any size from 16x16 on") {
  Workplace w;
  for (const auto& [height, width] : {std::pair(16, 16), std::pair(17, 31), std::pair(16, 100)}) {
    const Maps maps(static_cast<std::size_t>(height), static_cast<std::size_t>(width), 5);
    write_labels(w.labels, maps.labels);
    write_instances(w.instances, maps.instances);
    REQUIRE(run("synthesize", w.words()).status == 0);
    CHECK(read_raster(w.output).width == width);
    CHECK(read_raster(w.output).height == height);
  }
  const Maps maps(15, 16, 5);
  write_labels(w.labels, maps.labels);
  write_instances(w.instances, maps.instances);
  check_refused(run("synthesize", w.words()), 1, {"label.png", "16 x 15", "at least 16"});
}

TEST_CASE("weights for another number of channels: which options would fit") {
  Workplace w;
  const std::vector<Word> labels_only = {"--preset", "demo",      "--weights", w.weights,  "--labels",
                                         w.labels,   "--classes", "5",         "--output", w.output};
  check_refused(run("synthesize", labels_only), 1,
                {"demo.safetensors", "takes 6 channels", "give --instances", "--classes 6"});
  w.write_weights(w.weights, 5);
  check_refused(run("synthesize", w.words()), 1, {"takes 5 channels", "leave --instances away", "--classes 4"});
  w.write_weights(w.weights, 36);
  check_refused(run("synthesize", w.words()), 1, {"takes 36 channels", "--classes 35"});
  w.write_weights(w.weights, 9);
  check_refused(run("synthesize", w.words()), 1, {"takes 9 channels", "--classes 8", "encoder"});
  CHECK_FALSE(fs::exists(w.output));
}

TEST_CASE("an output that cannot be written leaves nothing, and what was there stays") {
  Workplace w;
  check_refused(run("synthesize", w.words({"--raw", w.folder / "raw.txt"})), 1, {"raw.txt", ".npy"});
  w.output = w.folder / "absent" / "picture.png";
  check_refused(run("synthesize", w.words()), 1, {"absent"});
  w.output = w.folder / "picture.bmp";
  check_refused(run("synthesize", w.words()), 1, {"picture.bmp", ".png"});
  w.output = w.folder.path();
  check_refused(run("synthesize", w.words()), 1, {w.folder.path().string(), "folder"});
  w.output = "/dev/full/picture.png";
  check_refused(run("synthesize", w.words()), 1, {"/dev/full"});
  CHECK(w.folder.count() == 3);

  w.output = w.folder / "picture.png";
  spill(w.output, "precious");
  w.maps.labels(0, 0) = 99;
  write_labels(w.labels, w.maps.labels);
  check_refused(run("synthesize", w.words()), 1, {"label.png"});
  CHECK(slurp(w.output) == "precious");
  CHECK(w.folder.count() == 4);
}

TEST_CASE("in bf16 the picture is nearly that of f32") {
  Workplace w;
  REQUIRE(run("synthesize", w.words({"--raw", w.raw})).status == 0);
  const auto expected = read_npy<float, 4>(w.raw);
  REQUIRE(run("synthesize", w.words({"--raw", w.raw, "--precision", "bf16"})).status == 0);
  const auto raw = read_npy<float, 4>(w.raw);
  REQUIRE(raw.shape() == expected.shape());
  double square = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const double difference = static_cast<double>(raw.data()[i]) - static_cast<double>(expected.data()[i]);
    square += difference * difference / static_cast<double>(raw.size());
  }
  CHECK(square > 0);
  CHECK(square < 6.3e-4);  // 38 dB, peak 2
}

TEST_CASE("devices and precisions that are not there are named") {
  Workplace w;
  check_refused(run("synthesize", w.words({"--precision", "tf32"})), 1, {"tf32"});
  if (!cuda_availability().empty()) {
    std::vector<Word> words = w.words();
    words.back() = "cuda";
    check_refused(run("synthesize", words), 1, {cuda_availability()});
  }
}

TEST_CASE("a budget that does not suffice is refused with the figures") {
  Workplace w;
  check_refused(run("synthesize", w.words({"--budget", "1KB"})), 1, {"1000", "budget"});
  CHECK(run("synthesize", w.words({"--budget", "1GB"})).status == 0);
}
