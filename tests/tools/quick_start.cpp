/// examples/quick_start.sh after Control-C, with stand-ins for what it builds and runs.

#include "tool_testing.hpp"

#include <cstdlib>
#include <string>

using namespace tool_testing;

namespace {

/// A folder in which the script runs with programs that only say that they were called.
struct ScriptCase {
  TemporaryFolder folder;
  fs::path root = folder / "root", bin = root / "build" / "release" / "bin";

  ScriptCase() {
    for (const fs::path& path : {root / "examples", root / "cmake", root / "stand_in", bin})
      fs::create_directories(path);
    fs::copy(fs::path(PIX2PIXHD_TEST_DATA).parent_path().parent_path() / "examples" / "quick_start.sh",
             root / "examples");
    spill(root / "cmake" / "build.sh", "configure() { :; }\njob_count() { echo 1; }\n");
    program(root / "stand_in" / "cmake", "");
    for (const char* tool : {"street_scene", "evaluate", "synthesize"})
      program(bin / tool, std::string("echo called ") + tool);
  }

  static void program(const fs::path& path, const std::string& lines) {
    spill(path, "#!/bin/sh\n" + lines + "\n");
    fs::permissions(path, fs::perms::owner_all);
  }

  /// Runs the script with a `train` that does this.
  Ended run(const std::string& lines) const {
    program(bin / "train", "mkdir run\n" + lines);
    const std::string command = "PATH=" + shell_word((root / "stand_in").string()) + ":\"$PATH\" bash " +
                                shell_word((root / "examples" / "quick_start.sh").string()) + " --no-install > " +
                                shell_word((folder / "out").string()) + " 2> " + shell_word((folder / "err").string());
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(folder / "out"), slurp(folder / "err")};
  }
};

}  // namespace

TEST_CASE("quick_start: training that was stopped is not evaluated, and how to go on is said") {
  const ScriptCase script;
  const Ended whole = script.run("touch run/generator.safetensors");
  CHECK_MESSAGE(whole.status == 0, whole.err);
  CHECK(contains(whole.out, "called evaluate"));

  // `train` ends in order after Control-C, which its shell hears too, and after a signal of its own.
  for (const char* stop :
       {"touch run/checkpoint_000000001.safetensors; kill -INT $PPID", "touch run/checkpoint_000000001.safetensors"}) {
    const Ended stopped = script.run(stop);
    CAPTURE(stopped.err);
    CHECK(stopped.status == 130);
    CHECK_FALSE(contains(stopped.out, "called evaluate"));
    CHECK(contains(stopped.out, "--average 0.98 --resume"));
    CHECK(contains(stopped.out, "evaluate --preset demo --weights run/best_generator.safetensors"));
  }
  const Ended early = script.run("kill -INT $PPID");
  CHECK(early.status == 130);
  CHECK(contains(early.out, "no checkpoint yet"));
  CHECK_FALSE(contains(early.out, "--resume"));
}
