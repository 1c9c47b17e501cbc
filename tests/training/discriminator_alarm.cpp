#include <pix2pixhd/core/random.hpp>
#include <pix2pixhd/training/alarms.hpp>

#include <doctest/doctest.h>
#include <store/store_testing.hpp>

#include <cmath>
#include <limits>

using namespace pix2pixhd;
using store_testing::contains;
using store_testing::error_of;

namespace {

/// Losses of a step with the noise that single pictures bring: each a factor of 0.5 to 1.5.
AdversarialLosses noisy(std::int64_t step, const AdversarialLosses& mean) {
  const RandomStream random(1, "losses");
  const auto factor = [&](std::uint64_t which) {
    return static_cast<float>(0.5 + random.uniform(3 * static_cast<std::uint64_t>(step) + which));
  };
  return {.gan = mean.gan * factor(0), .real = mean.real * factor(1), .fake = mean.fake * factor(2)};
}

/// What an alarm says from one step to another, one sentence a line.
std::string run(DiscriminatorAlarm& alarm, std::int64_t first, std::int64_t last, const AdversarialLosses& mean) {
  std::string said;
  for (std::int64_t step = first; step <= last; ++step)
    if (const auto sentence = alarm.add(step, noisy(step, mean))) said += *sentence + "\n";
  return said;
}

/// Losses over two scales of a discriminator that knows nothing, of one that is good, and of a saturated one.
struct Kind {
  Gan gan;
  AdversarialLosses ignorant, good, saturated;
};

const Kind kinds[] = {
    {Gan::least_squares, {0.5f, 0.5f, 0.5f}, {1.2f, 0.25f, 0.2f}, {1.95f, 0.01f, 0.01f}},
    {Gan::vanilla, {1.39f, 1.39f, 1.39f}, {3.0f, 0.6f, 0.6f}, {12.0f, 0.02f, 0.01f}},
    {Gan::hinge, {0.0f, 2.0f, 2.0f}, {1.4f, 0.8f, 0.7f}, {2.6f, 0.01f, 0.02f}},
};

}  // namespace

TEST_CASE("a saturated discriminator is told once, and once that it has recovered") {
  for (const Kind& kind : kinds) {
    CAPTURE(to_string(kind.gan));
    DiscriminatorAlarm alarm({.gan = kind.gan});
    CHECK(run(alarm, 1, 1000, kind.ignorant).empty());
    CHECK(run(alarm, 1001, 3000, kind.good).empty());
    CHECK_FALSE(alarm.active());
    CHECK(alarm.message().empty());
    const std::string begin = run(alarm, 3001, 6000, kind.saturated);
    CHECK(contains(begin, "saturated since step 3"));
    CHECK(std::count(begin.begin(), begin.end(), '\n') == 1);
    CHECK(alarm.active());
    CHECK(contains(alarm.message(), "since step 3"));
    const std::string over = run(alarm, 6001, 9000, kind.good);
    CHECK(contains(over, "recovered"));
    CHECK(std::count(over.begin(), over.end(), '\n') == 1);
    CHECK_FALSE(alarm.active());
    CHECK(run(alarm, 9001, 12000, kind.good).empty());
  }
}

TEST_CASE("the alarm waits for its steps, and one bad step in between does not hide it") {
  const Kind& kind = kinds[0];
  DiscriminatorAlarm alarm({.gan = kind.gan, .smoothing = 10, .steps = 100});
  run(alarm, 1, 500, kind.good);
  CHECK(run(alarm, 501, 600, kind.saturated).empty());
  run(alarm, 601, 700, kind.saturated);
  CHECK(alarm.active());
  alarm.add(701, kind.good);
  CHECK(alarm.active());
  // A short time of saturation is none.
  DiscriminatorAlarm other({.gan = kind.gan});
  run(other, 1, 500, kind.good);
  CHECK(run(other, 501, 650, kind.saturated).empty());
  CHECK(run(other, 651, 2000, kind.good).empty());
}

TEST_CASE("losses that swing around a limit do not raise the alarm again and again") {
  DiscriminatorAlarm alarm({.smoothing = 1, .steps = 5});
  int said = 0;
  for (std::int64_t step = 1; step <= 2000; ++step) {
    const float d = step / 10 % 2 == 0 ? 0.04f : 0.06f;  // a scale
    if (alarm.add(step, {.gan = 2 * 0.95f, .real = 2 * d, .fake = 2 * d})) ++said;
  }
  CHECK(said == 1);
}

TEST_CASE("scales and limits are options, and losses that are not finite are passed over") {
  const AdversarialLosses four_scales{.gan = 3.8f, .real = 0.1f, .fake = 0.1f};
  DiscriminatorAlarm four({.scales = 4}), two({.scales = 2, .generator_above = 5});
  CHECK_FALSE(run(four, 1, 1000, four_scales).empty());
  CHECK(run(two, 1, 1000, four_scales).empty());
  DiscriminatorAlarm alarm;
  const std::string before = alarm.state();
  CHECK_FALSE(alarm.add(1, {.gan = std::numeric_limits<float>::quiet_NaN()}));
  CHECK_FALSE(alarm.add(1, {.gan = 1, .real = std::numeric_limits<float>::infinity()}));
  CHECK(alarm.state() == before);
  CHECK_THROWS_AS(DiscriminatorAlarm({.scales = 0}), Error);
  CHECK_THROWS_AS(DiscriminatorAlarm({.steps = 0}), Error);
}

TEST_CASE("a run that goes on says what one without interruption says") {
  const Kind& kind = kinds[0];
  const auto mean = [&](std::int64_t step) { return step > 300 && step < 900 ? kind.saturated : kind.good; };
  const auto go = [&](DiscriminatorAlarm& alarm, std::int64_t first, std::int64_t last) {
    std::string said;
    for (std::int64_t step = first; step <= last; ++step) said += run(alarm, step, step, mean(step));
    return said;
  };
  DiscriminatorAlarm whole;
  const std::string all = go(whole, 1, 1500);
  CHECK(std::count(all.begin(), all.end(), '\n') == 2);
  for (const std::int64_t stop : {0, 1, 299, 450, 520, 600, 905, 1000, 1200, 1500}) {
    CAPTURE(stop);
    DiscriminatorAlarm first;
    std::string said = go(first, 1, stop);
    DiscriminatorAlarm second;
    second.restore(first.state());
    CHECK(second.state() == first.state());
    CHECK(second.message() == first.message());
    said += go(second, stop + 1, 1500);
    CHECK(said == all);
    CHECK(second.state() == whole.state());
  }
}

TEST_CASE("a state that is damaged or of other options is refused, and nothing is changed") {
  DiscriminatorAlarm alarm;
  run(alarm, 1, 100, kinds[0].good);
  const std::string state = alarm.state();
  for (const std::string& bad : {std::string(), std::string("x"), state.substr(0, state.size() - 3), state + " 1",
                                 "discriminator 2" + state.substr(15)}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(alarm.restore(bad), Error);
    CHECK(alarm.state() == state);
  }
  DiscriminatorAlarm hinge({.gan = Gan::hinge});
  CHECK(contains(error_of([&] { hinge.restore(state); }), "least_squares"));
}
