/// Numbers in checkpoints and messages are the same in every locale.

#include "training_run.hpp"

#include <pix2pixhd/images/sampler.hpp>
#include <pix2pixhd/pix2pixhd.hpp>
#include <pix2pixhd/training/evaluation.hpp>
#include <pix2pixhd/training/state_text.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <locale>
#include <string>

using namespace tests;

namespace {

/// Two and a half is 2,5 here, and a thousand 1.000.
class Commas : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// The locale of all streams, as long as it lives.
struct Abroad {
  std::locale before = std::locale::global(std::locale(std::locale::classic(), new Commas));
  Abroad() = default;
  Abroad(const Abroad&) = delete;
  Abroad& operator=(const Abroad&) = delete;
  ~Abroad() { std::locale::global(before); }
};

}  // namespace

TEST_CASE("a run goes on bit for bit from a checkpoint that was written in another locale") {
  const TemporaryFolder folder;
  const TrainOptions options{.matching_weight = 2.5f, .pool = 1, .seed = 12'345, .average = 0.5};
  Run first(reference(), options), second(reference(), options), third(reference(), options);
  {
    const Abroad abroad;
    first.trainer.step(batch(first.device, 0));
    first.trainer.set_learning_rate(1.23e-5);
    first.trainer.save(folder.path() / "abroad");
    second.trainer.resume(folder.path() / "abroad");
  }
  first.trainer.save(folder.path() / "home");
  third.trainer.resume(folder.path() / "abroad");
  for (Run* run : {&second, &third}) {
    CHECK(run->trainer.learning_rate() == 1.23e-5);
    CHECK(run->state() == first.state());
  }
  const Abroad abroad;
  second.trainer.resume(folder.path() / "home");
  CHECK(second.trainer.learning_rate() == 1.23e-5);
}

TEST_CASE("sentences, states and figures do not follow the locale") {
  Sampler sampler(12'345, {.seed = 67'890});
  for (int i = 0; i < 5'000; ++i) sampler.next();
  const std::string state = sampler.state();
  const Figures figures{.pictures = 1, .psnr = 21.5, .ssim = 0.75, .sliced_wasserstein = {0.25}};
  const std::string text = to_string(figures);
  const Abroad abroad;
  CHECK(detail::sentence(1234.5, " and ", 1'000'000) == "1234.5 and 1000000");
  CHECK(sampler.state() == state);
  CHECK(to_string(figures) == text);
  Sampler other(12'345, {.seed = 67'890});
  other.restore(state);
  CHECK(other.state() == state);
}

TEST_CASE("a number comes back to the bit from its text, also from that of earlier checkpoints") {
  using detail::exact_number, detail::exact_text;
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0, -0.0, 1.0, -2.5, 2e-4, 1.0 / 3, std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::max(), infinity, -infinity}) {
    CAPTURE(value);
    const auto read = exact_number(exact_text(value));
    REQUIRE(read.has_value());
    CHECK(*read == value);
    CHECK(std::signbit(*read) == std::signbit(value));
  }
  CHECK(exact_text(2.5) == "0x1.4p+1");
  CHECK(exact_number("0x1.a36e2eb1c432dp-13") == 2e-4);
  CHECK(exact_number("1.a36e2eb1c432dp-13") == 2e-4);
  CHECK(exact_number("-0x1p+0") == -1.0);
  for (const char* text : {"", "-", "0x", "--1", "0x-1", "+1", " 1", "1 ", "0x1,8p+1", "0x1p+9999", "eleven"}) {
    CAPTURE(text);
    CHECK_FALSE(exact_number(text).has_value());
  }
}
