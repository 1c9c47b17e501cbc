#pragma once
/// What a training run leaves in tables: its losses, step by step, and its figures on held-out pictures.

#include <pix2pixhd/training/training_records.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// How often a log has a line, and where an earlier run of it left off.
struct TrainingLogOptions {
  /// A line for so many steps, with their mean losses. A line never spans two phases.
  int every = 1;
  /// Whether there is a column for the caller's own loss. A run that goes on keeps the columns that its table has.
  bool own = false;
  /// The step that training goes on from: lines after it are dropped. Nothing: a new run.
  std::optional<std::int64_t> resume = {};
  /// What state() gave at that step.
  std::string state = {};
};

/// Writes a run's tables, steps.csv and evaluations.csv, into its folder. Columns are named in their first lines.
///
/// A resumed run's tables equal those of a run that was never interrupted, but for the seconds, if the log is opened
/// with the step of the checkpoint and the state that was put into it:
///
///     log.sync();                                                     // the tables are never behind a checkpoint
///     trainer.save(path, {{"log", log.state()}});
///     ...
///     const CheckpointSections sections = trainer.resume(path);
///     TrainingLog log(folder, {.resume = trainer.steps(), .state = sections.at("log")});
class TrainingLog {
 public:
  /// Error, before anything is changed: in a new run, tables of an earlier one that are not empty; in a resumed one,
  /// tables with other columns or damaged lines, or a state that is damaged or of another `every`. A table that is not
  /// there is made.
  explicit TrainingLog(const std::filesystem::path& folder, const TrainingLogOptions& options = {});

  /// Adds the step that follows. Error where a line cannot be written; the table is then as before.
  void add(const StepRecord& step);
  /// Error for figures that have other levels or classes than those that the table has columns for.
  void add(const EvaluationRecord& evaluation);
  /// Writes the line of the last steps, though they are fewer than `every`. For the end of training, not for a stop.
  void finish();
  /// Brings all lines to the disk.
  void sync();

  /// Text for a checkpoint, in one line: the steps that no line has been written for yet.
  std::string state() const;

 private:
  /// Sums over the steps that the next line is for; its other entries are those of the last of them.
  struct Pending {
    StepRecord last = {};
    int steps = 0;
    std::array<double, 7> sums = {};  ///< five losses, the seconds, the caller's own loss
  };

  void restore(const std::string& state);
  void open_new();
  void open_old(std::int64_t step);
  void write_pending();

  std::filesystem::path folder_;
  int every_;
  bool own_;
  Pending pending_ = {};
  std::optional<detail::CsvFile> steps_;
  std::optional<detail::CsvFile> evaluations_;        ///< nothing before the first evaluation
  std::vector<std::string> evaluation_columns_ = {};  ///< of the table's lines; empty where there are none
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/training_log-inl.hpp>
#endif
