#include <pix2pixhd/training/training_log.hpp>

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <store/store_testing.hpp>

#include <csignal>
#include <limits>

using namespace pix2pixhd;
using namespace store_testing;

namespace {

/// The record of a step of an invented run: two phases, and numbers that no decimal fraction states exactly.
StepRecord made_step(std::int64_t step) {
  const auto value = static_cast<float>(step) / 7.0f;
  return {.step = step,
          .epoch = step / 5,
          .phase = step <= 23 ? "global" : "joint, with the enhancer" + std::string(9, '.'),
          .rate = 2e-4f,
          .gan = value,
          .matching = 3 * value,
          .perceptual = 0,
          .real = 1 / value,
          .fake = -value,
          .seconds = 0.25f};
}

/// The same with a phase that can stand in a table.
StepRecord plain_step(std::int64_t step) {
  StepRecord record = made_step(step);
  record.phase = step <= 23 ? "global generator" : "joint";
  return record;
}

EvaluationRecord made_evaluation(std::int64_t step) {
  const double value = static_cast<double>(step) / 3;
  return {.step = step,
          .figures = {.pictures = 4,
                      .psnr = step == 30 ? std::numeric_limits<double>::infinity() : value,
                      .ssim = 1 / value,
                      .sliced_wasserstein = {value, 2 * value, 0.125},
                      .colour_error = 2 * value,
                      .class_colour_errors = {value, std::nullopt, 3 * value}}};
}

/// Steps first + 1 to last, with an evaluation after every tenth.
void train(TrainingLog& log, std::int64_t first, std::int64_t last) {
  for (std::int64_t step = first + 1; step <= last; ++step) {
    log.add(plain_step(step));
    if (step % 10 == 0) log.add(made_evaluation(step));
  }
}

std::string tables(const TemporaryFolder& folder) {
  return slurp(folder / "steps.csv") + "----\n" + slurp(folder / "evaluations.csv");
}

}  // namespace

TEST_CASE("tables name their columns and are read back to the bit") {
  const TemporaryFolder folder;
  TrainingLog log(folder.path());
  train(log, 0, 30);
  CHECK(
      slurp(folder / "steps.csv")
          .starts_with("step,epoch,phase,rate,gan,matching,perceptual,real,fake,seconds\n1,0,global generator,2e-04,"));
  CHECK(
      slurp(folder / "evaluations.csv")
          .starts_with("step,pictures,psnr,ssim,wasserstein_level0,wasserstein_level1,wasserstein_level2,colour_error,"
                       "colour_error_class0,colour_error_class1,colour_error_class2\n10,4,"));
  std::int64_t step = 0;
  read_steps(folder.path(), [&](const StepRecord& read) {
    const StepRecord given = plain_step(++step);
    CHECK(read.step == given.step);
    CHECK(read.epoch == given.epoch);
    CHECK(read.phase == given.phase);
    CHECK(read.rate == given.rate);
    CHECK(read.gan == given.gan);
    CHECK(read.matching == given.matching);
    CHECK(read.real == given.real);
    CHECK(read.fake == given.fake);
    CHECK(read.seconds == given.seconds);
  });
  CHECK(step == 30);
  const std::vector<EvaluationRecord> evaluations = read_evaluations(folder.path());
  REQUIRE(evaluations.size() == 3);
  for (const EvaluationRecord& read : evaluations) {
    const EvaluationRecord given = made_evaluation(read.step);
    CHECK(read.figures.pictures == given.figures.pictures);
    CHECK(read.figures.psnr == given.figures.psnr);
    CHECK(read.figures.ssim == given.figures.ssim);
    CHECK(read.figures.sliced_wasserstein == given.figures.sliced_wasserstein);
    CHECK(read.figures.colour_error == given.figures.colour_error);
    CHECK(read.figures.class_colour_errors == given.figures.class_colour_errors);
  }
}

