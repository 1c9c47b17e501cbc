#pragma once
/// A progress bar on stderr.

#include <unistd.h>

#include <cstdio>
#include <string>
#include <utility>

namespace tools {

/// Shows how far a piece of work is, and leaves no trace of itself. Shows nothing where stderr is no terminal.
class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)), shown_(::isatty(STDERR_FILENO) == 1) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// Whether anything is shown.
  bool shown() const { return shown_; }

  /// `fraction` is between 0 and 1.
  void operator()(double fraction) {
    const int percent = static_cast<int>(fraction * 100);
    if (!shown_ || percent == percent_) return;
    percent_ = percent;
    constexpr int width = 40;
    const auto full = static_cast<std::size_t>(percent * width / 100);
    const std::string bar = std::string(full, '#') + std::string(width - full, '.');
    std::fprintf(stderr, "\r%s [%s] %3d %%", what_.c_str(), bar.c_str(), percent);
    std::fflush(stderr);
  }

  /// Takes the bar away.
  void clear() {
    if (percent_ < 0) return;
    std::fputs("\r\033[K", stderr);
    percent_ = -1;
  }

 private:
  std::string what_;
  bool shown_;
  int percent_ = -1;
};

}  // namespace tools
