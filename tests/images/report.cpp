#include "html_check.hpp"
#include "made_files.hpp"

#include <pix2pixhd/images/report.hpp>

#include <doctest/doctest.h>

#include <fstream>

using namespace pix2pixhd;
using html_check::count;

namespace {

TrainingReport made_report() {
  return {
      .title = "Streets <1>",
      .state = {.phase = "joint & all", .step = 12000, .steps = 40000, .seconds_per_step = 0.2, .seconds_left = 5600},
      .alarms = {"D is <saturated>.", "A spot stays at (x 3, y 7)."},
      .figures = {.title = "Figures", .columns = {"", "PSNR"}, .rows = {{"newest", "20"}}},
      .pictures = {{.caption = "scene", .pictures = {{.file = "p/1.png", .caption = "input", .size = {2, 2}}}}},
      .charts = {{.title = "Losses", .lines = {{.name = "a", .points = {{1, 2}, {2, 3}}}}}},
      .settings = {{"data", "/a/<b>"}},
      .refresh_seconds = 5,
      .written = "today"};
}

}  // namespace

TEST_CASE("the page of a run says where it stands and shows all parts") {
  const std::string html = report_html(made_report());
  html_check::check_page(html);
  CHECK(count(html, "joint &amp; all · step 12\u202f000 of 40\u202f000 · 1 h 33 min left · 5.00 steps/s") == 1);
  CHECK(count(html, "http-equiv=\"refresh\" content=\"5\"") == 1);
  CHECK(count(html, "width:30.0%") == 1);
  CHECK(count(html, "D is &lt;saturated&gt;.") == 1);
  CHECK(count(html, "role=\"alert\"") == 1);
  CHECK(count(html, "Written today") == 1);
  CHECK(count(html, "<td>newest</td>") == 1);
  CHECK(count(html, "src=\"p/1.png\"") == 1);
  CHECK(count(html, "<svg viewBox=\"0 0 560") == 1);
  CHECK(count(html, "/a/&lt;b&gt;") == 1);
}

TEST_CASE("a finished run's page refreshes itself no more") {
  TrainingReport report = made_report();
  report.state.running = false;
  report.state.note = "finished";
  report.state.seconds_per_step = 3;
  const std::string html = report_html(report);
  CHECK(count(html, "http-equiv") == 0);
  CHECK(count(html, " min left") == 0);
  CHECK(count(html, "3.00 s/step · finished") == 1);
}

TEST_CASE("a run that has just begun has a page too") {
  const std::string html = report_html({});
  html_check::check_page(html);
  CHECK(count(html, "step 0") == 1);
  CHECK(count(html, "class=\"bar\"") == 0);
  CHECK(count(html, "<h2>") == 0);
}

TEST_CASE("the page is written whole, with the time") {
  const made::TemporaryFolder directory;
  TrainingReport report = made_report();
  report.written.clear();
  write_report(directory / "report.html", report);
  write_report(directory / "report.html", report);
  CHECK(directory.count() == 1);
  std::ifstream file(directory / "report.html");
  const std::string html{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  html_check::check_page(html);
  CHECK(count(html, "Written 2") == 1);
  CHECK_THROWS_AS(write_report(directory / "absent/report.html", report), Error);
}
