/// Checkpoints in a folder: names, how many are kept, the best one.

#include "training_run.hpp"

#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/store/state_dict.hpp>
#include <pix2pixhd/training/checkpoint_folder.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace tests;

namespace {

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("the last checkpoints stay, in the order of their steps") {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path() / "run", 2);
  CHECK_FALSE(checkpoints.latest());
  for (const std::int64_t step : {5, 20, 100}) {
    write(checkpoints.at(step), std::to_string(step));
    checkpoints.saved(step);
  }
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{20, 100});
  CHECK(checkpoints.latest() == checkpoints.at(100));
}

TEST_CASE("there is always a checkpoint from before the window, and never a very old one") {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path(), 1);
  CHECK_FALSE(checkpoints.newest_before(9));
  constexpr std::int64_t window = 6;
  for (std::int64_t step = 0; step <= 60; ++step) {
    write(checkpoints.at(step), "a checkpoint");
    const std::int64_t from = std::max<std::int64_t>(step - window + 1, 1);
    if (step % 4 == 3) continue;  // what is owed for this one is made good with the next
    checkpoints.saved(step, CheckpointWindow{.begin = from});
    const auto all = checkpoints.steps();
    CAPTURE(step);
    CHECK(all.size() <= 3);
    CHECK(all.back() == step);
    if (step == 0) continue;
    REQUIRE(checkpoints.newest_before(from));
    CHECK(*checkpoints.newest_before(from) == all.front());
    CHECK(step - all.front() <= 2 * window + 1);
  }
  checkpoints.saved(60);
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{60});
}

TEST_CASE("the checkpoint before the window stays for as long as the window does") {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path(), 2);
  for (std::int64_t step = 10; step <= 90; step += 10) {
    write(checkpoints.at(step), "a checkpoint");
    for (int again = 0; again < 2; ++again) checkpoints.saved(step, CheckpointWindow{.begin = 25, .every = 10});
    if (step == 20) write(checkpoints.at(24), "of an interrupt");
  }
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{20, 30, 80, 90});
  CHECK(checkpoints.newest_before(30) == 20);
  CHECK(checkpoints.newest_before(31) == 30);
}

TEST_CASE("nothing is removed before a newer one is there, nor anything else in the folder") {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path(), 1);
  for (const char* name : {"checkpoint_x.safetensors", "checkpoint_3.txt", "notes.txt", "checkpoint_-3.safetensors"})
    write(folder.path() / name, "mine");
  write(checkpoints.at(1), "1");
  CHECK_THROWS_AS(checkpoints.saved(2), Error);
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{1});
  write(checkpoints.at(2), "2");
  checkpoints.saved(2);
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{2});
  for (const char* name : {"checkpoint_x.safetensors", "checkpoint_3.txt", "notes.txt", "checkpoint_-3.safetensors"})
    CHECK(std::filesystem::exists(folder.path() / name));
}

TEST_CASE("only names that a checkpoint is given count as one") {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path(), 1);
  const std::vector<std::string> others = {"checkpoint_5.safetensors", "checkpoint_0000000005.safetensors",
                                           "checkpoint_00000000000000000009.safetensors"};
  for (const std::string& name : others) write(folder.path() / name, "mine");
  CHECK(checkpoints.steps().empty());
  CHECK_FALSE(checkpoints.latest());
  for (const std::int64_t step : {std::int64_t{3}, std::int64_t{12'345'678'901}}) {
    write(checkpoints.at(step), "a checkpoint");
    checkpoints.saved(step);
    CHECK(checkpoints.latest() == checkpoints.at(step));
  }
  CHECK(checkpoints.steps() == std::vector<std::int64_t>{12'345'678'901});
  for (const std::string& name : others) CHECK(read(folder.path() / name) == "mine");
}

TEST_CASE("a folder that cannot be read is an Error that names it") {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path() / "run");
  std::filesystem::remove(folder.path() / "run");
  const std::string place = (folder.path() / "run").string();
  CHECK_THROWS_WITH_AS(checkpoints.steps(), doctest::Contains(place.c_str()), Error);
  CHECK_THROWS_WITH_AS(checkpoints.latest(), doctest::Contains("cannot be read"), Error);
}

TEST_CASE("the best checkpoint outlives the others") {
  const TemporaryFolder folder;
  const CheckpointFolder checkpoints(folder.path(), 1);
  for (const std::int64_t step : {1, 2, 3}) {
    write(checkpoints.at(step), std::to_string(step));
    checkpoints.saved(step);
    if (step == 2) checkpoints.mark_best(2);
  }
  CHECK(read(checkpoints.best()) == "2");
  CHECK_THROWS_WITH_AS(checkpoints.mark_best(2), doctest::Contains("cannot be read; it is gone"), Error);
  CHECK(read(checkpoints.best()) == "2");
  for (int again = 0; again < 2; ++again) checkpoints.mark_best(3);
  CHECK(!std::filesystem::exists(checkpoints.best().string() + ".new"));
  CHECK(read(checkpoints.best()) == "3");
}

TEST_CASE("unsuitable places are refused") {
  const TemporaryFolder folder;
  write(folder.path() / "file", "");
  CHECK_THROWS_WITH_AS(CheckpointFolder(folder.path() / "file"), doctest::Contains("choose another place"), Error);
  CHECK_THROWS_WITH_AS(CheckpointFolder(folder.path(), 0), doctest::Contains("at least one"), Error);
}

TEST_CASE("sections can be read before the networks are known") {
  const TemporaryFolder folder;
  Run run(cpu({.threads = 1}), {});
  run.trainer.save(folder.path() / "state", {{"stage", "1"}, {"sampler", "x y"}});
  CHECK(read_sections(folder.path() / "state") == CheckpointSections{{"stage", "1"}, {"sampler", "x y"}});
  save(run.device, run.generator, folder.path() / "weights");
  CHECK_THROWS_WITH_AS(read_sections(folder.path() / "weights"), doctest::Contains("not a checkpoint"), Error);
}
