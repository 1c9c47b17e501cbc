#pragma once
/// The page on which a person follows a training run.

#include <pix2pixhd/images/report_chart.hpp>
#include <pix2pixhd/images/report_page.hpp>
#include <pix2pixhd/images/report_pictures.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Where a run stands.
struct ReportState {
  std::string phase = {};
  std::int64_t step = 0;
  std::int64_t steps = 0;       ///< of the whole run; 0: not known
  double seconds_per_step = 0;  ///< 0: not known yet
  std::optional<double> seconds_left = {};
  bool running = true;    ///< false: the page refreshes itself no more
  std::string note = {};  ///< how it ended, or anything else to be said in the same line
};

/// A run as its page shows it, from top to bottom. Texts are plain.
struct TrainingReport {
  std::string title = "Training";
  ReportState state = {};
  std::vector<std::string> alarms = {};
  ReportTable figures = {};
  std::vector<PictureRow> pictures = {};
  std::vector<Chart> charts = {};
  std::vector<NamedText> settings = {};
  int refresh_seconds = 10;
  /// When the page was written; empty: write_report() states the time of the machine.
  std::string written = {};
};

/// The page as text.
std::string report_html(const TrainingReport& report);

/// Writes the page whole or not at all. Error where that cannot be done.
void write_report(const std::filesystem::path& path, const TrainingReport& report);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/report-inl.hpp>
#endif
