#pragma once
/// A tool that runs beside the test, to be interrupted.

#include "tool_testing.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

extern char** environ;

namespace tool_testing {

/// A program of the build that was started with these words; its stderr goes to a file, its stdout nowhere or to one.
class RunningTool {
 public:
  RunningTool(const std::string& tool, const std::vector<Word>& words, const fs::path& errors,
              const fs::path& output = "/dev/null") {
    std::vector<std::string> texts{std::string(PIX2PIXHD_TOOLS).append("/").append(tool)};
    for (const Word& word : words) texts.push_back(word.text);
    std::vector<char*> arguments;
    for (std::string& text : texts) arguments.push_back(text.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    REQUIRE(posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
  }
  ~RunningTool() {
    if (process_ > 0) {
      send(SIGKILL);
      wait();
    }
  }
  RunningTool(const RunningTool&) = delete;
  RunningTool& operator=(const RunningTool&) = delete;

  pid_t process() const { return process_; }
  void send(int signal) const { kill(process_, signal); }
  /// Whether it has ended.
  bool ended() {
    if (process_ > 0 && waitpid(process_, &status_, WNOHANG) == process_) process_ = 0;
    return process_ == 0;
  }
  /// The exit status, or -1 if a signal ended it.
  int wait() {
    if (process_ > 0) waitpid(process_, &status_, 0);
    process_ = 0;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }
  /// Waits until `condition` holds or the tool has ended.
  template <class Condition>
  void wait_until(Condition&& condition) {
    while (!ended() && !condition()) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

 private:
  pid_t process_ = 0;
  int status_ = 0;
};

}  // namespace tool_testing
