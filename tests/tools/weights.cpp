/// What files of weights say of the training that they come from: whether a command gives what they were trained on,
/// and what it is told where it does not.

#include "train_case.hpp"

#include <pix2pixhd/networks/any_encoder.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace tool_testing;

namespace {

/// Checks that a sentence does not lead astray.
void check_silent(const Ended& ended, const char* part) { CHECK_MESSAGE(!contains(ended.err, part), ended.err); }

/// Maps of 5 classes with instances, and weights of a generator that says what it was trained on.
struct TrainedCase : Workplace {
  void write(int channels, const Metadata& words) const {
    Device device = cpu();
    DemoGenerator network(channels);
    initialize(device, network, 1);
    save(device, network, weights, words);
  }
  /// A command line without instances.
  std::vector<Word> labels_only(const char* classes) const {
    return {"--preset",  "demo",  "--weights", weights, "--labels", labels,
            "--classes", classes, "--output",  output,  "--device", "cpu"};
  }
};

/// A checkpoint of a run on 8 classes with instances and 3 features, as far as the tools read it.
void write_checkpoint(const fs::path& path) {
  Device device = cpu();
  DemoGenerator generator(12);
  AnyEncoder encoder(EncoderShape{.out = 3, .downsamples = 2});
  initialize(device, generator, 1);
  initialize(device, encoder, 2);
  detail::CheckpointWriter writer(device);
  for (const NamedArray& array : named_arrays(std::as_const(generator)))
    writer.add("value/G/" + array.name, *array.value, array.info.rank);
  for (const NamedArray& array : named_arrays(std::as_const(encoder)))
    writer.add("value/E/" + array.name, *array.value, array.info.rank);
  writer.add_text("section.options",
                  R"({"--preset":"demo","--classes":"8","--features":"3","--features-on":"labels"})");
  writer.write(path);
}

}  // namespace

TEST_CASE("as many channels are not enough: classes and instances must be those of the training") {
  const TrainedCase the;
  the.write(6, {{"pix2pixhd.classes", "5"}, {"pix2pixhd.instances", "yes"}});
  CHECK(run("synthesize", the.words()).status == 0);
  fs::remove(the.output);
  check_refused(run("synthesize", the.labels_only("6")), 1,
                {"demo.safetensors", "was trained on 5 classes, and 6 were given", "give --classes 5."});
  const Ended bare = run("synthesize", the.labels_only("5"));
  check_refused(bare, 1, {"was trained with instance maps, and none were given", "give --instances."});
  check_silent(bare, "--classes");
  check_refused(run("summary", {"--preset", "demo", "--weights", the.weights, "--classes", "6"}), 1,
                {"was trained on 5 classes, and 6 were given"});

  the.write(6, {{"pix2pixhd.classes", "5"}, {"pix2pixhd.instances", "no"}, {"pix2pixhd.features", "1"}});
  check_refused(run("synthesize", the.words()), 1,
                {"was trained without instance maps, and they were given", "leave --instances away."});
  the.write(9, {{"pix2pixhd.classes", "5"}, {"pix2pixhd.instances", "yes"}, {"pix2pixhd.features", "3"}});
  const Ended lacking = run("synthesize", the.words());
  check_refused(lacking, 1, {"takes 9 channels", "3 of its channels are the features of the encoder", "--clusters"});
  check_silent(lacking, "--classes");
  CHECK_FALSE(fs::exists(the.output));
}

TEST_CASE("plain images are none of label maps, and the other way round") {
  const TrainedCase the;
  the.write(3, {{"pix2pixhd.classes", "0"}, {"pix2pixhd.instances", "no"}});
  check_refused(run("synthesize", the.labels_only("3")), 1, {"was trained on plain images", "give --input."});
  the.write(3, {{"pix2pixhd.classes", "2"}, {"pix2pixhd.instances", "yes"}});
  check_refused(run("synthesize", {"--preset", "demo", "--weights", the.weights, "--input", the.labels, "--output",
                                   the.output, "--device", "cpu"}),
                1, {"was trained on label maps of 2 classes", "--labels, with --classes 2 and --instances."});
  CHECK_FALSE(fs::exists(the.output));
}

TEST_CASE("evaluate: the data must be like those of the training") {
  const TrainedCase the;
  const TrainingCase streets;
  const auto evaluate = [&](const char* classes) {
    return run("evaluate", {"--preset", "demo", "--weights", the.weights, "--data", streets.data, "--classes", classes,
                            "--device", "cpu"});
  };
  the.write(9, {{"pix2pixhd.classes", "8"}, {"pix2pixhd.instances", "yes"}});
  CHECK(evaluate("8").status == 0);
  check_refused(run("evaluate", {"--preset", "demo", "--weights", the.weights, "--data", streets.data, "--classes", "8",
                                 "--instance-rule", "thousands"}),
                1, {"--instance-rule", "holds none", "--encoder"});
  check_refused(evaluate("9"), 1, {"was trained on 8 classes, and 9 were given", "give --classes 8."});
  // The ninth channel is a feature, for which boundaries would be taken.
  the.write(9, {{"pix2pixhd.classes", "8"}, {"pix2pixhd.instances", "no"}, {"pix2pixhd.features", "1"}});
  check_refused(evaluate("8"), 1, {"takes 9 channels", "1 of its channels is the feature", "--encoder"});
  the.write(9, {{"pix2pixhd.classes", "8"}, {"pix2pixhd.instances", "yes"}});
  fs::remove_all(streets.data / "test_inst");
  check_refused(evaluate("8"), 1, {"was trained with instance maps, and none were given", "test_inst"});
}