TEST_CASE("a line for several steps holds their means and never spans two phases") {
  const TemporaryFolder folder;
  TrainingLog log(folder.path(), {.every = 10});
  train(log, 0, 37);
  std::vector<StepRecord> lines;
  const auto read = [&] {
    lines.clear();
    read_steps(folder.path(), [&](const StepRecord& line) { lines.push_back(line); });
  };
  read();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].step == 10);
  CHECK(lines[0].gan == doctest::Approx(5.5 / 7));
  CHECK(lines[1].step == 20);
  CHECK(lines[2].step == 23);
  CHECK(lines[2].phase == "global generator");
  CHECK(lines[2].gan == doctest::Approx(22.0 / 7));
  CHECK(lines[3].step == 30);
  CHECK(lines[3].phase == "joint");
  CHECK(lines[3].fake == doctest::Approx(-27.0 / 7));
  log.finish();
  log.finish();
  read();
  REQUIRE(lines.size() == 5);
  CHECK(lines[4].step == 37);
  CHECK(lines[4].gan == doctest::Approx(34.0 / 7));
}

TEST_CASE("a resumed run's tables equal those of a run without interruption") {
  for (const int every : {1, 4, 10}) {
    const TemporaryFolder whole, resumed;
    {
      TrainingLog log(whole.path(), {.every = every});
      train(log, 0, 50);
      log.finish();
    }
    for (const std::int64_t saved : {0, 1, 9, 10, 23, 24, 31, 49, 50})
      for (const std::int64_t killed : {saved, saved + 1, std::int64_t{50}}) {
        CAPTURE(every);
        CAPTURE(saved);
        CAPTURE(killed);
        const TemporaryFolder folder;
        std::string state;
        {
          TrainingLog log(folder.path(), {.every = every});
          train(log, 0, saved);
          log.sync();
          state = log.state();
          train(log, saved, killed);
        }
        // What a kill in the middle of a line would leave.
        std::ofstream(folder / "steps.csv", std::ios::app) << killed + 1 << ",9,joi";
        TrainingLog log(folder.path(), {.every = every, .resume = saved, .state = state});
        CHECK(log.state() == state);
        train(log, saved, 50);
        log.finish();
        CHECK(tables(folder) == tables(whole));
        CHECK(folder.count() == 2);
      }
  }
}

TEST_CASE("a run that goes on where no table is, or an empty one, makes it") {
  const TemporaryFolder folder;
  spill(folder / "steps.csv", "");
  spill(folder / "evaluations.csv", "");
  TrainingLog log(folder.path(), {.resume = 20});
  train(log, 20, 30);
  CHECK(read_evaluations(folder.path()).size() == 1);
  CHECK(slurp(folder / "steps.csv").starts_with("step,epoch"));
}

TEST_CASE("a new run never takes the place of an earlier one's tables") {
  const TemporaryFolder folder;
  { TrainingLog log(folder.path()); }
  { TrainingLog log(folder.path()); }  // without lines there is nothing to lose
  {
    TrainingLog log(folder.path());
    train(log, 0, 10);
  }
  const std::string before = tables(folder);
  CHECK(contains(error_of([&] { TrainingLog(folder.path()); }), "steps.csv"));
  fs::remove(folder / "steps.csv");
  CHECK(contains(error_of([&] { TrainingLog(folder.path()); }), "evaluations.csv"));
  CHECK(before.ends_with(slurp(folder / "evaluations.csv")));
  CHECK_FALSE(fs::exists(folder / "steps.csv"));
  CHECK(contains(error_of([&] { TrainingLog(folder / "absent"); }), "absent"));
}

