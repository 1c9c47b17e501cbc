/// From training with features to pictures in many styles, as a user goes; and what does not belong together.

#include "train_case.hpp"

#include <pix2pixhd/features/instances.hpp>
#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/store/npy.hpp>
#include <pix2pixhd/store/style_file.hpp>
#include <pix2pixhd/training/evaluation.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

using namespace tool_testing;

namespace {

/// A run with three features on the scenes of TrainingCase, and the clusters of its encoder.
struct StyleCase : TrainingCase {
  fs::path run_folder = output("run"), clusters = folder / "clusters.safetensors", picture = folder / "picture.png";
  fs::path generator = run_folder / "generator.safetensors", encoder = run_folder / "encoder.safetensors";
  Ended trained, encoded;

  StyleCase() {
    trained =
        run("train", words("run", {"--epochs", "2", "--decay-epochs", "1", "--features", "3", "--average", "0.5"}));
    CAPTURE(trained.err);
    REQUIRE(trained.status == 0);
    encoded = run("encode_features", encode_words({}));
    CAPTURE(encoded.err);
    REQUIRE(encoded.status == 0);
  }

  std::vector<Word> encode_words(const std::vector<Word>& more) const {
    return with({"--encoder", encoder, "--data", data, "--output", clusters, "--classes", "8", "--min-area", "1/128",
                 "--device", "cpu"},
                more);
  }
  fs::path scene(const std::string& part) const { return data / part.c_str() / "scene_000000.png"; }
  std::vector<Word> words_of(const std::vector<Word>& more) const {
    return with({"--preset", "demo", "--weights", generator, "--classes", "8", "--labels", scene("test_label"),
                 "--instances", scene("test_inst"), "--output", picture, "--device", "cpu"},
                more);
  }
  fs::path style(int number) const { return folder / ("picture_style" + std::to_string(number) + ".png").c_str(); }
};

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

TEST_CASE("a generator in many styles, from training to pictures") {
  const StyleCase the;
  for (const char* name :
       {"generator.safetensors", "encoder.safetensors", "best_generator.safetensors", "best_encoder.safetensors"})
    CHECK_MESSAGE(fs::exists(the.run_folder / name), name);
  CHECK(contains(the.trained.err, "12 channels for the generator, of which 3 are features"));
  const LoadedClusters loaded = load_clusters(the.clusters);
  CHECK(loaded.clusters.features == 3);
  CHECK(loaded.clusters.classes == 8);
  CHECK(loaded.clusters.choices(5) > 1);
  CHECK(loaded.more.at("pix2pixhd.pictures") == "6");
  CHECK(contains(the.encoded.out, "5 car"));
  CHECK(lines(the.encoded.out) == 1 + static_cast<std::ptrdiff_t>(loaded.clusters.by_class.size()));

  SUBCASE("drawn styles differ and are reproducible") {
    const auto words = the.words_of({"--clusters", the.clusters, "--styles", "3", "--seed", "5", "--gallery",
                                     the.folder / "page.html", "--raw", the.folder / "picture.npy"});
    const Ended ended = run("synthesize", words);
    CAPTURE(ended.err);
    REQUIRE(ended.status == 0);
    CHECK(lines(ended.out) == 3);
    CHECK(contains(ended.err, "diversity"));
    CHECK(contains(ended.err, "class 5:"));
    CHECK(fs::exists(the.folder / "picture_style3.npy"));
    CHECK_FALSE(fs::exists(the.picture));
    CHECK(contains(slurp(the.folder / "page.html"), "style 3"));
    std::vector<std::string> first;
    for (int i = 1; i <= 3; ++i) first.push_back(slurp(the.style(i)));
    CHECK(first[0] != first[1]);
    CHECK(first[1] != first[2]);
    REQUIRE(run("synthesize", words).status == 0);
    for (int i = 1; i <= 3; ++i) CHECK(slurp(the.style(i)) == first[static_cast<std::size_t>(i) - 1]);
    REQUIRE(run("synthesize", with(words, {"--seed", "6"})).status == 0);
    CHECK(slurp(the.style(1)) != first[0]);
  }

  SUBCASE("a style set by hand changes its pixels' features, whatever the seed") {
    const auto with_seed = [&](const char* seed, const std::vector<Word>& more) {
      const Ended ended = run("synthesize", with(the.words_of({"--clusters", the.clusters, "--seed", seed}), more));
      CAPTURE(ended.err);
      REQUIRE(ended.status == 0);
      return read_image(the.picture);
    };
    std::vector<Word> all;
    for (const auto& [label, styles] : loaded.clusters.by_class)
      if (!styles.styles.empty())
        for (const Word& word : {Word("--style"), Word("class:" + std::to_string(label) + "=0")}) all.push_back(word);
    // with() replaces options that are there: appended by hand.
    const auto chosen = [&](const char* seed) {
      auto words = the.words_of({"--clusters", the.clusters, "--seed", seed});
      words.insert(words.end(), all.begin(), all.end());
      REQUIRE(run("synthesize", words).status == 0);
      return read_image(the.picture);
    };
    CHECK(chosen("1") == chosen("2"));
    CHECK(with_seed("1", {"--style", "class:5=1"}) != with_seed("1", {"--style", "class:5=0"}));
  }

  SUBCASE("the style of a real picture, and features from a file") {
    const Ended ended =
        run("synthesize", the.words_of({"--style-from", the.scene("test_img"), "--encoder", the.encoder}));
    CAPTURE(ended.err);
    REQUIRE(ended.status == 0);
    const ImageArray from_picture = read_image(the.picture);

    // The same by the library.
    Device device = cpu();
    AnyEncoder encoder(EncoderShape{.out = 3, .downsamples = 2});
    load(device, encoder, the.encoder);
    const Instances instances =
        find_instances(read_labels(the.scene("test_label")), read_instances(the.scene("test_inst")));
    const xt::xtensor<float, 4> features =
        download(device, infer(device, encoder,
                               EncoderInput{upload(device, read_image(the.scene("test_img"), {.channels = 3})),
                                            instance_map(device, instances.indices)}));
    write_npy(the.folder / "features.npy", features);
    REQUIRE(run("synthesize", the.words_of({"--features", the.folder / "features.npy"})).status == 0);
    CHECK(read_image(the.picture) == from_picture);

    const Ended mixed = run("synthesize", the.words_of({"--style-from", the.scene("test_img"), "--encoder", the.encoder,
                                                        "--clusters", the.clusters, "--style", "class:0=0"}));
    CAPTURE(mixed.err);
    REQUIRE(mixed.status == 0);
    CHECK(read_image(the.picture) != from_picture);
  }

  SUBCASE("folders of maps and of pictures to take styles from") {
    const Ended ended =
        run("synthesize",
            the.words_of({"--labels", the.data / "test_label", "--instances", the.data / "test_inst", "--style-from",
                          the.data / "test_img", "--encoder", the.encoder, "--output", the.folder / "pictures"}));
    CAPTURE(ended.err);
    CHECK(ended.status == 0);
    CHECK(fs::exists(the.folder / "pictures" / "scene_000001.png"));
  }

  SUBCASE("files that do not belong together are refused in a sentence") {
    const auto refused = [&](const std::vector<Word>& more, const std::vector<std::string>& parts, int status = 1) {
      check_refused(run("synthesize", the.words_of(more)), status, parts);
    };
    refused({}, {"takes 12 channels", "give --clusters"});
    refused({"--clusters", the.generator}, {"holds no style clusters"});
    refused({"--clusters", the.clusters, "--classes", "9"},
            {"generator.safetensors", "was trained on 8 classes, and 9 were given", "--classes 8"});
    refused({"--clusters", the.clusters, "--style", "class:5=99"}, {"class 5 cannot have style 99"});
    refused({"--clusters", the.clusters, "--style", "instance:77=0"}, {"no such instance"});
    refused({"--clusters", the.clusters, "--style", "car=1"}, {"class:26=3"}, 2);
    refused({"--style", "class:5=1"}, {"--style needs --clusters"}, 2);
    refused({"--styles", "2"}, {"--styles needs --clusters"}, 2);
    refused({"--style-from", the.scene("test_img")}, {"belong together"}, 2);
    refused({"--style-from", the.scene("test_img"), "--encoder", the.generator},
            {"generator.safetensors holds no encoder", "Generator<0>", "takes 12 channels",
             "give the weights of an encoder"});
    refused({"--style-from", the.scene("test_img"), "--features", "x.npy", "--encoder", the.encoder}, {"excludes"}, 2);
    write_npy(the.folder / "small.npy", xt::xtensor<float, 4>(xt::xtensor<float, 4>::shape_type{1, 3, 4, 4}, 0.0f));
    refused({"--features", the.folder / "small.npy"}, {"is 1 x 3 x 4 x 4", "1 x 3 x 32 x 64"});
    write_image(the.folder / "small.png", ImageArray(ImageArray::shape_type{1, 3, 16, 16}, 0.0f));
    refused({"--style-from", the.folder / "small.png", "--encoder", the.encoder}, {"small.png", "16"});
    CHECK_FALSE(fs::exists(the.picture));
  }

  SUBCASE("encode_features: bad data is named, and what is good is used") {
    const auto encode = [&](const std::vector<Word>& more) { return run("encode_features", the.encode_words(more)); };
    check_refused(encode({"--classes", "7"}), 1, {"was trained on 8 classes, and 7"});
    check_refused(encode({"--encoder", the.generator}), 1, {"generator.safetensors"});
    check_refused(encode({"--min-area", "2"}), 2, {"share of the picture"});
    check_refused(encode({"--min-area", "1/x"}), 2, {"share of the picture"});
    const std::string before = slurp(the.clusters);
    spill(the.data / "train_img" / "scene_000002.png", "no picture");
    InstanceArray ids = read_instances(the.data / "train_inst" / "scene_000003.png");
    ids.fill(5007);
    write_instances(the.data / "train_inst" / "scene_000003.png", ids);
    const Ended ended = encode({"--instance-rule", "thousands", "--output", the.folder / "others.safetensors"});
    CAPTURE(ended.err);
    CHECK(ended.status == 1);
    CHECK(contains(ended.err, "scene_000002"));
    CHECK(contains(ended.err, "instance 5007 is of class 5 by the id rule thousands"));
    CHECK(contains(ended.err, "2 of 6 pictures"));
    CHECK(load_clusters(the.folder / "others.safetensors").more.at("pix2pixhd.pictures") == "4");
    CHECK(slurp(the.clusters) == before);
  }

  SUBCASE("evaluate: figures of pictures in the style of the real ones") {
    const fs::path json = the.folder / "figures.json";
    const auto evaluate = [&](const fs::path& weights, const std::vector<Word>& more) {
      fs::remove(json);
      return run("evaluate", with({"--preset", "demo", "--weights", weights, "--data", the.data, "--classes", "8",
                                   "--device", "cpu", "--json", json},
                                  more));
    };
    const Ended ended = evaluate(the.generator, {"--encoder", the.encoder});
    CAPTURE(ended.err);
    REQUIRE(ended.status == 0);
    const std::string figures = slurp(json);

    // The same by the library, and what features of another picture would give.
    Device device = cpu();
    DemoGenerator generator;
    load(device, generator, the.generator);
    AnyEncoder encoder(EncoderShape{.out = 3, .downsamples = 2});
    load(device, encoder, the.encoder);
    Evaluation expected({.classes = 8}), of_another({.classes = 8});
    std::vector<ImageArray> images;
    const auto file = [&](const char* part, int i) {
      return the.data / part / ("scene_00000" + std::to_string(i) + ".png");
    };
    for (int i = 0; i < 2; ++i) images.push_back(read_image(file("test_img", i), {.channels = 3}));
    for (int i = 0; i < 2; ++i) {
      const LabelArray labels = read_labels(file("test_label", i));
      const InstanceArray ids = read_instances(file("test_inst", i));
      const Instances instances = find_instances(labels, ids);
      ClassArray batch = ClassArray::from_shape({1, labels.shape()[0], labels.shape()[1]});
      std::copy(labels.begin(), labels.end(), batch.begin());
      const auto add_to = [&](Evaluation& evaluation, int style) {
        const EncoderInput input{upload(device, images[static_cast<std::size_t>(style)]),
                                 instance_map(device, instances.indices)};
        const SemanticMap map = join(semantic_map(device, labels, ids, 8), infer(device, encoder, input));
        evaluation.add(download(device, infer(device, generator, map)), images[static_cast<std::size_t>(i)], batch);
      };
      add_to(expected, i);
      add_to(of_another, 1 - i);
    }
    const double psnr = nlohmann::json::parse(figures)[0]["psnr"].get<double>();
    CHECK(psnr == doctest::Approx(expected.figures().psnr).epsilon(1e-9));
    CHECK(psnr != doctest::Approx(of_another.figures().psnr).epsilon(1e-6));

    // A checkpoint holds both networks, averaged like those files.
    const fs::path checkpoint = the.run_folder / "checkpoint_000000018.safetensors";
    CHECK(evaluate(checkpoint, {}).status == 0);
    CHECK(slurp(json) == figures);
    CHECK(evaluate(the.generator, {"--encoder", checkpoint}).status == 0);
    CHECK(slurp(json) == figures);
    const Ended chosen = evaluate(checkpoint, {"--features-on", "labels"});
    CHECK(contains(chosen.err, "was trained with instances where labels was chosen"));
    CHECK(slurp(json) != figures);

    check_refused(evaluate(the.generator, {}), 1, {"takes 12 channels", "named like theirs", "--encoder"});
    check_refused(evaluate(the.generator, {"--encoder", the.generator}), 1, {"the encoder", "generator.safetensors"});
    check_refused(evaluate(the.generator, {"--encoder", the.encoder, "--classes", "9"}), 1,
                  {"encoder.safetensors", "was trained on 8 classes, and 9 were given"});
    check_refused(evaluate(checkpoint, {"--classes", "10"}), 1, {"was trained on 8 classes, and 10 were given"});
    check_refused(run("evaluate", {"--synthesised", the.scene("test_img"), "--real", the.scene("test_img"), "--encoder",
                                   the.encoder}),
                  2, {"--encoder goes with --weights"});
    CHECK_FALSE(fs::exists(json));
  }

  SUBCASE("a run goes on from these weights, encoder and all") {
    const auto tuned = [&](const char* name, const std::vector<Word>& more) {
      return run("train", with(the.words(name, {"--epochs", "1", "--decay-epochs", "0", "--features", "3"}), more));
    };
    CHECK(tuned("a", {"--fine-tune", the.generator, "--encoder", the.encoder}).status == 0);
    CHECK(tuned("b", {"--fine-tune", the.run_folder / "checkpoint_000000018.safetensors"}).status == 0);
    check_refused(tuned("c", {"--fine-tune", the.generator}), 1, {"give its weights by --encoder"});
    check_refused(tuned("d", {"--encoder", the.encoder}), 2, {"goes with --fine-tune"});
    check_refused(run("train", the.words("run", {"--epochs", "2", "--decay-epochs", "2", "--extend"})), 1,
                  {"--features was 3, now 0"});
  }
}

TEST_CASE("features on labels, where there are no instance maps") {
  const TrainingCase the;
  fs::remove_all(the.data / "train_inst");
  fs::remove_all(the.data / "test_inst");
  const std::vector<Word> options = {"--epochs", "1", "--decay-epochs", "0", "--features", "2"};
  check_refused(run("train", the.words("run", options)), 1, {"has no instance maps", "--features-on labels"});
  const Ended ended = run("train", with(the.words("run", options), {"--features-on", "labels"}));
  CAPTURE(ended.err);
  REQUIRE(ended.status == 0);
  const fs::path clusters = the.folder / "clusters.safetensors";
  REQUIRE(run("encode_features", {"--encoder", the.output("run") / "encoder.safetensors", "--data", the.data,
                                  "--output", clusters, "--classes", "8", "--min-area", "0"})
              .status == 0);
  CHECK(load_clusters(clusters).clusters.on_labels);
  const Ended made = run("synthesize", {"--preset", "demo", "--weights", the.output("run") / "generator.safetensors",
                                        "--classes", "8", "--labels", the.data / "test_label" / "scene_000000.png",
                                        "--clusters", clusters, "--styles", "2", "--output", the.folder / "p.png"});
  CAPTURE(made.err);
  CHECK(made.status == 0);
  CHECK(fs::exists(the.folder / "p_style2.png"));
}
