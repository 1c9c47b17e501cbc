// Work that threads do ahead of the one that needs it.
#include <images/made_files.hpp>
#include <pix2pixhd/images/in_order.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace pix2pixhd;
using Numbers = detail::InOrder<int>;

namespace {

/// Jobs that give the numbers below `count`; each multiple of `bad` is an Error instead.
Numbers::Draw numbers(int& next, int count, int bad = 1000) {
  return [&next, count, bad]() -> Numbers::Job {
    if (next == count) return {};
    return [i = next++, bad](const std::stop_token&) {
      std::this_thread::sleep_for(std::chrono::microseconds(i * 37 % 500));
      detail::require(i % bad != bad - 1, "Number ", i, " is bad.");
      return i;
    };
  };
}

}  // namespace

TEST_SUITE("threads") {
  TEST_CASE("items come in order and then no more, by any number of threads") {
    for (const int threads : {0, 1, 2, 7})
      for (const std::size_t ahead : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) {
        CAPTURE(threads);
        CAPTURE(ahead);
        if (threads == 0 && ahead > 0) continue;
        int next = 0;
        Numbers items(numbers(next, 40), threads, ahead);
        for (int i = 0; i < 40; ++i) CHECK(items.next() == i);
        for (int i = 0; i < 3; ++i) CHECK_FALSE(items.next().has_value());
      }
  }

  TEST_CASE("an item that cannot be made is thrown in its place, and the others follow") {
    for (const int threads : {0, 1, 4}) {
      CAPTURE(threads);
      int next = 0;
      Numbers items(numbers(next, 12, 5), threads, 2);
      for (int i = 0; i < 12; ++i)
        if (i % 5 == 4)
          CHECK(made::error_of([&] { items.next(); }) == "Number " + std::to_string(i) + " is bad.");
        else
          CHECK(items.next() == i);
      CHECK_FALSE(items.next().has_value());
    }
  }

  TEST_CASE("when no job can be drawn the items before are given, then what was thrown, then none") {
    for (const int threads : {0, 1, 4}) {
      CAPTURE(threads);
      int next = 0;
      const auto draw = numbers(next, 100);
      Numbers items(
          [&]() -> Numbers::Job {
            detail::require(next < 3, "There are three.");
            return draw();
          },
          threads, 2);
      for (int i = 0; i < 3; ++i) CHECK(items.next() == i);
      CHECK(made::error_of([&] { items.next(); }) == "There are three.");
      CHECK_FALSE(items.next().has_value());
    }
  }

  TEST_CASE("it ends while jobs run, and tells them") {
    std::atomic<int> running = 0, told = 0;
    {
      Numbers items(
          [&]() -> Numbers::Job {
            return [&](const std::stop_token& stop) {
              ++running;
              while (!stop.stop_requested()) std::this_thread::yield();
              return ++told;
            };
          },
          3, 1);
      while (running < 3) std::this_thread::yield();
    }
    CHECK(told == 3);
  }
}
