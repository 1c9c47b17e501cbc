#pragma once
/// What a person sees of a run: a line that moves, tables, a page.

#include <pix2pixhd/images/palette.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/training/training_log.hpp>

#include <unistd.h>

#include "run.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace tools::train {

/// "1:02:03" or "2:03".
inline std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  char text[40];
  if (whole >= 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
  return text;
}

class Reporting {
 public:
  /// Held-out scenes whose pictures are shown.
  static constexpr std::size_t scenes = 4;

  Reporting(const Run& run, std::optional<std::int64_t> resumed, const pix2pixhd::CheckpointSections& sections)
      : log_(run.options.output, log_options(run, resumed, sections)), terminal_(::isatty(STDERR_FILENO) == 1) {}

  void begin_stage(const Run& run, const pix2pixhd::AugmentOptions&) {
    clear_line();
    std::fprintf(stderr, "stage %d of %zu: depth %d, %d epochs of %lld steps\n", run.position.stage + 1,
                 run.stages.size(), run.stage().depth, run.stage().epochs(),
                 static_cast<long long>(run.steps_per_epoch()));
  }

  template <class Trainer>
  void step(const Run& run, const Trainer& trainer, const pix2pixhd::Losses& losses, float seconds) {
    seconds_ = seconds_ > 0 ? 0.95 * seconds_ + 0.05 * static_cast<double>(seconds) : static_cast<double>(seconds);
    const pix2pixhd::Stage& stage = run.stage();
    log_.add({.step = trainer.steps(),
              .epoch = run.position.epoch,
              .phase = stage.phase(run.position.epoch),
              .rate = static_cast<float>(trainer.learning_rate()),
              .gan = losses.gan,
              .matching = losses.matching,
              .perceptual = losses.perceptual,
              .real = losses.real,
              .fake = losses.fake,
              .seconds = seconds});
    if (!terminal_) return;
    const double left = seconds_ * static_cast<double>(run.last_step_of_stage() - trainer.steps());
    std::fprintf(stderr,
                 "\r\033[K%s, epoch %d/%d, step %lld of %lld, %.2f s a step, %s left%s | G %.3f, matching %.3f%s, "
                 "D real %.3f, fake %.3f",
                 stage.phase(run.position.epoch).c_str(), run.position.epoch + 1, stage.epochs(),
                 static_cast<long long>(trainer.steps()), static_cast<long long>(run.last_step()), seconds_,
                 clock_text(left > 0 ? left : 0).c_str(), run.stages.size() > 1 ? " of this stage" : "",
                 static_cast<double>(losses.gan), static_cast<double>(losses.matching), "",
                 static_cast<double>(losses.real), static_cast<double>(losses.fake));
    std::fflush(stderr);
    line_ = true;
  }

  void evaluation(const Run& run, std::int64_t step, const pix2pixhd::Figures& figures,
                  const std::vector<pix2pixhd::ImageArray>&) {
    log_.add({.step = step, .figures = figures});
    clear_line();
    std::fprintf(stderr, "%s, epoch %d, step %lld: held out: %s\n", run.stage().phase(run.position.epoch - 1).c_str(),
                 run.position.epoch, static_cast<long long>(step), to_string(figures).c_str());
  }

  /// For a checkpoint. All lines are on the disk afterwards.
  pix2pixhd::CheckpointSections sections() {
    log_.sync();
    return {{"log", log_.state()}};
  }

  void finish(const Run& run, std::int64_t steps) {
    log_.finish();
    clear_line();
    std::fprintf(stderr, "finished after %lld steps: %s\n", static_cast<long long>(steps),
                 (run.options.output / "generator.safetensors").c_str());
  }
  void stopped(const Run& run, std::int64_t steps) {
    clear_line();
    std::fprintf(stderr, "stopped after step %lld; go on with --resume --output %s\n", static_cast<long long>(steps),
                 run.options.output.c_str());
  }

  void clear_line() {
    if (line_) std::fputs("\r\033[K", stderr);
    line_ = false;
  }

 private:
  static pix2pixhd::TrainingLogOptions log_options(const Run& run, std::optional<std::int64_t> resumed,
                                                   const pix2pixhd::CheckpointSections& sections) {
    pix2pixhd::TrainingLogOptions options{.every = run.options.log_every};
    if (resumed) {
      options.resume = resumed;
      options.state = sections.at("log");
    }
    return options;
  }

  pix2pixhd::TrainingLog log_;
  bool terminal_, line_ = false;
  double seconds_ = 0;
};

}  // namespace tools::train
