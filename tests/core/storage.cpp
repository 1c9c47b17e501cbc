/// Versions, derived values, cleared marks, unique handles, counted memory.

#include <doctest/doctest.h>
#include <pix2pixhd/backend/reference/reference_backend.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

using namespace pix2pixhd;

TEST_CASE("a derived value is made once and again after a change") {
  Device device = reference();
  const Tensor x = device.empty({1, 1, 1, 4});
  int made = 0;
  const auto derived = [&](std::uint64_t key) {
    return *x.storage()->derived<int>(key, [&] { return std::make_shared<const int>(++made); });
  };
  CHECK_FALSE(x.storage()->has_derived(1));
  CHECK(derived(1) == 1);
  CHECK(derived(1) == 1);
  CHECK(derived(2) == 2);
  CHECK(x.storage()->has_derived(1));
  const std::uint64_t version = x.storage()->version();
  x.mutable_data<double>()[0] = 5;
  CHECK(x.storage()->version() > version);
  CHECK_FALSE(x.storage()->has_derived(1));
  CHECK(derived(1) == 3);
  CHECK(x.data<double>()[0] == 5);  // reading is no change
  CHECK(x.storage()->has_derived(1));
}

TEST_CASE("a derived value whose making fails is made at the next call") {
  Device device = reference();
  const Tensor x = device.empty({1, 1, 1, 1});
  CHECK_THROWS_AS(x.storage()->derived<int>(1, []() -> std::shared_ptr<const int> { throw OutOfMemory("none"); }),
                  OutOfMemory);
  CHECK_FALSE(x.storage()->has_derived(1));
  CHECK(*x.storage()->derived<int>(1, [] { return std::make_shared<const int>(7); }) == 7);
}

TEST_CASE("derived values that are let go of are made anew, and who recorded where they lay is told") {
  Device device = reference();
  const Tensor x = device.empty({1, 1, 1, 1});
  std::uint64_t version = x.storage()->version();
  x.storage()->forget_derived();  // there is none
  CHECK(x.storage()->version() == version);
  const auto used = x.storage()->derived<int>(1, [] { return std::make_shared<const int>(1); });
  version = x.storage()->version();
  x.storage()->forget_derived();
  CHECK_FALSE(x.storage()->has_derived(1));
  CHECK(x.storage()->version() > version);
  CHECK(*used == 1);
  CHECK(*x.storage()->derived<int>(1, [] { return std::make_shared<const int>(2); }) == 2);
}

TEST_CASE("the old derived value is let go before the new one is made") {
  Device device = reference();
  const Tensor x = device.empty({1, 1, 1, 1});
  std::weak_ptr<const int> old = x.storage()->derived<int>(1, [] { return std::make_shared<const int>(1); });
  x.mutable_data<double>();
  x.storage()->derived<int>(1, [&] {
    CHECK(old.expired());
    return std::make_shared<const int>(2);
  });
}

TEST_CASE("a storage in the place of an earlier one is told from it") {
  Device device = reference();
  std::optional<Storage> place;
  const auto tensor = [&] {
    place.emplace(device.shared_backend(), nullptr, 0);
    const Shape shape{1, 1, 1, 1};
    return Tensor(shape, device.backend().format(shape, Role::parameter), {&*place, [](Storage*) {}});
  };
  FrozenStatistics statistics;
  const Tensor first = tensor();
  const Storage* const address = first.storage().get();
  const std::uint64_t id = first.storage()->id(), version = first.storage()->version();
  statistics.set(first, {});
  CHECK(statistics.find(first) != nullptr);
  const Tensor second = tensor();
  CHECK(second.storage().get() == address);
  CHECK(second.storage()->version() == version);
  CHECK(second.storage()->id() != id);
  CHECK(statistics.find(second) == nullptr);
}

TEST_CASE("handles know whether they are alone") {
  Device device = reference();
  Tensor x = device.empty({1, 1, 2, 2});
  CHECK(x.unique());
  {
    const Tensor other = x;
    CHECK_FALSE(x.unique());
  }
  CHECK(x.unique());
  CHECK_FALSE(Tensor().unique());
  CHECK(Tensor().empty());
  const Tensor pending = x.with_pending(std::make_shared<Pending>());
  CHECK_FALSE(x.unique());
  CHECK(pending.storage() == x.storage());
}

TEST_CASE("memory is counted while it is held") {
  Device device = reference();
  CHECK(device.memory().current() == 0);
  {
    const Tensor x = device.empty({1, 2, 3, 4});
    CHECK(device.memory().current() == 24 * sizeof(double));
    const Tensor same = x;
    CHECK(device.memory().current() == 24 * sizeof(double));
  }
  CHECK(device.memory().current() == 0);
  CHECK(device.memory().peak() == 24 * sizeof(double));
  device.memory().reset_peak();
  CHECK(device.memory().peak() == 0);
}