TEST_CASE("a checkpoint says the same by the options of its run") {
  const TrainingCase the;
  const fs::path checkpoint = the.folder / "checkpoint.safetensors", output = the.folder / "o.safetensors";
  write_checkpoint(checkpoint);
  const std::string said = "was trained on 8 classes, and 9 were given; give --classes 8.";
  const auto encode = [&](const char* classes) {
    return run("encode_features", {"--encoder", checkpoint, "--data", the.data, "--classes", classes, "--output",
                                   output, "--min-area", "0", "--device", "cpu"});
  };
  check_refused(encode("9"), 1, {"checkpoint.safetensors", said});
  CHECK_FALSE(fs::exists(output));
  REQUIRE(encode("8").status == 0);
  check_refused(run("evaluate", {"--preset", "demo", "--weights", checkpoint, "--data", the.data, "--classes", "9",
                                 "--device", "cpu"}),
                1, {said});
  const auto scene = [&](const char* part) { return the.data / part / "scene_000000.png"; };
  check_refused(run("synthesize", {"--preset", "demo", "--weights", checkpoint, "--labels", scene("test_label"),
                                   "--classes", "9", "--clusters", output, "--output", the.folder / "o.png"}),
                1, {said});
  check_refused(run("synthesize", {"--preset", "demo", "--weights", checkpoint, "--labels", scene("test_label"),
                                   "--classes", "8", "--clusters", output, "--output", the.folder / "o.png"}),
                1, {"was trained with instance maps, and none were given"});
}

TEST_CASE("convert: a network that is taken out of a checkpoint is none any more, and the tools take it") {
  const TrainingCase the;
  const fs::path checkpoint = the.folder / "checkpoint.safetensors", generator = the.folder / "g.safetensors",
                 encoder = the.folder / "e.safetensors", clusters = the.folder / "clusters.safetensors";
  write_checkpoint(checkpoint);
  for (const auto& [prefix, file] : {std::pair("value/G/", generator), std::pair("value/E/", encoder)}) {
    REQUIRE(run("convert", {checkpoint, file, "--prefix", prefix}).status == 0);
    CHECK_FALSE(is_checkpoint(*open_tensor_file(file)));
    const Metadata words = open_tensor_file(file)->metadata();
    CHECK(words.at("pix2pixhd.classes") == "8");
    CHECK_FALSE(words.contains("section.options"));
  }
  CHECK(open_tensor_file(encoder)->metadata().at("pix2pixhd.features_on") == "labels");
  const Ended encoded = run("encode_features", {"--encoder", encoder, "--data", the.data, "--classes", "8", "--output",
                                                clusters, "--min-area", "0", "--device", "cpu"});
  REQUIRE_MESSAGE(encoded.status == 0, encoded.err);
  const auto scene = [&](const char* part) { return the.data / part / "scene_000000.png"; };
  const Ended made = run("synthesize", {"--preset", "demo", "--weights", generator, "--labels", scene("test_label"),
                                        "--instances", scene("test_inst"), "--classes", "8", "--clusters", clusters,
                                        "--output", the.folder / "o.png", "--device", "cpu"});
  CHECK_MESSAGE(made.status == 0, made.err);
  REQUIRE(run("convert", {checkpoint, the.folder / "whole.safetensors"}).status == 0);
  CHECK(is_checkpoint(*open_tensor_file(the.folder / "whole.safetensors")));
}

TEST_CASE("a wrong prefix and a wrong preset are not blamed on the file") {
  const TrainedCase the;
  const Ended wrong = run("synthesize", the.words({"--prefix", "zz"}));
  check_refused(wrong, 1, {"demo.safetensors: no key begins with \"zz\"", "Leave the prefix away."});
  check_silent(wrong, "--preset");
  const auto enhanced = with(the.words(), {"--preset", "demo_enhanced"});
  check_refused(run("synthesize", enhanced), 1, {"another network, Generator<0>. Give the --preset"});
  check_refused(run("synthesize", with(the.words(), {"--preset", "512p"})), 1, {"Give the --preset"});
  check_refused(run("summary", {"--preset", "512p", "--weights", the.weights}), 1, {"Give the --preset"});
  the.write(6, {{"pix2pixhd.preset", "demo"}});
  check_refused(run("synthesize", enhanced), 1, {"The weights were made for --preset demo."});

  Device device = cpu();
  AnyEncoder encoder(EncoderShape{.out = 3, .downsamples = 2});
  initialize(device, encoder, 1);
  save(device, encoder, the.weights, {{"pix2pixhd.preset", "demo"}});
  check_refused(run("synthesize", the.words()), 1, {"another network, FeatureEncoder. Give the file of a generator."});
}