TEST_CASE("damaged tables are named with their line, and nothing is changed") {
  const TemporaryFolder folder;
  {
    TrainingLog log(folder.path());
    train(log, 0, 10);
  }
  const std::string steps = slurp(folder / "steps.csv"), evaluations = slurp(folder / "evaluations.csv");
  const auto refuse = [&](const std::string& bytes, const std::vector<std::string>& parts) {
    spill(folder / "steps.csv", bytes);
    const std::string message = error_of([&] { TrainingLog(folder.path(), {.resume = 5}); });
    CAPTURE(message);
    CHECK(contains(message, "steps.csv"));
    for (const std::string& part : parts) CHECK(contains(message, part));
    CHECK(slurp(folder / "steps.csv") == bytes);
    CHECK(slurp(folder / "evaluations.csv") == evaluations);
    CHECK_THROWS_AS(read_steps(folder.path(), [](const StepRecord&) {}), Error);
  };
  refuse("step,loss\n1,2\n", {"line 1", "columns"});
  refuse("step,epoch,phase,rate,gan,match", {"line 1"});
  const std::size_t second = steps.find('\n') + 1, third = steps.find('\n', second) + 1;
  refuse(steps.substr(0, third) + "2,0,joint\n", {"line 3", "3 cells", "10 columns"});
  refuse(steps.substr(0, third) + "2,0,a,1,1,1,1,1,1,x\n" + steps.substr(third), {"line 3", "seconds", "\"x\""});
  refuse(steps.substr(0, third) + "2.5,0,a,1,1,1,1,1,1,1\n", {"line 3", "step", "2.5"});
  refuse(steps.substr(0, third) + std::string(20, '\0') + "\n", {"line 3"});

  spill(folder / "steps.csv", "step,loss\n1,2\n");
  CHECK_THROWS_AS(TrainingLog(folder.path()), Error);
  spill(folder / "steps.csv", steps.substr(0, second) + steps.substr(third) + steps.substr(second, third - second));
  CHECK(contains(error_of([&] { TrainingLog(folder.path(), {.resume = 5}); }), "step 1 comes after step 10"));

  spill(folder / "steps.csv", steps);
  spill(folder / "evaluations.csv", "step,pictures,psnr\n1,2,3\n");
  CHECK(contains(error_of([&] { TrainingLog(folder.path(), {.resume = 5}); }), "evaluations.csv"));
  CHECK(slurp(folder / "steps.csv") == steps);
}

TEST_CASE("figures of other levels than the table's are refused, unless it has no lines") {
  const TemporaryFolder folder;
  EvaluationRecord other = made_evaluation(20);
  other.figures.sliced_wasserstein.pop_back();
  other.figures.class_colour_errors.clear();
  {
    TrainingLog log(folder.path());
    log.add(made_evaluation(10));
    CHECK(contains(error_of([&] { log.add(other); }), "evaluations.csv"));
  }
  CHECK(read_evaluations(folder.path()).size() == 1);
  TrainingLog log(folder.path(), {.resume = 5});
  log.add(other);
  CHECK(read_evaluations(folder.path()).front().figures.sliced_wasserstein.size() == 2);
}

TEST_CASE("states that are damaged, and phases that no table can hold") {
  const TemporaryFolder folder;
  TrainingLog log(folder.path(), {.every = 10});
  train(log, 0, 7);
  const std::string state = log.state();
  for (const std::string& bad :
       {std::string("log"), state.substr(0, state.size() / 2), "log 2" + state.substr(5), "x" + state,
        std::string("log 1 every 10 steps -1 0 0 0 0 0 0 step 0 epoch 0 rate 0 phase ")}) {
    CAPTURE(bad);
    const std::string message = error_of([&] { TrainingLog(folder.path(), {.every = 10, .resume = 7, .state = bad}); });
    CHECK(contains(message, "log's state"));
  }
  CHECK(contains(error_of([&] { TrainingLog(folder.path(), {.every = 5, .resume = 7, .state = state}); }),
                 "every 10 steps"));
  CHECK(contains(error_of([&] { log.add(made_step(24)); }), "joint, with"));
  CHECK(log.state() == state);
  CHECK(contains(error_of([&] { TrainingLog(folder.path(), {.every = 0}); }), "every is 0"));
}

TEST_CASE("a disk that is full leaves whole lines") {
  const TemporaryFolder folder;
  TrainingLog log(folder.path());
  train(log, 0, 9);
  const std::string before = slurp(folder / "steps.csv");
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = limit;
  small.rlim_cur = before.size() + 10;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const std::string message = error_of([&] { log.add(plain_step(10)); });
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  CHECK(contains(message, "steps.csv"));
  CHECK(slurp(folder / "steps.csv") == before);
}
