#pragma once

#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/training_records.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE std::filesystem::path steps_file(const std::filesystem::path& folder) { return folder / "steps.csv"; }

PIX2PIXHD_INLINE std::filesystem::path evaluations_file(const std::filesystem::path& folder) {
  return folder / "evaluations.csv";
}

namespace detail {

PIX2PIXHD_INLINE bool has_bytes(const std::filesystem::path& path) {
  std::error_code problem;
  return std::filesystem::exists(path, problem) && std::filesystem::file_size(path, problem) > 0;
}

PIX2PIXHD_INLINE std::vector<std::string> step_columns(bool own) {
  std::vector<std::string> columns = {"step",       "epoch", "phase", "rate", "gan",    "matching",
                                      "perceptual", "real",  "fake",  "own",  "seconds"};
  if (!own) std::erase(columns, "own");
  return columns;
}

PIX2PIXHD_INLINE std::vector<std::string> evaluation_columns(std::size_t levels, std::size_t classes) {
  std::vector<std::string> columns = {"step", "pictures", "psnr", "ssim"};
  for (std::size_t i = 0; i < levels; ++i) columns.push_back("wasserstein_level" + std::to_string(i));
  columns.emplace_back("colour_error");
  for (std::size_t i = 0; i < classes; ++i) columns.push_back("colour_error_class" + std::to_string(i));
  return columns;
}

PIX2PIXHD_INLINE std::size_t count_columns(const CsvReader& reader, std::string_view beginning) {
  const auto begins = [&](const std::string& column) { return column.starts_with(beginning); };
  return static_cast<std::size_t>(std::count_if(reader.columns().begin(), reader.columns().end(), begins));
}

PIX2PIXHD_INLINE bool has_own(const CsvReader& steps) { return steps.columns().size() == step_columns(true).size(); }

PIX2PIXHD_INLINE CsvReader open_steps(const std::filesystem::path& folder) {
  CsvReader reader(steps_file(folder));
  if (reader.columns() != step_columns(has_own(reader)))
    reader.fail("it does not name the columns of a table of steps");
  return reader;
}

PIX2PIXHD_INLINE CsvReader open_evaluations(const std::filesystem::path& folder) {
  CsvReader reader(evaluations_file(folder));
  const std::size_t levels = count_columns(reader, "wasserstein_level");
  if (reader.columns() != evaluation_columns(levels, count_columns(reader, "colour_error_class")))
    reader.fail("it does not name the columns of a table of evaluations");
  return reader;
}

PIX2PIXHD_INLINE std::vector<std::string> cells_of(const StepRecord& step, bool own) {
  std::vector<std::string> cells = {std::to_string(step.step), std::to_string(step.epoch), step.phase};
  for (const float value : {step.rate, step.gan, step.matching, step.perceptual, step.real, step.fake})
    cells.push_back(csv_text(value));
  if (own) cells.push_back(csv_text(step.own));
  cells.push_back(csv_text(step.seconds));
  return cells;
}

PIX2PIXHD_INLINE StepRecord step_at(const CsvReader& reader) {
  const auto value = [&](std::size_t column) { return static_cast<float>(reader.number(column)); };
  const bool own = has_own(reader);
  return {.step = reader.integer(0),
          .epoch = reader.integer(1),
          .phase = std::string(reader.cells()[2]),
          .rate = value(3),
          .gan = value(4),
          .matching = value(5),
          .perceptual = value(6),
          .real = value(7),
          .fake = value(8),
          .own = own ? value(9) : 0.0f,
          .seconds = value(own ? 10 : 9)};
}

PIX2PIXHD_INLINE std::vector<std::string> cells_of(const EvaluationRecord& evaluation) {
  const Figures& figures = evaluation.figures;
  const auto text = [](const std::optional<double>& value) { return value ? csv_text(*value) : std::string(); };
  std::vector<std::string> cells = {std::to_string(evaluation.step), std::to_string(figures.pictures),
                                    csv_text(figures.psnr), csv_text(figures.ssim)};
  for (const double distance : figures.sliced_wasserstein) cells.push_back(csv_text(distance));
  cells.push_back(text(figures.colour_error));
  for (const std::optional<double>& error : figures.class_colour_errors) cells.push_back(text(error));
  return cells;
}

PIX2PIXHD_INLINE EvaluationRecord evaluation_at(const CsvReader& reader) {
  const auto optional = [&](std::size_t column) -> std::optional<double> {
    if (reader.cells()[column].empty()) return std::nullopt;
    return reader.number(column);
  };
  const std::size_t levels = count_columns(reader, "wasserstein_level");
  EvaluationRecord record{.step = reader.integer(0)};
  record.figures = {
      .pictures = static_cast<std::size_t>(reader.integer(1)), .psnr = reader.number(2), .ssim = reader.number(3)};
  for (std::size_t i = 4; i < 4 + levels; ++i) record.figures.sliced_wasserstein.push_back(reader.number(i));
  record.figures.colour_error = optional(4 + levels);
  for (std::size_t i = 5 + levels; i < reader.columns().size(); ++i)
    record.figures.class_colour_errors.push_back(optional(i));
  return record;
}

}  // namespace detail

PIX2PIXHD_INLINE void read_steps(const std::filesystem::path& folder, const std::function<void(const StepRecord&)>& f) {
  if (!detail::has_bytes(steps_file(folder))) return;
  detail::CsvReader reader = detail::open_steps(folder);
  while (reader.next()) f(detail::step_at(reader));
}

PIX2PIXHD_INLINE std::vector<EvaluationRecord> read_evaluations(const std::filesystem::path& folder) {
  std::vector<EvaluationRecord> records;
  if (!detail::has_bytes(evaluations_file(folder))) return records;
  detail::CsvReader reader = detail::open_evaluations(folder);
  while (reader.next()) records.push_back(detail::evaluation_at(reader));
  return records;
}

}  // namespace pix2pixhd::inline v0