TEST_CASE("a label that stood for no class in training does so afterwards, and no other one does") {
  const TrainedCase the;
  const auto refused = [&](const std::vector<Word>& more, const std::vector<std::string>& parts) {
    check_refused(run("synthesize", with(the.words(), more)), 1, parts);
  };
  const auto write = [&](const char* ignored) {
    the.write(6, {{"pix2pixhd.classes", "5"}, {"pix2pixhd.instances", "yes"}, {"pix2pixhd.ignore_label", ignored}});
  };
  write("3");
  refused({}, {"demo.safetensors", "was trained with --ignore-label 3", "give the same."});
  refused({"--ignore-label", "4"}, {"was trained with --ignore-label 3"});
  CHECK(run("synthesize", with(the.words(), {"--ignore-label", "3"})).status == 0);
  write("none");
  refused({"--ignore-label", "4"}, {"was trained on the class 4", "leave that option away."});
  CHECK(run("synthesize", with(the.words(), {"--ignore-label", "255"})).status == 0);
  write("255");  // no class either way
  CHECK(run("synthesize", the.words()).status == 0);
}

TEST_CASE("an encoder's file that says what no program knows is named") {
  const TrainingCase the;
  Device device = cpu();
  AnyEncoder encoder(EncoderShape{.out = 3, .downsamples = 2});
  initialize(device, encoder, 2);
  for (const auto& [key, word] :
       {std::pair("pix2pixhd.features_on", "pixels"), std::pair("pix2pixhd.instance_rule", "hundreds")}) {
    save(device, encoder, the.folder / "e.safetensors", {{key, word}});
    check_refused(run("encode_features", {"--encoder", the.folder / "e.safetensors", "--data", the.data, "--classes",
                                          "8", "--output", the.folder / "c.safetensors", "--device", "cpu"}),
                  1, {"e.safetensors", key, word, "does not know"});
  }
}

TEST_CASE("a network that sees pictures at another scale than in training is said to") {
  const TrainingCase the;
  Device device = cpu();
  const fs::path encoder = the.folder / "e.safetensors", generator = the.folder / "g.safetensors";
  const auto write = [&](const Metadata& words) {
    AnyEncoder network(EncoderShape{.out = 3, .downsamples = 2});
    initialize(device, network, 2);
    save(device, network, encoder, words);
    DemoGenerator demo(9);
    initialize(device, demo, 3);
    save(device, demo, generator, words);
  };
  const auto encode = [&](const std::vector<Word>& more = {}) {
    return run("encode_features",
               with({"--encoder", encoder, "--data", the.data, "--classes", "8", "--output",
                     the.folder / "c.safetensors", "--min-area", "0", "--clusters", "1", "--device", "cpu"},
                    more));
  };
  const auto evaluate = [&](const std::vector<Word>& more = {}) {
    return run("evaluate", with({"--preset", "demo", "--weights", generator, "--data", the.data, "--classes", "8",
                                 "--device", "cpu"},
                                more));
  };
  const auto noted = [](const Ended& ended, const std::string& text) {
    CHECK_MESSAGE(ended.status == 0, ended.err);
    CHECK_MESSAGE(ended.err.find(text) != std::string::npos, ended.err);
  };
  const auto silent = [](const Ended& ended) {
    CHECK_MESSAGE(ended.status == 0, ended.err);
    CHECK_MESSAGE(ended.err.find("was trained on pictures") == std::string::npos, ended.err);
  };
  const std::vector<Word> encode_scaled = {"--resize", "scale_width", "--load-width", "32"};

  write({{"pix2pixhd.resize", "scale_width_and_crop"}, {"pix2pixhd.load_width", "32"}});
  noted(encode(),
        "e.safetensors was trained on pictures scaled to a width of 32, and sees them as they are here; "
        "--resize scale_width --load-width 32 shows");
  silent(encode(encode_scaled));
  noted(evaluate(),
        "g.safetensors was trained on pictures scaled to a width of 32, and sees them as they are here; "
        "--width 32 shows");
  silent(evaluate({"--width", "32"}));

  write({{"pix2pixhd.resize", "none"}});
  noted(encode(encode_scaled), "as they are, and sees them scaled to a width of 32 here; leaving --resize away shows");
  silent(encode());
  noted(evaluate({"--width", "32"}), "leaving --width away shows");
  silent(evaluate());

  write({});
  silent(encode(encode_scaled));
  silent(evaluate({"--width", "32"}));
}
