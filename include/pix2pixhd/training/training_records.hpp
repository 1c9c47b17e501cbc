#pragma once
/// The lines of a run's tables.

#include <pix2pixhd/training/csv_file.hpp>
#include <pix2pixhd/training/evaluation.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// One step, or the mean over some steps that end with `step`.
struct StepRecord {
  std::int64_t step = 0;   ///< steps made, this one included
  std::int64_t epoch = 0;  ///< epochs as the caller counts them
  std::string phase = {};  ///< no comma, quotation mark or line break
  float rate = 0;          ///< learning rate
  float gan = 0;           ///< the terms that Losses names
  float matching = 0;
  float perceptual = 0;
  float real = 0;
  float fake = 0;
  float own = 0;      ///< the caller's own loss, where the table has a column for it
  float seconds = 0;  ///< of a step
};

/// Figures on held-out pictures after a step.
struct EvaluationRecord {
  std::int64_t step = 0;
  Figures figures = {};
};

/// Where the run in a folder has its table of steps, steps.csv.
std::filesystem::path steps_file(const std::filesystem::path& folder);
/// Where it has its table of evaluations, evaluations.csv.
std::filesystem::path evaluations_file(const std::filesystem::path& folder);

/// Calls f with each line of a run's table of steps, in their order. No lines where there is no such table.
/// Error where it is damaged, naming file and line; a torn last line is passed over.
void read_steps(const std::filesystem::path& folder, const std::function<void(const StepRecord&)>& f);

/// The evaluations of a run, in their order, as read_steps().
std::vector<EvaluationRecord> read_evaluations(const std::filesystem::path& folder);

namespace detail {

/// `own`: with a column for the caller's own loss.
std::vector<std::string> step_columns(bool own);
std::vector<std::string> evaluation_columns(std::size_t levels, std::size_t classes);

std::vector<std::string> cells_of(const StepRecord& step, bool own);
std::vector<std::string> cells_of(const EvaluationRecord& evaluation);

/// Whether a table of steps has a column for the caller's own loss.
bool has_own(const CsvReader& steps);

/// Readers of the two tables. Error where a table has other columns.
CsvReader open_steps(const std::filesystem::path& folder);
CsvReader open_evaluations(const std::filesystem::path& folder);

/// The line that the reader is at. Error, naming file and line, where it is damaged.
StepRecord step_at(const CsvReader& reader);
EvaluationRecord evaluation_at(const CsvReader& reader);

/// Whether the file is there and not empty.
bool has_bytes(const std::filesystem::path& path);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/training_records-inl.hpp>
#endif
