/// What must be as before when a run of the tool train goes on, and what it keeps to go back to.

#include "train_case.hpp"

#include <pix2pixhd/store/safetensors.hpp>
#include <pix2pixhd/store/tensor_file.hpp>
#include <pix2pixhd/training/checkpoint_folder.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

using namespace tool_testing;

namespace {

const std::vector<Word> short_run = {"--epochs", "1", "--decay-epochs", "0"};

/// Writes a checkpoint anew with other sections.
void change_sections(const fs::path& checkpoint, const std::function<void(Metadata&)>& change) {
  const fs::path changed = checkpoint.string() + ".changed";
  {
    const auto file = open_tensor_file(checkpoint);
    Metadata metadata = file->metadata();
    change(metadata);
    std::vector<std::byte> bytes;
    const auto produce = [&](const TensorEntry& entry, std::size_t) -> TensorValues {
      const TensorEntry* found = file->find(entry.name);
      bytes.resize(file->count(*found) * size_of(found->type));
      file->read_bytes(*found, bytes);
      return std::span<const std::byte>(bytes);
    };
    write_safetensors(changed, file->entries(), produce, metadata);
  }
  fs::rename(changed, checkpoint);
}

/// Gives all files of a sample another name.
void rename_sample(const fs::path& data, const std::string& phase, const std::string& from, const std::string& to) {
  for (const char* part : {"_label", "_inst", "_img"}) {
    const fs::path folder = data / (phase + part);
    fs::rename(folder / (from + ".png"), folder / (to + ".png"));
  }
}

}  // namespace

TEST_CASE("a run goes on with the arithmetic, the held-out pictures and the samples that it began with") {
  const TrainingCase the;
  const std::vector<Word> words = the.words("run", short_run), again = with(words, {"--resume"});
  REQUIRE(run("train", words).status == 0);
  const auto before = left_by(the.output("run"));
  check_refused(run("train", with(again, {"--precision", "bf16"})), 1, {"--precision was f32, now bf16"});
  check_refused(run("train", with(again, {"--evaluate-pictures", "1"})), 1, {"--evaluate-pictures was 50, now 1"});
  for (const std::string phase : {"train", "test"}) {
    CAPTURE(phase);
    rename_sample(the.data, phase, "scene_000001", "scene_000009");
    check_refused(run("train", again), 1,
                  {phase == "train" ? "other samples to train on" : "other held-out pictures", "same data"});
    rename_sample(the.data, phase, "scene_000009", "scene_000001");
  }
  const auto after = left_by(the.output("run"));
  CHECK(before == after);
  const Ended ended = run("train", again);
  CHECK_MESSAGE(ended.status == 0, ended.err);
}

TEST_CASE("a checkpoint of an older program, which did not say so much, is gone on from") {
  const TrainingCase the;
  const auto words = [&](const char* epochs) {
    return the.words("run", {"--epochs", epochs, "--decay-epochs", "0", "--pixel-weight", "1", "--log-every", "4"});
  };
  REQUIRE(run("train", words("1")).status == 0);
  change_sections(CheckpointFolder(the.output("run")).latest().value(), [](Metadata& metadata) {
    nlohmann::json options = nlohmann::json::parse(metadata.at("section.options"));
    for (const char* name : {"--precision", "--evaluate-pictures"}) REQUIRE(options.erase(name) == 1);
    metadata["section.options"] = options.dump();
    for (const char* name : {"section.training_samples", "section.held_out_samples"})
      REQUIRE(metadata.erase(name) == 1);
    metadata["section.log"] = "log 1 every 4 steps 0 0 0 0 0 0 0 step 0 epoch 0 rate 0 phase ";
  });
  const Ended ended = run("train", with(words("2"), {"--extend"}));
  CHECK_MESSAGE(ended.status == 0, ended.err);
  CHECK(fs::exists(the.output("run") / "checkpoint_000000012.safetensors"));
}

TEST_CASE("a run keeps a checkpoint to go back to from blobs, and says how") {
  const TrainingCase the;
  const std::vector<Word> words = the.words("run", {"--epochs", "4", "--decay-epochs", "0", "--keep", "1"});
  REQUIRE(run("train", words).status == 0);
  const CheckpointFolder checkpoints(the.output("run"), 1);
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{0, 6, 24});
  CHECK_FALSE(contains(slurp(the.output("run") / "report.html"), "--fine-tune"));
  // As if the pictures since step 18 had had a spot.
  change_sections(checkpoints.at(24), [](Metadata& metadata) {
    REQUIRE(metadata.contains("section.blob_alarm"));
    metadata["section.blob_alarm"] = "blobs 1 window 12 since 18 spots 1 40 12 5 1 pictures 0";
  });
  const Ended resumed = run("train", with(words, {"--resume"}));
  REQUIRE_MESSAGE(resumed.status == 0, resumed.err);
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{6, 24});
  const std::string page = slurp(the.output("run") / "report.html");
  for (const char* part :
       {"Since step 18 ", "--fine-tune ", "checkpoint_000000006.safetensors", "a --rate below 0.0002"})
    CHECK_MESSAGE(contains(page, part), part);
  const Ended tuned =
      run("train", with(the.words("tuned", short_run), {"--fine-tune", checkpoints.at(6), "--rate", "0.0001"}));
  CHECK_MESSAGE(tuned.status == 0, tuned.err);
}

TEST_CASE("a new run does not take the place of one whose checkpoints are gone") {
  const TrainingCase the;
  const std::vector<Word> words = the.words("run", short_run);
  REQUIRE(run("train", words).status == 0);
  for (const std::int64_t step : CheckpointFolder(the.output("run")).steps())
    fs::remove(CheckpointFolder(the.output("run")).at(step));
  const auto refused = [&](const std::vector<std::string>& parts) {
    const auto before = left_by(the.output("run"));
    check_refused(run("train", words), 1, parts);
    CHECK(left_by(the.output("run")) == before);
  };
  refused({"generator.safetensors", "would replace it"});
  fs::remove(the.output("run") / "generator.safetensors");
  refused({"steps.csv", "is the log of an earlier run"});
}

TEST_CASE("a run goes on with the weights of VGG-19 that it began with, in whatever container") {
  const TrainingCase the;
  Device device = cpu({.threads = 1});
  const auto vgg = [&](const char* name, std::uint64_t seed) {
    Vgg19 network;
    initialize(device, network, seed);
    save(device, network, the.folder / name);
    return the.folder / name;
  };
  const std::vector<Word> words = the.words("run", {"--epochs", "1", "--decay-epochs", "0", "--vgg", vgg("a.pth", 1)});
  REQUIRE(run("train", words).status == 0);
  const auto before = left_by(the.output("run"));
  check_refused(run("train", with(words, {"--epochs", "2", "--extend", "--vgg", vgg("b.pth", 2)})), 1,
                {"other weights of VGG-19", "b.pth", "Go on with the same"});
  const auto after = left_by(the.output("run"));
  CHECK(before == after);
  const Ended ended = run("train", with(words, {"--resume", "--vgg", vgg("a.safetensors", 1)}));
  CHECK_MESSAGE(ended.status == 0, ended.err);
}
