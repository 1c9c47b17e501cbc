/// The tool convert, as a user runs it.

#include "tool_testing.hpp"

#include <pix2pixhd/store/pytorch_writer.hpp>
#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/tensor_file.hpp>

#include <map>

using namespace tool_testing;
using store_testing::golden;

namespace {

struct Content {
  StoredType type;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
  bool operator==(const Content&) const = default;
};

std::map<std::string, Content> contents(const fs::path& path) {
  const auto file = open_tensor_file(path);
  std::map<std::string, Content> all;
  for (const TensorEntry& entry : file->entries()) {
    Content content{entry.type, entry.shape, std::vector<std::byte>(file->count(entry) * size_of(entry.type))};
    file->read_bytes(entry, content.bytes);
    all[entry.name] = content;
  }
  return all;
}

}  // namespace

TEST_CASE("names, types and bits survive the way to the other container and back") {
  const TemporaryFolder folder;
  for (const char* name : {"enhancer.safetensors", "enhancer_zip.pth", "enhancer_legacy.pth", "enhancer_half.pth",
                           "enhancer_bf16.pth", "containers/nested_zip.pth", "containers/strided_legacy.pth"}) {
    CAPTURE(name);
    const auto original = contents(golden(name));
    const Ended there = run("convert", {golden(name), folder / "a.safetensors"});
    REQUIRE_MESSAGE(there.status == 0, there.err);
    CHECK(there.out.empty());
    CHECK(contains(there.err, std::to_string(original.size()) + " tensors"));
    CHECK(contents(folder / "a.safetensors") == original);
    const Ended back = run("convert", {folder / "a.safetensors", folder / "b.pth"});
    REQUIRE_MESSAGE(back.status == 0, back.err);
    CHECK(contents(folder / "b.pth") == original);
  }
}

TEST_CASE("--float32 writes floating types as f32 and leaves the others") {
  const TemporaryFolder folder;
  REQUIRE(run("convert", {golden("enhancer_half.pth"), folder / "a.safetensors", "--float32"}).status == 0);
  const auto half = open_tensor_file(golden("enhancer_half.pth")), wide = open_tensor_file(folder / "a.safetensors");
  REQUIRE(half->entries().size() == wide->entries().size());
  for (const TensorEntry& entry : half->entries()) {
    REQUIRE(wide->find(entry.name) != nullptr);
    CHECK(wide->find(entry.name)->type == StoredType::f32);
    CHECK(store_testing::values(*wide, entry.name) == store_testing::values(*half, entry));
  }
  REQUIRE(run("convert", {golden("containers/types_zip.pth"), folder / "b.safetensors", "--float32"}).status == 0);
  for (const auto& [name, content] : contents(golden("containers/types_zip.pth")))
    CHECK(contents(folder / "b.safetensors").at(name).type ==
          (is_floating(content.type) ? StoredType::f32 : content.type));
}

TEST_CASE("--prefix picks a dictionary and takes its name off") {
  const TemporaryFolder folder;
  const std::vector<TensorEntry> entries = {{.name = "G.a", .shape = {1}},
                                            {.name = "G.b", .shape = {1}},
                                            {.name = "G_average.a", .shape = {1}},
                                            {.name = "step", .shape = {1}}};
  float value = 0;
  write_safetensors(folder / "all.safetensors", entries, [&](const TensorEntry&, std::size_t position) -> TensorValues {
    value = static_cast<float>(position);
    return std::span<const float>(&value, 1);
  });
  for (const char* prefix : {"G", "G."}) {
    REQUIRE(run("convert", {folder / "all.safetensors", folder / "G.pth", "--prefix", prefix}).status == 0);
    const auto file = open_tensor_file(folder / "G.pth");
    REQUIRE(file->entries().size() == 2);
    CHECK(store_testing::values(*file, "a") == std::vector<double>{0});
    CHECK(store_testing::values(*file, "b") == std::vector<double>{1});
  }
  check_refused(run("convert", {folder / "all.safetensors", folder / "none.pth", "--prefix", "D"}), 1,
                {"all.safetensors", "\"D\"", "G.a"});
  CHECK_FALSE(fs::exists(folder / "none.pth"));
}

TEST_CASE("metadata stay in .safetensors") {
  const Workplace w;
  REQUIRE(run("convert", {w.weights, w.folder / "copy.safetensors"}).status == 0);
  CHECK(open_tensor_file(w.folder / "copy.safetensors")->metadata() == open_tensor_file(w.weights)->metadata());
  const Ended ended = run("convert", {w.weights, w.folder / "copy.pth"});
  CHECK(ended.status == 0);
  CHECK(contains(ended.err, "metadata"));
}

