#pragma once
/// From the tables of a run to the charts and figures of its report.

#include <pix2pixhd/images/report_chart.hpp>
#include <pix2pixhd/images/report_page.hpp>
#include <pix2pixhd/training/training_records.hpp>

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The row of a table of figures, and the names of its columns: PSNR, SSIM, sliced Wasserstein distance by level, mean
/// colour error.
std::vector<std::string> figures_row(const std::string& name, const Figures& figures);
std::vector<std::string> figures_columns(const Figures& figures);

/// Collects what a report shows as curves, in memory that does not grow with the steps.
class TrainingCurves {
 public:
  /// `own`: what the caller's own loss is called.
  explicit TrainingCurves(std::string own = "own") : own_name_(std::move(own)) {}

  void add(const StepRecord& step);
  void add(const EvaluationRecord& evaluation);
  /// Adds what the tables of a run hold, for a run that goes on.
  void add_tables(const std::filesystem::path& folder);
  /// Figures to compare with: those of painting each class in its mean colour.
  void set_baseline(const Figures& figures) { baseline_ = figures; }

  /// For runs whose pictures grow from stage to stage: evaluations up to this step are of smaller pictures, so that
  /// none of them is the best.
  void begin_stage(std::int64_t step) { stage_begin_ = step; }

  /// The evaluation of the stage whose two finest levels have the least sliced Wasserstein distance; nothing before the
  /// first.
  std::optional<EvaluationRecord> best() const;
  /// Losses, learning rate and figures over steps. Phases and the best evaluation are marked.
  std::vector<Chart> charts() const;
  /// The newest and the best figures and those of the baseline. Without rows before the first evaluation.
  ReportTable figures() const;

 private:
  Chart figure_chart(const std::string& title, const std::string& line, std::optional<double> (*value)(const Figures&),
                     int digits) const;
  Chart wasserstein_chart() const;

  std::array<Curve, 7> curves_ = {};  ///< gan, matching, perceptual, real, fake, rate, own
  std::string own_name_;
  bool perceptual_ = false;
  bool own_ = false;
  std::string phase_ = {};
  std::vector<ChartMark> phases_ = {};
  std::vector<EvaluationRecord> evaluations_ = {};
  std::int64_t stage_begin_ = -1;
  std::optional<Figures> baseline_ = {};
};

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/training_curves-inl.hpp>
#endif
