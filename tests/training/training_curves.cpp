#include <pix2pixhd/training/training_curves.hpp>
#include <pix2pixhd/training/training_log.hpp>

#include <doctest/doctest.h>
#include <store/store_testing.hpp>

using namespace pix2pixhd;

namespace {

StepRecord made_step(std::int64_t step) {
  return {.step = step,
          .phase = step <= 500 ? "global" : "joint",
          .rate = 2e-4f,
          .gan = 1,
          .matching = 5,
          .real = 0.5f,
          .fake = 0.25f};
}

EvaluationRecord made_evaluation(std::int64_t step, double distance) {
  return {.step = step,
          .figures = {.pictures = 3, .psnr = 20, .ssim = 0.5, .sliced_wasserstein = {distance, distance, 9}}};
}

}  // namespace

TEST_CASE("charts of losses and figures, with phases, the best evaluation and the baseline") {
  TrainingCurves curves;
  CHECK_FALSE(curves.best());
  CHECK(curves.figures().rows.empty());
  CHECK(curves.charts().size() == 3);
  for (std::int64_t step = 1; step <= 3000; ++step) curves.add(made_step(step));
  for (const auto& [step, distance] : {std::pair(1000, 0.5), std::pair(2000, 0.25), std::pair(3000, 0.3)})
    curves.add(made_evaluation(step, distance));
  curves.set_baseline(made_evaluation(0, 0.75).figures);
  REQUIRE(curves.best());
  CHECK(curves.best()->step == 2000);

  const std::vector<Chart> charts = curves.charts();
  REQUIRE(charts.size() == 6);
  CHECK(charts[0].lines.size() == 2);  // no perceptual loss
  CHECK(charts[0].lines[1].points.size() <= 400);
  CHECK(charts[0].lines[1].points.back().y == doctest::Approx(5));
  REQUIRE(charts[0].marks.size() == 1);
  CHECK(charts[0].marks[0].x == 501);
  CHECK(charts[0].marks[0].name == "joint");
  CHECK(charts[1].lines[1].points.front().y == doctest::Approx(0.25));
  REQUIRE(charts[2].lines.size() == 3);
  CHECK(charts[2].logarithmic);
  CHECK(charts[2].lines[0].points[1].y == doctest::Approx(0.25));
  CHECK(charts[2].lines[0].level == doctest::Approx(0.75));
  CHECK(charts[2].marks.front().x == 2000);
  CHECK(charts.back().lines.front().points.back().y == doctest::Approx(2e-4));

  const ReportTable figures = curves.figures();
  REQUIRE(figures.rows.size() == 3);
  CHECK(figures.rows[1][0] == "best, step 2\u202f000");
  for (const std::vector<std::string>& row : figures.rows) CHECK(row.size() == figures.columns.size());

  curves.begin_stage(2000);  // with larger pictures: the figures of smaller ones compare with nothing
  REQUIRE(curves.best());
  CHECK(curves.best()->step == 3000);
  CHECK(curves.charts()[2].marks.front().x == 3000);
  curves.begin_stage(3000);
  CHECK_FALSE(curves.best());
  CHECK(curves.charts()[2].marks.empty());
  CHECK(curves.figures().rows.size() == 2);
}

TEST_CASE("the caller's own loss is a curve under its name, where there is one") {
  TrainingCurves curves("pixel difference");
  StepRecord step = made_step(1);
  curves.add(step);
  CHECK(curves.charts()[0].lines.size() == 2);
  step.step = 2;
  step.own = 0.75f;
  curves.add(step);
  REQUIRE(curves.charts()[0].lines.size() == 3);
  CHECK(curves.charts()[0].lines[2].name == "pixel difference");
  CHECK(curves.charts()[0].lines[2].points.back().y == doctest::Approx(0.75));
}

TEST_CASE("the caller's own loss has a column where it is asked for, and a run that goes on keeps its columns") {
  const auto with_own = [](std::int64_t step) {
    StepRecord record = made_step(step);
    record.seconds = 0.25f;
    record.own = static_cast<float>(step) / 3.0f;
    return record;
  };
  for (const bool own : {true, false}) {
    CAPTURE(own);
    const store_testing::TemporaryFolder whole, resumed;
    std::string state;
    {
      TrainingLog log(whole.path(), {.every = 4, .own = own}), first(resumed.path(), {.every = 4, .own = own});
      for (std::int64_t step = 1; step <= 12; ++step) log.add(with_own(step));
      for (std::int64_t step = 1; step <= 6; ++step) first.add(with_own(step));
      first.sync();
      state = first.state();
    }
    // As where a program that knew no such column began.
    TrainingLog log(resumed.path(), {.every = 4, .own = true, .resume = 6, .state = state});
    CHECK(log.state() == state);
    for (std::int64_t step = 7; step <= 12; ++step) log.add(with_own(step));
    CHECK(store_testing::slurp(resumed / "steps.csv") == store_testing::slurp(whole / "steps.csv"));
    CHECK(store_testing::contains(store_testing::slurp(whole / "steps.csv"), ",fake,own,seconds\n") == own);
    std::vector<StepRecord> lines;
    read_steps(whole.path(), [&](const StepRecord& line) { lines.push_back(line); });
    REQUIRE(lines.size() == 3);
    CHECK(lines[1].own == doctest::Approx(own ? 6.5 / 3 : 0));
    CHECK(lines[1].seconds == 0.25f);
    CHECK(lines[1].fake == 0.25f);
  }
}

TEST_CASE("a run that goes on has the curves of its tables") {
  const store_testing::TemporaryFolder folder;
  TrainingCurves whole;
  {
    TrainingLog log(folder.path());
    for (std::int64_t step = 1; step <= 700; ++step) {
      log.add(made_step(step));
      whole.add(made_step(step));
    }
    log.add(made_evaluation(700, 0.5));
    whole.add(made_evaluation(700, 0.5));
  }
  TrainingCurves resumed;
  resumed.add_tables(folder.path());
  REQUIRE(resumed.best());
  CHECK(resumed.figures().rows == whole.figures().rows);
  const std::vector<Chart> a = resumed.charts(), b = whole.charts();
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].marks.size() == b[i].marks.size());
    for (std::size_t j = 0; j < a[i].lines.size(); ++j) {
      REQUIRE(a[i].lines[j].points.size() == b[i].lines[j].points.size());
      CHECK(a[i].lines[j].points.back().y == b[i].lines[j].points.back().y);
    }
  }
  TrainingCurves none;
  none.add_tables(folder / "absent");
  CHECK_FALSE(none.best());
}
