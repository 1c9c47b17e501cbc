#include <pix2pixhd/core/thread_pool.hpp>

#include <doctest/doctest.h>
#include <pix2pixhd/core/start_threads.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

using pix2pixhd::ThreadPool;

TEST_SUITE("threads") {
  TEST_CASE("every chunk runs once, and workers are numbered below the number of threads") {
    for (const int threads : {1, 2, 5}) {
      ThreadPool pool(threads);
      CHECK(pool.threads() == threads);
      for (const int chunks : {0, 1, 2, 97}) {
        std::vector<std::atomic<int>> calls(static_cast<std::size_t>(chunks));
        std::atomic<bool> in_range{true};
        pool.parallel_for(chunks, [&](int chunk, int worker) {
          ++calls[static_cast<std::size_t>(chunk)];
          if (worker < 0 || worker >= threads) in_range = false;
        });
        for (const auto& count : calls) CHECK(count == 1);
        CHECK(in_range);
      }
    }
  }

  TEST_CASE("no two calls run at once with the same worker") {
    ThreadPool pool(4);
    std::vector<std::atomic<int>> inside(4);
    std::atomic<bool> alone{true};
    for (int i = 0; i < 50; ++i)
      pool.parallel_for(32, [&](int, int worker) {
        if (++inside[static_cast<std::size_t>(worker)] != 1) alone = false;
        --inside[static_cast<std::size_t>(worker)];
      });
    CHECK(alone);
  }

  TEST_CASE("an exception reaches the caller and the pool stays usable") {
    ThreadPool pool(3);
    CHECK_THROWS_AS(pool.parallel_for(100,
                                      [](int chunk, int) {
                                        if (chunk == 13) throw std::runtime_error("13");
                                      }),
                    std::runtime_error);
    std::atomic<int> sum{0};
    pool.parallel_for(10, [&](int chunk, int) { sum += chunk; });
    CHECK(sum == 45);
  }

  TEST_CASE("loops within loops and from several threads run in their callers") {
    ThreadPool pool(2);
    std::atomic<int> calls{0};
    pool.parallel_for(8, [&](int, int) { pool.parallel_for(4, [&](int, int) { ++calls; }); });
    CHECK(calls == 32);
    calls = 0;
    std::vector<std::thread> users;
    for (int i = 0; i < 4; ++i)
      users.emplace_back([&] {
        for (int j = 0; j < 200; ++j) pool.parallel_for(5, [&](int, int) { ++calls; });
      });
    for (std::thread& user : users) user.join();
    CHECK(calls == 4000);
  }
}

TEST_CASE("where the machine gives no more threads, those that it gave are taken") {
  struct Scarce {
    explicit Scarce(const std::function<void()>& work) { work(); }
  };
  std::vector<int> numbers;
  std::vector<Scarce> threads;
  pix2pixhd::detail::start_threads(threads, 8, [&numbers](int i) {
    if (i == 3) throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    numbers.push_back(i);
  });
  CHECK(threads.size() == 3);
  CHECK(numbers == std::vector<int>{0, 1, 2});
  std::vector<Scarce> none;
  pix2pixhd::detail::start_threads(none, -1, [](int) {});
  CHECK(none.empty());
}