TEST_CASE("a file may be converted onto itself") {
  const Workplace w;
  const auto before = contents(w.weights);
  REQUIRE(run("convert", {w.weights, w.weights}).status == 0);
  CHECK(contents(w.weights) == before);
  CHECK(w.folder.count() == 3);
  // What is left out would be lost.
  check_refused(run("convert", {w.weights, w.weights, "--prefix", "model.1"}), 1, {"is read", "another name"});
  CHECK(contents(w.weights) == before);
}

TEST_CASE("a generator becomes an .onnx file") {
  const Workplace w;
  const fs::path output = w.folder / "g.onnx";
  const auto converted = [&](const std::vector<Word>& more) {
    std::vector<Word> words{w.weights, output};
    words.insert(words.end(), more.begin(), more.end());
    return run("convert", words);
  };
  // What belongs to the file is found out before it is known whether the tool can write it.
  check_refused(converted({}), 2, {"--preset"});
  check_refused(converted({"--preset", "demo", "--width", "64"}), 2, {"--width needs --height"});
  check_refused(converted({"--preset", "demo", "--plain", "--instances"}), 2, {"--plain"});
  check_refused(run("convert", {w.weights, w.folder / "g.pth", "--classes", "5"}), 2, {"--classes", ".onnx"});
  check_refused(converted({"--preset", "demo", "--classes", "5", "--instances", "--float32"}), 2,
                {"--float32", ".safetensors"});
  CHECK_FALSE(fs::exists(output));
#ifdef PIX2PIXHD_TOOLS_ONNX
  const Ended ended = converted({"--preset", "demo", "--classes", "5", "--instances"});
  REQUIRE(ended.status == 0);
  CHECK(contains(ended.err, "Generator<0>"));
  CHECK(contains(slurp(output), "instances"));
  CHECK(converted({"--preset", "demo", "--plain", "--width", "64", "--height", "48"}).status == 0);
  CHECK_FALSE(contains(slurp(output), "instances"));

  const fs::path trained = w.folder / "trained.safetensors";
  Device device = cpu();
  DemoGenerator network(6);
  initialize(device, network, 1);
  save(device, network, trained, {{"pix2pixhd.classes", "5"}, {"pix2pixhd.ignore_label", "3"}});
  std::vector<Word> maps = {trained, output, "--preset", "demo", "--classes", "5", "--instances"};
  check_refused(run("convert", maps), 1, {"trained with --ignore-label 3", "give the same"});
  for (const char* word : {"--ignore-label", "3"}) maps.emplace_back(word);
  CHECK(run("convert", maps).status == 0);

  const std::string before = slurp(output);
  check_refused(converted({"--preset", "demo", "--classes", "5"}), 1,
                {"takes 6 channels", "5 were given", "give --instances", "--classes 6"});
  check_refused(converted({"--preset", "demo_enhanced", "--plain"}), 1, {"another network"});
  CHECK(slurp(output) == before);
#else
  check_refused(converted({"--preset", "demo", "--plain"}), 1, {"g.onnx", "libonnx-dev"});
#endif
}

TEST_CASE("what cannot be converted is said, and nothing is half-written") {
  const TemporaryFolder folder;
  check_refused(run("convert", {golden("enhancer_zip.pth"), folder / "a.txt"}), 1, {"a.txt", ".safetensors"});
  check_refused(run("convert", {folder / "absent.pth", folder / "a.safetensors"}), 1, {"absent.pth"});
  check_refused(run("convert", {golden("enhancer_zip.pth"), folder / "absent" / "a.safetensors"}), 1, {"absent"});
  check_refused(run("convert", {golden("images/rgb8.png"), folder / "a.safetensors"}), 1, {"rgb8.png"});

  std::string bytes = slurp(golden("enhancer_zip.pth"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  spill(folder / "damaged.pth", bytes);
  spill(folder / "out.safetensors", "precious");
  check_refused(run("convert", {folder / "damaged.pth", folder / "out.safetensors"}), 1, {"damaged.pth"});
  CHECK(slurp(folder / "out.safetensors") == "precious");
  CHECK(folder.count() == 2);

  check_refused(run("convert", {}), 2, {});
  check_refused(run("convert", {golden("enhancer_zip.pth")}), 2, {"output"});
  check_refused(run("convert", {"a", "b", "--speed"}), 2, {});
}
