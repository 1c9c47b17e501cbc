#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/state_text.hpp>
#include <pix2pixhd/training/training_log.hpp>

#include <span>
#include <system_error>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The bytes of a table that belong to steps up to `last`. `parse` throws where a line is damaged.
template <class Parse>
std::uint64_t bytes_up_to(CsvReader& reader, std::int64_t last, Parse&& parse) {
  std::uint64_t bytes = reader.position();
  std::int64_t before = 0;
  while (reader.next()) {
    const std::int64_t step = parse(reader).step;
    if (step < before) reader.fail(sentence("step ", step, " comes after step ", before));
    before = step;
    if (step <= last) bytes = reader.position();
  }
  return bytes;
}

}  // namespace detail

PIX2PIXHD_INLINE TrainingLog::TrainingLog(const std::filesystem::path& folder, const TrainingLogOptions& options)
    : folder_(folder), every_(options.every), own_(options.own) {
  detail::require(every_ >= 1, "TrainingLogOptions::every is ", every_, "; it must be at least 1.");
  if (!options.state.empty()) restore(options.state);
  if (options.resume)
    open_old(*options.resume);
  else
    open_new();
}

PIX2PIXHD_INLINE void TrainingLog::open_new() {
  const std::filesystem::path steps = steps_file(folder_), evaluations = evaluations_file(folder_);
  for (const std::filesystem::path& path : {steps, evaluations}) {
    const bool lines = detail::has_bytes(path) && detail::CsvReader(path).next();
    detail::require(!lines, path, " is the log of an earlier run; resume that run, or choose another folder.");
  }
  steps_.emplace(steps, detail::step_columns(own_));
  std::error_code ignored;
  std::filesystem::remove(evaluations, ignored);  // It has no lines, and perhaps other columns.
}

PIX2PIXHD_INLINE void TrainingLog::open_old(std::int64_t step) {
  const std::filesystem::path steps = steps_file(folder_), evaluations = evaluations_file(folder_);
  std::optional<std::uint64_t> kept_steps, kept_evaluations;
  if (detail::has_bytes(steps)) {
    detail::CsvReader reader = detail::open_steps(folder_);
    own_ = detail::has_own(reader);
    // A line for the pending steps may stand there already: their phase may have ended before the run did.
    kept_steps = detail::bytes_up_to(reader, step - pending_.steps, detail::step_at);
  }
  if (detail::has_bytes(evaluations)) {
    detail::CsvReader reader = detail::open_evaluations(folder_);
    const std::uint64_t header = reader.position();
    kept_evaluations = detail::bytes_up_to(reader, step, detail::evaluation_at);
    if (kept_evaluations > header) evaluation_columns_ = reader.columns();
  }
  // Both tables are known to be whole before the first is changed.
  if (kept_steps)
    steps_.emplace(steps, *kept_steps);
  else
    steps_.emplace(steps, detail::step_columns(own_));
  if (kept_evaluations) evaluations_.emplace(evaluations, *kept_evaluations);
}

PIX2PIXHD_INLINE void TrainingLog::add(const StepRecord& step) {
  detail::check_csv_text(step.phase, "The name of the phase");
  if (pending_.steps > 0 && pending_.last.phase != step.phase) write_pending();
  const float values[] = {step.gan, step.matching, step.perceptual, step.real, step.fake, step.seconds, step.own};
  for (std::size_t i = 0; i < pending_.sums.size(); ++i) pending_.sums[i] += double{values[i]};
  pending_.last = step;
  ++pending_.steps;
  // Lines end at multiples, wherever a phase began, so that the curves of several runs have the same places.
  if (step.step % every_ == 0) write_pending();
}

PIX2PIXHD_INLINE void TrainingLog::write_pending() {
  StepRecord line = pending_.last;
  float* const values[] = {&line.gan,  &line.matching, &line.perceptual, &line.real,
                           &line.fake, &line.seconds,  &line.own};
  for (std::size_t i = 0; i < pending_.sums.size(); ++i)
    *values[i] = static_cast<float>(pending_.sums[i] / pending_.steps);
  steps_->append(detail::cells_of(line, own_));
  pending_ = Pending{};
}

PIX2PIXHD_INLINE void TrainingLog::finish() {
  if (pending_.steps > 0) write_pending();
}

PIX2PIXHD_INLINE void TrainingLog::sync() {
  steps_->sync();
  if (evaluations_) evaluations_->sync();
}

PIX2PIXHD_INLINE void TrainingLog::add(const EvaluationRecord& evaluation) {
  const std::filesystem::path path = evaluations_file(folder_);
  const std::vector<std::string> columns = detail::evaluation_columns(evaluation.figures.sliced_wasserstein.size(),
                                                                      evaluation.figures.class_colour_errors.size());
  if (evaluation_columns_.empty()) {
    evaluations_.reset();
    evaluations_.emplace(path, columns);
    evaluation_columns_ = columns;
  }
  detail::require(evaluation_columns_ == columns, path,
                  " has columns for figures of other levels or classes; evaluate on pictures of the size and classes "
                  "that the run began with, or move the file away.");
  evaluations_->append(detail::cells_of(evaluation));
}

PIX2PIXHD_INLINE std::string TrainingLog::state() const {
  const StepRecord& last = pending_.last;
  std::string text = detail::sentence("log ", own_ ? 2 : 1, " every ", every_, " steps ", pending_.steps);
  for (const double sum : std::span(pending_.sums).first(own_ ? 7 : 6)) text.append(" ").append(detail::csv_text(sum));
  return text.append(detail::sentence(" step ", last.step, " epoch ", last.epoch, " rate ", detail::csv_text(last.rate),
                                      " phase ", last.phase));
}

PIX2PIXHD_INLINE void TrainingLog::restore(const std::string& state) {
  detail::StateText text(state, "The log");
  int version = 0, every = 0;
  Pending pending;
  text.value("log", version);
  text.check(version == 1 || version == 2);  // 2: with the caller's own loss
  text.value("every", every);
  text.value("steps", pending.steps);
  for (double& sum : std::span(pending.sums).first(version == 2 ? 7 : 6)) text.value(sum);
  text.value("step", pending.last.step);
  text.value("epoch", pending.last.epoch);
  text.value("rate", pending.last.rate);
  text.name("phase");
  pending.last.phase = text.rest();
  text.check(pending.steps >= 0);
  detail::require(every == every_, "The checkpoint's log has a line for every ", every, " steps, this one for every ",
                  every_, ". Resume with the same options.");
  pending_ = std::move(pending);
}

}  // namespace pix2pixhd::inline v0
