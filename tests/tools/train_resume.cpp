/// Interrupted runs of the tool train: whatever happens, they end as one that was never interrupted.

#include "train_case.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

using namespace tool_testing;

namespace {

const std::vector<Word> schedule = {
    "--epochs",           "1", "--decay-epochs", "1", "--frozen-epochs", "1", "--average",   "0.9", "--pool",     "2",
    "--checkpoint-every", "2", "--keep",         "2", "--accumulate",    "2", "--log-every", "2",   "--features", "2"};

}  // namespace

TEST_CASE("a run that is killed at any moment goes on bit for bit") {
  const TrainingCase the;
  const auto words = [&](const char* name) { return the.words(name, schedule, "demo_enhanced"); };
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(run("train", words("whole")).status == 0);
  const std::chrono::duration<double> whole = std::chrono::steady_clock::now() - begin;

  const RandomStream random(11, "moments");
  int kills = 0;
  for (std::uint64_t attempt = 0;; ++attempt) {
    REQUIRE(attempt < 200);
    const bool begun = CheckpointFolder(the.output("killed")).latest().has_value();
    RunningTool tool("train", begun ? with(words("killed"), {"--resume"}) : words("killed"), the.folder / "errors");
    // After a while the moments come later, so that it ends however slow the machine is.
    const double moment = random.uniform(attempt) * whole.count() * (0.3 + 0.05 * static_cast<double>(attempt));
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(moment);
    tool.wait_until([&] { return std::chrono::steady_clock::now() >= end; });
    if (!tool.ended()) {
      tool.send(SIGKILL);
      tool.wait();
      ++kills;
      continue;
    }
    CAPTURE(slurp(the.folder / "errors"));
    REQUIRE(tool.wait() == 0);
    break;
  }
  CHECK(kills >= 3);
  check_same_run(the.output("killed"), the.output("whole"));
}

TEST_CASE("what a run still owed to its last checkpoint when it was killed is done when it goes on") {
  const TrainingCase the;
  const auto words = [&](const char* name) { return the.words(name, schedule, "demo_enhanced"); };
  REQUIRE(run("train", words("whole")).status == 0);
  fs::copy(the.output("whole"), the.output("cut"), fs::copy_options::recursive);
  const fs::path cut = the.output("cut"), last = CheckpointFolder(cut).latest().value();
  std::vector<const char*> owed = {"generator.safetensors", "encoder.safetensors"};
  if (slurp(last) == slurp(cut / "best_checkpoint.safetensors"))
    owed.insert(owed.end(), {"best_generator.safetensors", "best_encoder.safetensors", "best_checkpoint.safetensors"});
  for (const char* name : owed) REQUIRE(fs::remove(cut / name));
  const Ended resumed = run("train", with(words("cut"), {"--resume"}));
  CAPTURE(resumed.err);
  REQUIRE(resumed.status == 0);
  check_same_run(cut, the.output("whole"));
}

TEST_CASE("an interrupt stops after the step, with a checkpoint, and the run goes on bit for bit") {
  const TrainingCase the;
  const std::vector<Word> words = {"--epochs", "3", "--decay-epochs", "3", "--average", "0.5"};
  REQUIRE(run("train", the.words("whole", words)).status == 0);
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string name = "stopped" + std::to_string(signal);
    RunningTool tool("train", the.words(name, words), the.folder / "errors");
    tool.wait_until([&] {
      if (!fs::exists(the.output(name) / "steps.csv")) return false;
      const std::string steps = slurp(the.output(name) / "steps.csv");
      return std::count(steps.begin(), steps.end(), '\n') > 4;
    });
    tool.send(signal);
    CHECK(tool.wait() == 0);
    CHECK(contains(slurp(the.folder / "errors"), "the same command with --resume goes on"));
    const Ended resumed = run("train", with(the.words(name, words), {"--resume"}));
    CAPTURE(resumed.err);
    REQUIRE(resumed.status == 0);
    check_same_run(the.output(name), the.output("whole"));
  }
}

TEST_CASE("a run that began from weights and is stopped says which option takes the place of which") {
  const TrainingCase the;
  REQUIRE(run("train", the.words("first", {"--epochs", "1", "--decay-epochs", "0"})).status == 0);
  const fs::path weights = the.output("first") / "generator.safetensors";
  RunningTool tool("train", the.words("tuned", {"--fine-tune", weights, "--epochs", "100"}), the.folder / "errors");
  tool.wait_until([&] { return fs::exists(the.output("tuned") / "steps.csv"); });
  tool.send(SIGINT);
  CHECK(tool.wait() == 0);
  CHECK(contains(slurp(the.folder / "errors"), "the same command with --resume in place of --fine-tune goes on"));
}

TEST_CASE("extending a run is as if it had been meant to be longer") {
  const TrainingCase the;
  const auto epochs = [](const char* count) { return std::vector<Word>{"--epochs", count, "--decay-epochs", "0"}; };
  REQUIRE(run("train", the.words("long", epochs("3"))).status == 0);
  REQUIRE(run("train", the.words("short", epochs("2"))).status == 0);
  const Ended resumed = run("train", with(the.words("short", epochs("3")), {"--resume"}));
  check_refused(resumed, 1, {"--epochs was 2, now 3", "--extend"});
  const Ended extended = run("train", with(the.words("short", epochs("3")), {"--extend"}));
  CAPTURE(extended.err);
  REQUIRE(extended.status == 0);
  auto got = left_by(the.output("short")), expected = left_by(the.output("long"));
  CHECK(got["generator.safetensors"] == expected["generator.safetensors"]);
  CHECK(got["checkpoint_000000018.safetensors"] == expected["checkpoint_000000018.safetensors"]);
  CHECK(got["steps.csv"] == expected["steps.csv"]);
  check_refused(run("train", with(the.words("short", epochs("1")), {"--extend"})), 1, {"give at least as many"});
}

