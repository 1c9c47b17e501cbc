/// The tool synthesize over folders of maps.

#include "tool_testing.hpp"

#include <pix2pixhd/store/npy.hpp>

#include <regex>

using namespace tool_testing;

TEST_CASE("folders: files of one name belong together, the weights are loaded once") {
  Workplace w;
  const fs::path labels = w.folder / "labels", instances = w.folder / "instances", output = w.folder / "new" / "output";
  fs::create_directory(labels);
  fs::create_directory(instances);
  const std::vector<std::string> names = {"a", "b", "frankfurt_000000_000576"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Maps maps(24, 32 + 8 * i, 5, i);
    const bool cityscapes = names[i].starts_with("frankfurt");
    write_labels(labels / (names[i] + (cityscapes ? "_gtFine_labelIds.png" : ".png")), maps.labels);
    write_instances(instances / (names[i] + (cityscapes ? "_gtFine_instanceIds.png" : ".png")), maps.instances);
  }
  spill(labels / ".hidden.png", "no picture");
  spill(labels / "readme.txt", "no picture");
  const std::vector<Word> words = {"--preset", "demo",        "--weights", w.weights,       "--labels",
                                   labels,     "--instances", instances,   "--classes",     "5",
                                   "--output", output,        "--raw",     w.folder / "raw"};
  const Ended ended = run("synthesize", words);
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(std::regex_match(ended.out, std::regex("(forward [0-9]+\\.[0-9]{3} s\n){3}")));
  CHECK(read_raster(output / "a.png").width == 32);
  CHECK(read_raster(output / "b.png").width == 40);
  CHECK(read_raster(output / "frankfurt_000000_000576_gtFine_labelIds.png").width == 48);
  const auto raw = read_npy<float, 4>(w.folder / "raw" / "b.npy");
  Device device = cpu();
  DemoGenerator network;
  load(device, network, w.weights);
  const Maps maps(24, 40, 5, 1);
  CHECK(raw == download(device, infer(device, network, semantic_map(device, maps.labels, maps.instances, 5))));

  fs::remove(instances / "b.png");
  check_refused(run("synthesize", words), 1, {"b.png", "instances"});
  spill(w.folder / "file", "");
  check_refused(run("synthesize", {"--preset", "demo", "--weights", w.weights, "--labels", labels, "--classes", "6",
                                   "--output", w.folder / "file"}),
                1, {"file", "folder"});
  check_refused(run("synthesize", {"--preset", "demo", "--weights", w.weights, "--labels", labels, "--instances",
                                   w.instances, "--classes", "5", "--output", output}),
                1, {"instance.png", "is a file"});
  fs::create_directory(w.folder / "empty");
  check_refused(run("synthesize", {"--preset", "demo", "--weights", w.weights, "--labels", w.folder / "empty",
                                   "--classes", "6", "--output", output}),
                1, {"empty"});
}

TEST_CASE("folders: bad pictures are named and passed over, and the run ends with 1") {
  Workplace w;
  const fs::path labels = w.folder / "labels", instances = w.folder / "instances", output = w.folder / "output";
  for (const fs::path& folder : {labels, instances, output}) fs::create_directory(folder);
  for (const char* name : {"a.png", "b.png", "c.png", "d.png", "e.png"}) {
    write_labels(labels / name, w.maps.labels);
    write_instances(instances / name, w.maps.instances);
  }
  const std::vector<Word> words = {"--preset", "demo",        "--weights", w.weights,       "--labels",
                                   labels,     "--instances", instances,   "--classes",     "5",
                                   "--output", output,        "--raw",     w.folder / "raw"};
  const std::string good = slurp(labels / "a.png");
  spill(labels / "a.png", good.substr(0, good.size() / 2));
  Maps wrong = w.maps;
  wrong.labels(7, 3) = 200;
  write_labels(labels / "c.png", wrong.labels);
  write_instances(instances / "d.png", Maps(40, 57, 5).instances);
  spill(output / "c.png", "precious");
  Ended ended = run("synthesize", words);
  CAPTURE(ended.err);
  CHECK(ended.status == 1);
  CHECK(std::regex_match(ended.out, std::regex("(forward [0-9]+\\.[0-9]{3} s\n){2}")));
  for (const char* part : {"a.png", "c.png", "(x 3, y 7)", "d.png", "57x40", "3 of 5 pictures"})
    CHECK_MESSAGE(contains(ended.err, part), part);
  CHECK(read_raster(output / "b.png").width == 56);
  CHECK(read_raster(output / "e.png").width == 56);
  CHECK(slurp(output / "c.png") == "precious");
  CHECK_FALSE(fs::exists(output / "a.png"));
  CHECK_FALSE(fs::exists(output / "d.png"));
  for (const char* name : {"a.npy", "c.npy", "d.npy"}) CHECK_FALSE(fs::exists(w.folder / "raw" / name));

  spill(labels / "a.png", good);
  write_labels(labels / "c.png", w.maps.labels);
  write_instances(instances / "d.png", w.maps.instances);
  ended = run("synthesize", words);
  CHECK_MESSAGE(ended.status == 0, ended.err);
  CHECK(slurp(output / "c.png") == slurp(output / "b.png"));
}

