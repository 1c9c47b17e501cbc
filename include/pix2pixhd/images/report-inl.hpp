#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/images/report.hpp>
#include <pix2pixhd/store/atomic_file.hpp>

#include <algorithm>
#include <array>
#include <ctime>

namespace pix2pixhd::inline v0 {
namespace detail {

PIX2PIXHD_INLINE std::string local_time_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  std::array<char, 64> text{};
  if (::localtime_r(&now, &parts) == nullptr) return {};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts)};
}

PIX2PIXHD_INLINE std::string state_text(const ReportState& state) {
  std::vector<std::string> parts;
  if (!state.phase.empty()) parts.push_back(state.phase);
  parts.push_back(joined("step ", count_text(state.step)));
  if (state.steps > 0) append(parts.back(), " of ", count_text(state.steps));
  if (state.running && state.seconds_left) parts.push_back(duration_text(*state.seconds_left) + " left");
  if (state.seconds_per_step > 0)
    parts.push_back(state.seconds_per_step < 1 ? brief_text(1 / state.seconds_per_step) + " steps/s"
                                               : brief_text(state.seconds_per_step) + " s/step");
  if (!state.note.empty()) parts.push_back(state.note);
  std::string text;
  for (const std::string& part : parts) append(text, (text.empty() ? "" : " · "), part);
  return text;
}

PIX2PIXHD_INLINE std::string state_html(const TrainingReport& report) {
  const ReportState& state = report.state;
  std::string html = joined("<h1>", html_text(report.title), "</h1>\n<p>", html_text(state_text(state)), "</p>\n");
  if (state.steps > 0) {
    const double part = static_cast<double>(state.step) / static_cast<double>(state.steps);
    append(html, "<div class=\"bar\"><div style=\"width:", fixed_text(std::clamp(100 * part, 0.0, 100.0), 1),
           "%\"></div></div>\n");
  }
  html += "<p class=\"soft small\">";
  if (!report.written.empty()) append(html, "Written ", html_text(report.written), ". ");
  if (state.running)
    append(html, "The page refreshes itself every ", std::to_string(std::max(report.refresh_seconds, 1)),
           " s; if that time stands still, the program has ended or been killed.");
  return joined(html, "</p>\n");
}

}  // namespace detail

PIX2PIXHD_INLINE std::string report_html(const TrainingReport& report) {
  std::string body = detail::state_html(report);
  if (!report.alarms.empty()) {
    body += "<section class=\"card alarm\" role=\"alert\">\n";
    for (const std::string& alarm : report.alarms) detail::append(body, "<p>", html_text(alarm), "</p>\n");
    body += "</section>\n";
  }
  body += html_table(report.figures);
  if (!report.pictures.empty()) detail::append(body, "<h2>Held-out scenes</h2>\n", html_pictures(report.pictures));
  if (!report.charts.empty()) {
    body += "<h2>Curves</h2>\n<div class=\"grid\">\n";
    for (const Chart& chart : report.charts) body += html_chart(chart);
    body += "</div>\n";
  }
  if (!report.settings.empty())
    detail::append(body, "<h2>Settings</h2>\n<section class=\"card\">", html_facts(report.settings), "</section>\n");
  return html_page({.title = report.title,
                    .body = body,
                    .refresh_seconds = report.state.running ? std::max(report.refresh_seconds, 1) : 0});
}

PIX2PIXHD_INLINE void write_report(const std::filesystem::path& path, const TrainingReport& report) {
  TrainingReport timed = report;
  if (timed.written.empty()) timed.written = detail::local_time_text();
  AtomicFile file(path);
  file.write(report_html(timed));
  file.commit();
}

}  // namespace pix2pixhd::inline v0