namespace {

/// Bytes that count what is done with them.
struct Lender final : LentMemory {
  std::vector<double> values{1, 2, 3};
  bool changed = false;
  mutable std::size_t released = 0;

  std::span<const std::byte> bytes() const { return std::as_bytes(std::span<const double>(values)); }
  bool steady() const override { return true; }
  void check() const override {
    if (changed) throw Error("changed");
  }
  void expect(std::span<const std::byte>) const override {}
  void release(std::span<const std::byte> part) const override { released += part.size(); }
};

}  // namespace

TEST_CASE("a storage on lent memory reads there, and is copied by the first mutable access") {
  Device device = reference();
  auto lender = std::make_shared<Lender>();
  const auto storage = device.backend().borrow(lender, lender->bytes());
  CHECK(storage->data() == lender->values.data());
  CHECK(storage->bytes() == 3 * sizeof(double));
  CHECK(device.memory().current() == storage->bytes());
  CHECK(storage->lender() == lender.get());

  const std::uint64_t version = storage->version();
  auto* const own = static_cast<double*>(storage->mutable_data());
  CHECK(storage->version() > version);
  CHECK(storage->lender() == nullptr);
  CHECK(lender->released == storage->bytes());
  CHECK(storage->data() == own);
  CHECK(own[2] == 3);
  own[2] = 7;
  CHECK(lender->values[2] == 3);
  CHECK(lender.use_count() == 1);
  CHECK(device.memory().current() == storage->bytes());
  lender->changed = true;
  CHECK_NOTHROW(storage->check());
}

TEST_CASE("lent memory is kept, checked, and held to the budget") {
  Device device = reference({.budget = 24});
  auto lender = std::make_shared<Lender>();
  {
    const auto storage = device.backend().borrow(lender, lender->bytes());
    CHECK(lender.use_count() == 3);  // the storage's memory and its lender
    CHECK_THROWS_AS(device.backend().borrow(lender, lender->bytes().first(8)), OutOfMemory);
    lender->changed = true;
    CHECK_THROWS_AS(storage->check(), Error);
    CHECK_THROWS_AS(storage->mutable_data(), Error);
    CHECK(storage->lender() == lender.get());
  }
  CHECK(lender.use_count() == 1);
  CHECK(device.memory().current() == 0);
  CHECK_NOTHROW(device.empty({1, 1, 1, 1}).storage()->check());
}

TEST_CASE("a tensor outlives its device") {
  Tensor x;
  {
    Device device = reference();
    x = device.empty({1, 1, 1, 1});
    x.mutable_data<double>()[0] = 3;
  }
  CHECK(x.data<double>()[0] == 3);
  CHECK(x.storage()->backend()->name() == "reference");
}

TEST_CASE("clearing is a mark that is taken once") {
  Device device = reference();
  const Tensor x = device.empty({1, 1, 1, 1});
  CHECK_FALSE(x.storage()->cleared());
  x.storage()->clear();
  CHECK(x.storage()->cleared());
  CHECK(x.storage()->take_cleared());
  CHECK_FALSE(x.storage()->take_cleared());
}

TEST_SUITE("threads") {
  TEST_CASE("of several threads that ask for a derived value one makes it") {
    Device device = reference();
    const Tensor x = device.empty({1, 1, 1, 1});
    for (int round = 0; round < 20; ++round) {
      x.mutable_data<double>();
      std::atomic<int> made{0};
      std::vector<std::thread> threads;
      for (int i = 0; i < 4; ++i)
        threads.emplace_back(
            [&] { x.storage()->derived<int>(1, [&] { return std::make_shared<const int>(++made); }); });
      for (std::thread& thread : threads) thread.join();
      CHECK(made == 1);
    }
  }

  TEST_CASE("several threads do not exceed a budget together") {
    constexpr std::size_t piece = 1024, pieces = 10;
    Device device = reference({.budget = pieces * piece + piece / 2});
    for (int round = 0; round < 20; ++round) {
      std::atomic<std::size_t> got{0}, refused{0};
      std::vector<std::thread> threads;
      std::vector<std::vector<std::shared_ptr<Storage>>> held(4);
      for (auto& mine : held)
        threads.emplace_back([&] {
          for (std::size_t i = 0; i < pieces; ++i) try {
              mine.push_back(device.allocate(piece));
              ++got;
            } catch (const OutOfMemory&) {
              ++refused;
            }
        });
      for (std::thread& thread : threads) thread.join();
      CHECK(got == pieces);
      CHECK(refused == 4 * pieces - pieces);
      CHECK(device.memory().current() == pieces * piece);
      CHECK(device.memory().peak() == pieces * piece);
    }
    CHECK(device.memory().current() == 0);
    CHECK_THROWS_AS(device.allocate(~std::size_t{0}), OutOfMemory);
  }
}
