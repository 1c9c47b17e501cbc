#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/training/training_curves.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE std::vector<std::string> figures_columns(const Figures& figures) {
  std::vector<std::string> columns = {"", "PSNR, dB", "SSIM"};
  for (std::size_t i = 0; i < figures.sliced_wasserstein.size(); ++i)
    columns.push_back(detail::joined("SWD ", std::to_string(i), i == 0 ? " (finest)" : ""));
  if (figures.colour_error) columns.emplace_back("colour error");
  return columns;
}

PIX2PIXHD_INLINE std::vector<std::string> figures_row(const std::string& name, const Figures& figures) {
  std::vector<std::string> row = {name, fixed_text(figures.psnr, 2), fixed_text(figures.ssim, 3)};
  for (const double distance : figures.sliced_wasserstein) row.push_back(fixed_text(distance, 3));
  if (figures.colour_error) row.push_back(fixed_text(*figures.colour_error, 1));
  return row;
}

PIX2PIXHD_INLINE void TrainingCurves::add(const StepRecord& step) {
  const auto x = static_cast<double>(step.step);
  const float values[] = {step.gan, step.matching, step.perceptual, step.real, step.fake, step.rate, step.own};
  for (std::size_t i = 0; i < curves_.size(); ++i) curves_[i].add({.x = x, .y = double{values[i]}});
  perceptual_ = perceptual_ || step.perceptual != 0.0f;
  own_ = own_ || step.own != 0.0f;
  if (step.phase == phase_) return;
  if (!phase_.empty()) phases_.push_back({.x = x, .name = step.phase});
  phase_ = step.phase;
}

PIX2PIXHD_INLINE void TrainingCurves::add(const EvaluationRecord& evaluation) { evaluations_.push_back(evaluation); }

PIX2PIXHD_INLINE void TrainingCurves::add_tables(const std::filesystem::path& folder) {
  read_steps(folder, [this](const StepRecord& step) { add(step); });
  for (const EvaluationRecord& evaluation : read_evaluations(folder)) add(evaluation);
}

PIX2PIXHD_INLINE std::optional<EvaluationRecord> TrainingCurves::best() const {
  const auto better = [](const EvaluationRecord& a, const EvaluationRecord& b) {
    return a.figures.texture_distance() < b.figures.texture_distance();
  };
  const auto first = std::find_if(evaluations_.begin(), evaluations_.end(),
                                  [&](const EvaluationRecord& record) { return record.step > stage_begin_; });
  const auto found = std::min_element(first, evaluations_.end(), better);
  return found == evaluations_.end() ? std::nullopt : std::optional(*found);
}

PIX2PIXHD_INLINE Chart TrainingCurves::figure_chart(const std::string& title, const std::string& line,
                                                    std::optional<double> (*value)(const Figures&), int digits) const {
  Curve curve;
  for (const EvaluationRecord& record : evaluations_)
    if (const auto y = value(record.figures)) curve.add({.x = static_cast<double>(record.step), .y = *y});
  Chart chart{.title = title, .level_name = "mean colour of each class", .smooth = false};
  chart.lines.push_back({.name = line, .points = curve.points(), .digits = digits});
  if (baseline_) chart.lines.front().level = value(*baseline_);
  if (const auto record = best()) chart.marks.push_back({.x = static_cast<double>(record->step), .name = "best"});
  return chart;
}

PIX2PIXHD_INLINE Chart TrainingCurves::wasserstein_chart() const {
  Chart chart = figure_chart(
      "Texture: sliced Wasserstein distance (less is better)", "",
      [](const Figures&) { return std::optional<double>(); }, 3);
  chart.lines.clear();
  chart.logarithmic = true;
  const std::size_t levels = evaluations_.empty() ? 0 : evaluations_.front().figures.sliced_wasserstein.size();
  for (std::size_t level = 0; level < levels; ++level) {
    Curve curve;
    for (const EvaluationRecord& record : evaluations_)
      curve.add({.x = static_cast<double>(record.step), .y = record.figures.sliced_wasserstein.at(level)});
    const std::string name = detail::joined("level ", std::to_string(level), level == 0 ? " (finest)" : "");
    ChartLine line{.name = name, .points = curve.points()};
    if (baseline_ && level < baseline_->sliced_wasserstein.size()) line.level = baseline_->sliced_wasserstein[level];
    chart.lines.push_back(line);
  }
  return chart;
}

PIX2PIXHD_INLINE std::vector<Chart> TrainingCurves::charts() const {
  const auto line = [&](const std::string& name, std::size_t curve) {
    return ChartLine{.name = name, .points = curves_[curve].points()};
  };
  std::vector<Chart> charts(2);
  charts[0] = {.title = "Losses of the generator",
               .lines = {line("adversarial", 0), line("feature matching", 1)},
               .marks = phases_};
  if (perceptual_) charts[0].lines.push_back(line("perceptual", 2));
  if (own_) charts[0].lines.push_back(line(own_name_, 6));
  charts[1] = {.title = "Losses of the discriminator",
               .lines = {line("real pictures", 3), line("synthesised pictures", 4)},
               .marks = phases_};
  if (!evaluations_.empty()) {
    charts.push_back(wasserstein_chart());
    charts.push_back(figure_chart(
        "PSNR, dB (more is better)", "PSNR", [](const Figures& f) { return std::optional(f.psnr); }, 2));
    charts.push_back(figure_chart(
        "Structural similarity (more is better)", "SSIM", [](const Figures& f) { return std::optional(f.ssim); }, 3));
    Chart colours = figure_chart(
        "Colour error, levels of 255 (less is better)", "mean over classes",
        [](const Figures& f) { return f.colour_error; }, 1);
    if (!colours.lines.front().points.empty()) charts.push_back(colours);
  }
  Chart rate{.title = "Learning rate", .lines = {line("Adam", 5)}, .marks = phases_, .smooth = false};
  rate.lines.front().digits = -1;
  charts.push_back(rate);
  return charts;
}

PIX2PIXHD_INLINE ReportTable TrainingCurves::figures() const {
  ReportTable table;
  if (evaluations_.empty()) return table;
  const EvaluationRecord& newest = evaluations_.back();
  table.title = detail::joined("Figures on ", std::to_string(newest.figures.pictures), " held-out pictures");
  table.columns = figures_columns(newest.figures);
  table.rows.push_back(figures_row(detail::joined("newest, step ", count_text(newest.step)), newest.figures));
  if (const auto found = best())
    table.rows.push_back(figures_row(detail::joined("best, step ", count_text(found->step)), found->figures));
  if (baseline_) table.rows.push_back(figures_row("mean colour of each class", *baseline_));
  table.note =
      "PSNR and SSIM: more is better. SWD, the sliced Wasserstein distance of textures by level of detail, and the "
      "colour error: less is better. The best checkpoint is the one with the least SWD at the two finest levels.";
  return table;
}

}  // namespace pix2pixhd::inline v0
