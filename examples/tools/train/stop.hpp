#pragma once
/// Ending by a signal, between two steps.

#include <atomic>
#include <csignal>

namespace tools::train {

/// Catches SIGINT and SIGTERM for as long as it lives. The first one is a request that is answered when it suits; a
/// second one ends the program at once.
class StopOnSignal {
 public:
  StopOnSignal() {
    struct sigaction action {};
    action.sa_handler = [](int) { flag() = true; };
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // SA_RESETHAND is the sign bit
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &old_interrupt_);
    sigaction(SIGTERM, &action, &old_terminate_);
  }
  ~StopOnSignal() {
    sigaction(SIGINT, &old_interrupt_, nullptr);
    sigaction(SIGTERM, &old_terminate_, nullptr);
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  bool requested() const { return flag(); }

 private:
  static std::atomic<bool>& flag() {
    static std::atomic<bool> requested{false};
    return requested;
  }

  struct sigaction old_interrupt_ {
  }, old_terminate_{};
};

}  // namespace tools::train