TEST_CASE("a run is the same whoever loads its pictures") {
  const TrainingCase c;
  const std::vector<Word> more = {"--epochs", "1", "--decay-epochs", "0", "--batch", "2"};
  for (const char* threads : {"1", "5"}) {
    const Ended ended = run("train", with(c.words(threads, more), {"--load-threads", threads}));
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
  }
  check_same_run(c.output("5"), c.output("1"));
}

TEST_CASE("on a GPU, whose steps are recorded and whose pictures several threads load, a run goes on bit for bit") {
  const TrainingCase c;
  const auto train = [&](const char* name, const std::vector<Word>& more) {
    const Ended ended = run_with_gpu("train", with(c.words(name, {"--epochs", "2", "--decay-epochs", "0"}), more));
    REQUIRE_MESSAGE(ended.status == 0, ended.err);
  };
  train("whole", {});
  train("extended", {"--epochs", "1"});
  train("extended", {"--extend"});
  auto got = left_by(c.output("extended")), expected = left_by(c.output("whole"));
  for (const char* file : {"generator.safetensors", "checkpoint_000000012.safetensors", "steps.csv"}) {
    CAPTURE(file);
    REQUIRE(expected.contains(file));
    CHECK(got[file] == expected[file]);
  }
}

TEST_CASE("an extended run freezes nothing again, and its steps are counted on") {
  const TrainingCase the;
  // A step is an epoch. Of one epoch none is frozen; if the run had begun with eight, the first two would be.
  const auto words = [&](const char* epochs, const std::vector<Word>& more = {}) {
    return with(the.words("run", {"--epochs", epochs, "--decay-epochs", "0", "--batch", "6"}, "demo_enhanced"), more);
  };
  REQUIRE(run("train", words("1")).status == 0);
  const Ended extended = run("train", words("8", {"--extend"}));
  CAPTURE(extended.err);
  REQUIRE(extended.status == 0);
  const fs::path folder = the.output("run");
  const std::string steps = slurp(folder / "steps.csv");
  CHECK(contains(steps, "\n1,0,G1,"));
  for (int epoch = 0; epoch < 8; ++epoch) {
    const std::string line = "\n" + std::to_string(2 + epoch) + "," + std::to_string(epoch) + ",joint 1,";
    CHECK_MESSAGE(contains(steps, line), line);
  }
  CHECK(contains(slurp(folder / "report.html"), "step 9 of 9"));
  // The checkpoint says so too, whatever the options would make of it now.
  const auto before = left_by(folder);
  const Ended resumed = run("train", words("8", {"--resume"}));
  CAPTURE(resumed.err);
  CHECK(resumed.status == 0);
  CHECK(contains(slurp(folder / "report.html"), "step 9 of 9"));
  const auto after = left_by(folder);
  CHECK(before == after);
}

TEST_CASE("a run's folder is not written over, and a run is resumed with its own options only") {
  const TrainingCase the;
  const std::vector<Word> words = the.words("run", {"--epochs", "1", "--decay-epochs", "0"});
  REQUIRE(run("train", words).status == 0);
  const auto before = left_by(the.output("run"));
  check_refused(run("train", words), 1, {"holds a training run", "--resume", "--extend"});
  check_refused(run("train", with(words, {"--resume", "--gan", "hinge", "--seed", "4"})), 1,
                {"--gan was least_squares, now hinge", "--seed was 3, now 4"});
  check_refused(run("train", with(words, {"--resume", "--no-instances"})), 1, {"--no-instances was 0, now 1"});
  const auto after = left_by(the.output("run"));
  CHECK(before == after);
  CHECK(run("train", with(words, {"--resume"})).status == 0);  // it is at its end: nothing is left to do
  const fs::path last = CheckpointFolder(the.output("run")).latest().value();
  fs::resize_file(last, 100);
  check_refused(run("train", with(words, {"--resume"})), 1, {"truncated", "Move this checkpoint out of the folder"});
}

TEST_CASE("a disk that is full while saving leaves the older checkpoints whole") {
  const TrainingCase the;
  const std::vector<Word> words = the.words("run", {"--epochs", "2", "--decay-epochs", "0"});
  // The first checkpoint, without moments, fits into the limit; later ones do not.
  std::string command = "trap '' XFSZ; ulimit -f 12000; exec " + shell_word(std::string(PIX2PIXHD_TOOLS) + "/train");
  for (const Word& word : words) command += " " + shell_word(word.text);
  command = "bash -c " + shell_word(command) + " 2> " + shell_word((the.folder / "errors").string());
  const int status = std::system(command.c_str());
  CHECK(WEXITSTATUS(status) == 1);
  const std::string errors = slurp(the.folder / "errors");
  CHECK_MESSAGE(contains(errors, "checkpoint_000000006.safetensors"), errors);
  CHECK(CheckpointFolder(the.output("run")).steps() == std::vector<std::int64_t>{0});
  const Ended resumed = run("train", with(words, {"--resume"}));
  CAPTURE(resumed.err);
  REQUIRE(resumed.status == 0);
  REQUIRE(run("train", the.words("whole", {"--epochs", "2", "--decay-epochs", "0"})).status == 0);
  check_same_run(the.output("run"), the.output("whole"));
}

TEST_CASE("values that are not finite end training; the last good checkpoint stays") {
  const TrainingCase the;
  const std::vector<Word> words =
      the.words("run", {"--epochs", "9", "--decay-epochs", "0", "--rate", "1e18", "--checkpoint-every", "1"});
  const Ended ended = run("train", words);
  check_refused(ended, 1, {"not finite"});
  CHECK(CheckpointFolder(the.output("run")).latest());
}
