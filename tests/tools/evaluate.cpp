/// The tool evaluate, as a user runs it.

#include "evaluate_case.hpp"

#include <pix2pixhd/training/checkpoint.hpp>
#include <pix2pixhd/training/evaluation.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <sstream>

using namespace tool_testing;

namespace {

nlohmann::json read_json(const fs::path& path) { return nlohmann::json::parse(slurp(path)); }

ClassArray batch_of_one(const LabelArray& labels) {
  ClassArray batch = ClassArray::from_shape({1, labels.shape()[0], labels.shape()[1]});
  std::copy(labels.begin(), labels.end(), batch.begin());
  return batch;
}

/// The row of a name in the table on stdout, split into words.
std::vector<std::string> row_of(const std::string& out, const std::string& name) {
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + " ")) {
      std::istringstream words(line.substr(name.size()));
      return {std::istream_iterator<std::string>(words), std::istream_iterator<std::string>()};
    }
  return {};
}

}  // namespace

TEST_CASE("two folders: the library's figures, on stdout and as files") {
  const Streets streets;
  const fs::path json = streets.folder / "f.json", csv = streets.folder / "f.csv";
  const Ended ended = run("evaluate", streets.with_labels({"--baseline", "--each", "--json", json, "--csv", csv}));
  REQUIRE_MESSAGE(ended.status == 0, ended.err);

  Evaluation expected({.classes = 8}), painted({.classes = 8});
  ClassColours colours(8);
  for (int i = 0; i < 3; ++i) {
    const StreetScene scene = street_scene(static_cast<std::uint64_t>(i));
    colours.add(batch_of_one(scene.labels), scene.image);
  }
  for (int i = 0; i < 3; ++i) {
    const StreetScene scene = street_scene(static_cast<std::uint64_t>(i));
    const ClassArray labels = batch_of_one(scene.labels);
    expected.add(read_image(streets.synthesised / Streets::name(i)), scene.image, labels);
    painted.add(colours.paint(labels), scene.image, labels);
  }
  const nlohmann::json rows = read_json(json);
  REQUIRE(rows.size() == 5);
  CHECK(rows[0]["name"] == "scene_000000");
  CHECK(rows[0]["pictures"] == 1);
  const auto compare = [](const nlohmann::json& row, const Figures& figures) {
    CHECK(row["pictures"] == 3);
    CHECK(row["psnr"].get<double>() == doctest::Approx(figures.psnr));
    CHECK(row["ssim"].get<double>() == doctest::Approx(figures.ssim));
    CHECK(row["sliced_wasserstein"].size() == figures.sliced_wasserstein.size());
    CHECK(row["sliced_wasserstein"][0].get<double>() == doctest::Approx(figures.sliced_wasserstein[0]));
    CHECK(row["colour_error"].get<double>() == doctest::Approx(*figures.colour_error));
    CHECK(row["class_colour_errors"].size() == 8);
    CHECK(row["class_colour_errors"][0].get<double>() == doctest::Approx(*figures.class_colour_errors[0]));
  };
  CHECK(rows[3]["name"] == "synthesised");
  compare(rows[3], expected.figures());
  CHECK(rows[4]["name"] == "mean colours");
  compare(rows[4], painted.figures());

  const std::vector<std::string> row = row_of(ended.out, "synthesised");
  REQUIRE(row.size() >= 5);
  CHECK(row[0] == "3");
  CHECK(std::stod(row[1]) == doctest::Approx(expected.figures().psnr).epsilon(0.001));
  CHECK(row_of(ended.out, "mean colours").size() == row.size());
  CHECK(contains(ended.out, "colour error of class"));
  const std::string lines = slurp(csv);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 6);
  CHECK(lines.starts_with("name,pictures,psnr,ssim,wasserstein_level0,"));
  CHECK(contains(lines, "\n\"mean colours\",3,"));
}

TEST_CASE("a gallery that cannot be written costs no figures") {
  const Streets streets;
  const fs::path json = streets.folder / "f.json";
  spill(streets.folder / "g_pictures", "in the way");
  const Ended ended = run("evaluate", streets.words({"--json", json, "--gallery", streets.folder / "g.html"}));
  CHECK(ended.status == 1);
  CHECK_MESSAGE(contains(ended.err, "g_pictures"), ended.err);
  CHECK(row_of(ended.out, "synthesised").size() >= 3);
  CHECK(read_json(json).size() == 1);
}

TEST_CASE("pictures without labels, single files, equal pictures") {
  const Streets streets;
  Ended ended = run("evaluate", streets.words());
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(row_of(ended.out, "synthesised").back() == "-");
  CHECK_FALSE(contains(ended.out, "of class"));
  const fs::path picture = streets.real / Streets::name(1), json = streets.folder / "f.json";
  ended = run("evaluate", {"--synthesised", picture, "--real", picture, "--json", json});
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(row_of(ended.out, "synthesised")[1] == "inf");
  CHECK(read_json(json)[0]["psnr"].is_null());
  CHECK(read_json(json)[0]["ssim"].get<double>() == doctest::Approx(1));
}

