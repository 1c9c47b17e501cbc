#pragma once
/// What a person sees of a run: a line that moves, tables, a page, alarms.

#include <pix2pixhd/images/report.hpp>
#include <pix2pixhd/images/report_snapshots.hpp>
#include <pix2pixhd/training/alarms.hpp>
#include <pix2pixhd/training/training_curves.hpp>
#include <pix2pixhd/training/training_log.hpp>

#include <unistd.h>

#include "../pictures.hpp"
#include "run.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tools::train {

/// The last part of a folder's name, also of one that is written with a slash at its end.
inline std::string name_of(const fs::path& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

/// "1:02:03" or "2:03".
inline std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::max(seconds, 0.0) + 0.5);
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

  /// For a new run, or for one that goes on from a checkpoint with these sections.
  Reporting(const Run& run, std::optional<std::int64_t> resumed, const pix2pixhd::CheckpointSections& sections,
            int discriminators)
      : page_(run.options.output / "report.html"),
        log_(run.options.output, log_options(run, resumed, sections)),
        curves_("pixel difference"),
        discriminator_alarm_({.gan = run.options.training.gan, .scales = discriminators}),
        step_(resumed.value_or(0)),
        terminal_(::isatty(STDERR_FILENO) == 1) {
    if (!resumed) return;
    curves_.add_tables(run.options.output);
    if (sections.contains("discriminator_alarm")) discriminator_alarm_.restore(sections.at("discriminator_alarm"));
    if (sections.contains("blob_alarm")) blob_alarm_.restore(sections.at("blob_alarm"));
  }

  /// `mean_colours`: the figures to compare with.
  void begin_stage(const Run& run, const pix2pixhd::AugmentOptions& augment,
                   const std::optional<pix2pixhd::Figures>& mean_colours) {
    if (mean_colours) curves_.set_baseline(*mean_colours);
    curves_.begin_stage(run.first_step_of_stage());
    note(pix2pixhd::detail::sentence("stage ", run.position.stage + 1, " of ", run.stages.size(), ": depth ",
                                     run.stage().depth, ", ", run.stage().epochs(), " epochs of ",
                                     run.steps_per_epoch(), " steps"));
    seconds_ = 0;
    real_.clear();
    snapshots_.reset();
    if (!run.data.held_out) return;
    std::vector<pix2pixhd::ReportScene> shown;
    for (std::size_t i = 0; i < std::min(scenes, evaluated_pictures(run.data, run.options)); ++i) {
      const pix2pixhd::Sample sample = pix2pixhd::prepare(run.data.held_out->read(i), augment);
      shown.push_back({.caption = sample.name,
                       .label = picture_of_input(sample, run.data.held_out->classes()),
                       .real = sample.image});
      real_.push_back(*sample.image);
    }
    snapshots_.emplace(page_, shown, pix2pixhd::SnapshotOptions{.step = step_});
  }

  template <class Trainer>
  void step(const Run& run, const Trainer& trainer, const pix2pixhd::Losses& losses, float seconds) {
    seconds_ = seconds_ > 0 ? 0.95 * seconds_ + 0.05 * static_cast<double>(seconds) : static_cast<double>(seconds);
    step_ = trainer.steps();
    const pix2pixhd::StepRecord record{.step = trainer.steps(),
                                       .epoch = run.position.epoch,
                                       .phase = run.stage().phase(run.position.epoch),
                                       .rate = static_cast<float>(trainer.learning_rate()),
                                       .gan = losses.gan,
                                       .matching = losses.matching,
                                       .perceptual = losses.perceptual,
                                       .real = losses.real,
                                       .fake = losses.fake,
                                       .own = losses.own,
                                       .seconds = seconds};
    log_.add(record);
    curves_.add(record);
    if (const auto alarm =
            discriminator_alarm_.add(trainer.steps(), {.gan = losses.gan, .real = losses.real, .fake = losses.fake}))
      note(*alarm);
    show_line(run, record);
    const auto now = std::chrono::steady_clock::now();
    if (now - written_ >= std::chrono::seconds(10)) write_page(run, true, "");
  }

  void evaluation(const Run& run, std::int64_t step, const pix2pixhd::Figures& figures,
                  const std::vector<pix2pixhd::ImageArray>& pictures) {
    log_.add({.step = step, .figures = figures});
    curves_.add({.step = step, .figures = figures});
    note(pix2pixhd::detail::sentence(run.stage().phase(run.position.epoch - 1), ", epoch ", run.position.epoch,
                                     ", step ", step, ": held out: ", to_string(figures)));
    for (std::size_t i = 0; i < pictures.size(); ++i)
      if (const auto alarm = blob_alarm_.add(step, pictures[i], &real_.at(i))) note(*alarm + blob_advice(run));
    if (snapshots_) snapshots_->add(step, pictures);
    write_page(run, true, "");
  }

  /// For a checkpoint. All lines of the tables are on the disk afterwards.
  pix2pixhd::CheckpointSections sections() {
    log_.sync();
    return {{"log", log_.state()},
            {"discriminator_alarm", discriminator_alarm_.state()},
            {"blob_alarm", blob_alarm_.state()}};
  }

  /// A checkpoint from before this step is what to go back to from blobs.
  std::optional<std::int64_t> needed_from() const { return blob_alarm_.since(); }

  void finish(const Run& run, std::int64_t steps) {
    log_.finish();
    write_page(run, false, "Training is complete.");
    note(pix2pixhd::detail::sentence("finished after ", steps, " steps: ",
                                     (run.options.output / "generator.safetensors").string(), ", ", page_.string()));
  }
  void stopped(const Run& run, std::int64_t steps) {
    write_page(run, false, "Stopped; --resume goes on.");
    note(pix2pixhd::detail::sentence("stopped after step ", steps, "; the same command ", run.options.to_go_on(),
                                     "goes on"));
  }
  /// Throws nothing: where the page cannot be written either, `why` is still what matters.
  void failed(const Run& run, const char* why) noexcept {
    try {
      write_page(run, false, why);
    } catch (...) {
    }
  }

 private:
  static pix2pixhd::TrainingLogOptions log_options(const Run& run, std::optional<std::int64_t> resumed,
                                                   const pix2pixhd::CheckpointSections& sections) {
    pix2pixhd::TrainingLogOptions options{.every = run.options.log_every, .own = run.options.pixel_weight > 0};
    if (!resumed) return options;
    options.resume = resumed;
    const auto state = sections.find("log");
    if (state != sections.end()) options.state = state->second;
    return options;
  }

  /// A line that stays.
  void note(const std::string& text) { std::fprintf(stderr, "%s%s\n", terminal_ ? "\r\033[K" : "", text.c_str()); }

  double seconds_left(const Run& run) const { return seconds_ * static_cast<double>(run.last_step_of_stage() - step_); }

  /// How this tool does what the blob alarm advises, where there is a checkpoint that it can be done with.
  std::string blob_advice(const Run& run) const {
    if (!blob_alarm_.active()) return {};
    const auto step = run.checkpoints.newest_before(blob_alarm_.since().value());
    if (!step || !run.for_fine_tuning(*step)) return {};
    return pix2pixhd::detail::sentence(" That is: --fine-tune ", run.checkpoints.at(*step).string(),
                                       ", with a --rate below ", run.options.rate.rate, " and another --output.");
  }

  void show_line(const Run& run, const pix2pixhd::StepRecord& record) const {
    if (!terminal_) return;
    char own[40] = "";
    if (run.options.pixel_weight > 0) std::snprintf(own, sizeof own, ", pixels %.3f", static_cast<double>(record.own));
    std::fprintf(
        stderr,
        "\r\033[K%s, epoch %lld/%d, step %lld of %lld, %.2f s a step, %s left%s | G %.3f, matching %.3f, perceptual "
        "%.3f%s, D real %.3f, fake %.3f",
        record.phase.c_str(), static_cast<long long>(record.epoch) + 1, run.stage().epochs(),
        static_cast<long long>(record.step), static_cast<long long>(run.last_step()), seconds_,
        clock_text(seconds_left(run)).c_str(), run.stages.size() > 1 ? " of this stage" : "",
        static_cast<double>(record.gan), static_cast<double>(record.matching), static_cast<double>(record.perceptual),
        own, static_cast<double>(record.real), static_cast<double>(record.fake));
    std::fflush(stderr);
  }

  void write_page(const Run& run, bool running, const std::string& how_it_ended) {
    pix2pixhd::TrainingReport report{.title = "Training of " + name_of(run.options.output)};
    const int last_epoch = std::min(run.position.epoch, run.stage().epochs() - 1);
    report.state = {.phase = run.stage().phase(last_epoch),
                    .step = step_,
                    .steps = run.last_step(),
                    .seconds_per_step = seconds_,
                    .running = running,
                    .note = how_it_ended};
    if (running && seconds_ > 0 && run.stages.size() == 1) report.state.seconds_left = seconds_left(run);
    for (const std::string& alarm : {discriminator_alarm_.message(), blob_alarm_.message() + blob_advice(run)})
      if (!alarm.empty()) report.alarms.push_back(alarm);
    report.figures = curves_.figures();
    report.charts = curves_.charts();
    if (snapshots_) report.pictures = snapshots_->rows();
    report.settings.push_back({"device", run.device.name() + ", " + run.device.description()});
    report.settings.push_back({"data", run.options.data.string()});
    for (const auto& [name, value] : run.options.identity()) report.settings.push_back({name, value});
    pix2pixhd::write_report(page_, report);
    written_ = std::chrono::steady_clock::now();
  }

  fs::path page_;
  pix2pixhd::TrainingLog log_;
  pix2pixhd::TrainingCurves curves_;
  pix2pixhd::DiscriminatorAlarm discriminator_alarm_;
  pix2pixhd::BlobAlarm blob_alarm_;
  std::optional<pix2pixhd::ReportSnapshots> snapshots_;
  std::vector<pix2pixhd::ImageArray> real_;  ///< of the scenes that are shown
  std::int64_t step_ = 0;                    ///< steps made so far
  std::chrono::steady_clock::time_point written_{};
  double seconds_ = 0;
  bool terminal_;
};

}  // namespace tools::train
