#include <pix2pixhd/core/error.hpp>
#include <pix2pixhd/images/street_scene.hpp>
#include <pix2pixhd/training/alarms.hpp>

#include <doctest/doctest.h>
#include <store/store_testing.hpp>

#include <cmath>

using namespace pix2pixhd;
using store_testing::contains;
using store_testing::error_of;

namespace {

PictureArray street(std::int64_t seed) {
  return street_scene(static_cast<std::uint64_t>(seed), {.width = 128, .height = 64}).image;
}

/// A light spot as generators with instance norm leave them: all channels at their end, soft around.
PictureArray with_spot(PictureArray picture, int x, int y, double width = 5, float value = 1) {
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const double distance = std::hypot(double(i % 128) - x, double(i / 128 % 64) - y);
    const auto part = static_cast<float>(std::clamp(width / 2 - distance + 1, 0.0, 1.0));
    picture.data()[i] += part * (value - picture.data()[i]);
  }
  return picture;
}

/// A run with a spot at (90, 12) in the pictures from step 20 to 59.
std::string run(BlobAlarm& alarm, std::int64_t first, std::int64_t last) {
  std::string said;
  for (std::int64_t step = first; step <= last; ++step) {
    const bool spot = step >= 20 && step < 60;
    const auto sentence = alarm.add(step, spot ? with_spot(street(step), 90, 12) : street(step));
    if (sentence) said += std::to_string(step) + ": " + *sentence + "\n";
  }
  return said;
}

}  // namespace

TEST_CASE("street scenes raise no alarm") {
  for (const PictureSize& size : {PictureSize{128, 64}, PictureSize{256, 128}}) {
    BlobAlarm alarm;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const auto said = alarm.add(static_cast<std::int64_t>(seed), street_scene(seed, size).image);
      CHECK_MESSAGE(!said, *said);
    }
  }
}

TEST_CASE("a spot that stays is told early and once, with its place, and that it has left") {
  BlobAlarm alarm;
  const std::string said = run(alarm, 1, 100);
  CAPTURE(said);
  CHECK(std::count(said.begin(), said.end(), '\n') == 2);
  CHECK(said.starts_with("28: "));  // the ninth picture with it
  CHECK(contains(said, "bright at (x "));
  CHECK(contains(said, "have left"));
  CHECK_FALSE(alarm.active());
  CHECK(alarm.message().empty());
  CHECK(alarm.since() == 89);  // the oldest of twelve pictures

  BlobAlarm other;
  run(other, 1, 40);
  REQUIRE(other.active());
  REQUIRE(other.blobs().size() == 1);
  CHECK(std::abs(other.blobs()[0].x - 90) <= 2);
  CHECK(std::abs(other.blobs()[0].y - 12) <= 2);
  CHECK(contains(other.message(), "Since step 17 "));
  CHECK(other.since() == 17);  // of the pictures that the alarm began with, although these are out of sight
  CHECK_FALSE(BlobAlarm().since());
}

TEST_CASE("spots of other sizes, dark ones, and those in a corner") {
  struct Painted {
    int x, y;
    double width;
    float value;
  };
  for (const Painted& spot : {Painted{64, 32, 3, 1}, Painted{30, 20, 8, 1}, Painted{0, 0, 8, 1},
                              Painted{100, 10, 4, -1}, Painted{127, 63, 6, 1}}) {
    CAPTURE(spot.x);
    BlobAlarm alarm;
    for (std::int64_t step = 0; step < 12; ++step) {
      PictureArray picture = street(step);
      if (spot.value < 0) picture = with_spot(picture, spot.x, spot.y, 24, 0.2f);  // dark spots stand out of light ones
      alarm.add(step, with_spot(picture, spot.x, spot.y, spot.width, spot.value));
    }
    CHECK(alarm.active());
  }
}

TEST_CASE("a spot that moves with the scene is no blob, nor is one in the real picture") {
  BlobAlarm moving, scene, blind;
  for (std::int64_t step = 0; step < 40; ++step) {
    CHECK_FALSE(moving.add(step, with_spot(street(step), static_cast<int>(8 + step * 29 % 110), 30)));
    const PictureArray lamp = with_spot(street(step), 90, 12);
    CHECK_FALSE(scene.add(step, lamp, &lamp));
    blind.add(step, lamp);
  }
  CHECK(blind.active());
  const PictureArray plain = street(1);
  BlobAlarm compared;
  for (std::int64_t step = 0; step < 12; ++step) {
    const PictureArray real = street(step);
    compared.add(step, with_spot(real, 90, 12), &real);
  }
  CHECK(compared.active());
  const PictureArray small = street_scene(1, {.width = 64, .height = 32}).image;
  CHECK_THROWS_AS(compared.add(13, plain, &small), Error);
}

TEST_CASE("a second place is told too") {
  BlobAlarm alarm;
  std::string said;
  for (std::int64_t step = 0; step < 60; ++step) {
    PictureArray picture = with_spot(street(step), 90, 12);
    if (step >= 30) picture = with_spot(picture, 20, 50);
    if (const auto sentence = alarm.add(step, picture)) said += *sentence + "\n";
  }
  CHECK(std::count(said.begin(), said.end(), '\n') == 2);
  CHECK(alarm.blobs().size() == 2);
}

TEST_CASE("a run that goes on says what one without interruption says") {
  BlobAlarm whole;
  const std::string all = run(whole, 1, 80);
  for (const std::int64_t stop : {0, 1, 11, 25, 28, 29, 40, 62, 68, 70, 80}) {
    CAPTURE(stop);
    BlobAlarm first, second;
    std::string said = run(first, 1, stop);
    second.restore(first.state());
    CHECK(second.state() == first.state());
    CHECK(second.message() == first.message());
    said += run(second, stop + 1, 80);
    CHECK(said == all);
    CHECK(second.state() == whole.state());
  }
}

TEST_CASE("a state that is damaged is refused, and nothing is changed") {
  BlobAlarm alarm;
  run(alarm, 10, 40);
  const std::string state = alarm.state();
  CHECK(state.find('\n') == std::string::npos);
  CHECK(state.size() < 12 * 32 * 20);
  for (std::size_t length = 0; length < state.size(); length += 7) {
    CAPTURE(length);
    CHECK_THROWS_AS(alarm.restore(state.substr(0, length)), Error);
  }
  CHECK_THROWS_AS(alarm.restore("blobs 1 window 12 since 0 spots 99999999999 "), Error);
  CHECK_THROWS_AS(alarm.restore("blobs 1 window 12 since 0 spots 1 -5 0 3 1 pictures 0"), Error);
  CHECK(alarm.state() == state);
  BlobAlarm other({.pictures = 20});
  CHECK(contains(error_of([&] { other.restore(state); }), "12 pictures"));
  CHECK_THROWS_AS(BlobAlarm({.pictures = 1}), Error);
  CHECK_THROWS_AS(BlobAlarm({.alarm_part = 0.3}), Error);
}