TEST_CASE("a generator on a data set: its own pictures, and mean colours from the training set") {
  const Streets streets;
  const fs::path weights = streets.folder / "demo.safetensors", json = streets.folder / "f.json";
  for (const int channels : {9, 8}) {
    CAPTURE(channels);
    Workplace::write_weights(weights, channels);
    const Ended ended = run("evaluate", {"--preset", "demo", "--weights", weights, "--data", streets.data, "--classes",
                                         "8", "--baseline", "--device", "cpu", "--json", json});
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    Device device = cpu();
    DemoGenerator network;
    load(device, network, weights);
    Evaluation expected({.classes = 8}), painted({.classes = 8});
    ClassColours colours(8);
    for (int i = 0; i < 4; ++i) {
      const StreetScene scene = street_scene(static_cast<std::uint64_t>(50 + i));
      colours.add(batch_of_one(scene.labels), scene.image);
    }
    for (int i = 0; i < 3; ++i) {
      const StreetScene scene = street_scene(static_cast<std::uint64_t>(i));
      const SemanticMap map = channels == 9 ? semantic_map(device, scene.labels, scene.instances, 8)
                                            : semantic_map(device, scene.labels, std::nullopt, 8);
      expected.add(download(device, infer(device, network, map)), scene.image, batch_of_one(scene.labels));
      painted.add(colours.paint(batch_of_one(scene.labels)), scene.image, batch_of_one(scene.labels));
    }
    const nlohmann::json rows = read_json(json);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0]["psnr"].get<double>() == doctest::Approx(expected.figures().psnr));
    CHECK(rows[0]["sliced_wasserstein"][1].get<double>() == doctest::Approx(expected.figures().sliced_wasserstein[1]));
    CHECK(rows[1]["psnr"].get<double>() == doctest::Approx(painted.figures().psnr));
  }
}

TEST_CASE("a checkpoint, another phase, sides that are no multiple of the network's, and scaling") {
  const Streets streets;
  write_street_folders(streets.data, {.phase = "odd", .count = 2, .size = {.width = 117, .height = 61}});
  const fs::path weights = streets.folder / "demo.safetensors", checkpoint = streets.folder / "run.safetensors",
                 averages = streets.folder / "averages.safetensors";
  Workplace::write_weights(weights, 9);
  Device device = cpu();
  DemoGenerator network;
  load(device, network, weights);
  detail::CheckpointWriter writer(device), averaged(device);
  DemoGenerator untrained(9);
  initialize(device, untrained, 7);
  for (const NamedArray& array : named_arrays(std::as_const(network))) {
    writer.add("value/G/" + array.name, *array.value, array.info.rank);
    averaged.add("average/G/" + array.name, *array.value, array.info.rank);
  }
  for (const NamedArray& array : named_arrays(std::as_const(untrained)))
    averaged.add("value/G/" + array.name, *array.value, array.info.rank);
  writer.write(checkpoint);
  averaged.write(averages);
  const auto evaluate = [&](const fs::path& file, const std::string& width) {
    const Ended ended =
        run("evaluate", {"--preset", "demo", "--weights", file, "--data", streets.data, "--phase", "odd", "--classes",
                         "8", "--device", "cpu", "--width", width, "--json", streets.folder / "f.json"});
    CHECK_MESSAGE(ended.status == 0, ended.err);
    return slurp(streets.folder / "f.json");
  };
  const std::string plain = evaluate(weights, "0");
  CHECK(evaluate(checkpoint, "0") == plain);
  CHECK(evaluate(averages, "0") == plain);
  CHECK(evaluate(weights, "96") != plain);
}

TEST_CASE("pictures of different sizes are compared at the levels that the smallest one has") {
  const Streets streets;
  // The first and largest would have four levels, of which the last would be smaller than a patch for another.
  for (const auto& [i, width] : {std::pair(0, 256), std::pair(2, 64)}) {
    const ImageArray image = street_scene(static_cast<std::uint64_t>(i), {.width = width, .height = width / 2}).image;
    write_image(streets.real / Streets::name(i), image);
    write_image(streets.synthesised / Streets::name(i), image);
  }
  write_street_folders(streets.data, {.phase = "mixed", .count = 2, .size = {.width = 64, .height = 32}});
  write_street_folders(streets.data, {.phase = "mixed", .count = 1, .size = {.width = 256, .height = 128}});
  const fs::path weights = streets.folder / "demo.safetensors", json = streets.folder / "f.json";
  Workplace::write_weights(weights, 9);
  for (const std::vector<Word>& words : {streets.words(),
                                         {"--preset", "demo", "--weights", weights, "--data", streets.data, "--phase",
                                          "mixed", "--classes", "8", "--device", "cpu"}}) {
    std::vector<Word> all = words;
    for (const Word& word : {Word("--each"), Word("--json"), Word(json)}) all.push_back(word);
    const Ended ended = run("evaluate", all);
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
    for (const nlohmann::json& row : read_json(json)) CHECK(row["sliced_wasserstein"].size() == 2);
  }
}

TEST_CASE("plain images") {
  const Streets streets;
  fs::create_directory(streets.data / "plain_A");
  fs::create_directory(streets.data / "plain_B");
  for (int i = 0; i < 2; ++i) {
    fs::copy(streets.synthesised / Streets::name(i), streets.data / "plain_A");
    fs::copy(streets.real / Streets::name(i), streets.data / "plain_B");
  }
  const fs::path weights = streets.folder / "demo.safetensors";
  Workplace::write_weights(weights, 3);
  const std::vector<Word> words = {"--preset",   "demo",    "--weights", weights,    "--data",
                                   streets.data, "--phase", "plain",     "--device", "cpu"};
  const Ended ended = run("evaluate", words);
  REQUIRE_MESSAGE(ended.status == 0, ended.err);
  CHECK(row_of(ended.out, "synthesised")[0] == "2");
  std::vector<Word> baseline = words;
  baseline.emplace_back("--baseline");
  check_refused(run("evaluate", baseline), 1, {"--baseline", "label maps"});
  Workplace::write_weights(weights, 4);
  check_refused(run("evaluate", words), 1, {"demo.safetensors", "takes 4 channels"});
}