TEST_CASE("folders: beside a GPU threads read and write, and name what is bad all the same") {
  Workplace w;
  const fs::path labels = w.folder / "labels", output = w.folder / "output", expected = w.folder / "expected";
  for (const fs::path& folder : {labels, output, expected}) fs::create_directory(folder);
  Workplace::write_weights(w.weights, 5);
  constexpr std::size_t count = 23;
  const auto name = [](std::size_t i) { return std::to_string(10 + i) + ".png"; };
  for (std::size_t i = 0; i < count; ++i) write_labels(labels / name(i), Maps(16, 16 + 8 * (i % 3), 5, 7 + i).labels);
  const auto words = [&](const fs::path& to) {
    return std::vector<Word>{"--preset", "demo",      "--weights", w.weights,  "--labels",
                             labels,     "--classes", "5",         "--output", to};
  };
  // One after the other, each by itself, from the same device.
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Word> one = words(expected / name(i));
    one[5] = labels / name(i);
    const Ended ended = run_with_gpu("synthesize", one);
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
  }
  Ended ended = run_with_gpu("synthesize", words(output));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(std::regex_match(ended.out, std::regex("(forward [0-9]+\\.[0-9]{3} s\n){23}")));
  for (std::size_t i = 0; i < count; ++i) CHECK(slurp(output / name(i)) == slurp(expected / name(i)));

  fs::remove_all(output);
  spill(labels / name(2), "no picture");
  fs::create_directories(output / name(5) / "in the way");
  ended = run_with_gpu("synthesize", words(output));
  CAPTURE(ended.err);
  CHECK(ended.status == 1);
  for (const std::string& part : {name(2), name(5), std::string("2 of 23 pictures")})
    CHECK_MESSAGE(contains(ended.err, part), part);
  CHECK_FALSE(fs::exists(output / name(2)));
  for (std::size_t i = 0; i < count; ++i)
    if (i != 2 && i != 5) CHECK(slurp(output / name(i)) == slurp(expected / name(i)));
}

TEST_CASE("folders of folders: a data set by cities") {
  Workplace w;
  const fs::path labels = w.folder / "labels", instances = w.folder / "instances", output = w.folder / "output";
  for (const char* city : {"aachen", "ulm"}) {
    fs::create_directories(labels / city);
    fs::create_directories(instances / city);
    write_labels(labels / city / "one_labelIds.png", w.maps.labels);
    write_instances(instances / city / "one_instanceIds.png", w.maps.instances);
  }
  const std::vector<Word> words = {"--preset",    "demo",    "--weights", w.weights, "--labels", labels,
                                   "--instances", instances, "--classes", "5",       "--output", output};
  const Ended ended = run("synthesize", words);
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  for (const char* city : {"aachen", "ulm"}) CHECK(fs::exists(output / city / "one_labelIds.png"));
  write_labels(labels / "above.png", w.maps.labels);  // a folder with pictures is taken alone
  write_instances(instances / "above.png", w.maps.instances);
  fs::remove_all(output);
  const Ended above = run("synthesize", words);
  REQUIRE_MESSAGE(above.status == 0, above.err);
  CHECK(above.err.find("has pictures itself, so that 2 in folders below it are left out") != std::string::npos);
  CHECK(fs::exists(output / "above.png"));
  CHECK_FALSE(fs::exists(output / "ulm"));
}
