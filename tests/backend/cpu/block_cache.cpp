#include <pix2pixhd/backend/cpu/block_cache.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

using pix2pixhd::detail::BlockCache;

namespace {

constexpr std::size_t megabyte = std::size_t{1} << 20;

}  // namespace

TEST_CASE("a block that came back is handed out again, to a request of nearly its size only") {
  if (!pix2pixhd::detail::blocks_are_kept) return;
  const auto cache = std::make_shared<BlockCache>();
  auto first = cache->allocate(4 * megabyte), second = cache->allocate(4 * megabyte);
  void* const address = second.get();
  CHECK(cache->kept() == 0);
  first.reset();
  second.reset();
  CHECK(cache->kept() == 8 * megabyte);
  const auto much_smaller = cache->allocate(3 * megabyte);
  CHECK(cache->kept() == 4 * megabyte);  // one block made room for it
  const auto nearly = cache->allocate(4 * megabyte - 100);
  CHECK(nearly.get() == address);
  CHECK(cache->kept() == 0);
}

TEST_CASE("blocks in use and kept ones together stay below the most that was in use") {
  if (!pix2pixhd::detail::blocks_are_kept) return;
  const auto cache = std::make_shared<BlockCache>();
  std::vector<std::shared_ptr<void>> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(cache->allocate(megabyte));
  blocks.clear();
  CHECK(cache->kept() == 4 * megabyte);
  const auto larger = cache->allocate(3 * megabyte);  // fits none of them
  CHECK(cache->kept() <= megabyte);
  const auto largest = cache->allocate(8 * megabyte);
  CHECK(cache->kept() == 0);
}

TEST_CASE("memory is aligned, writable, and outlives the cache") {
  auto cache = std::make_shared<BlockCache>();
  std::vector<std::shared_ptr<void>> blocks;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{65536}, 5 * megabyte + 3}) {
    blocks.push_back(cache->allocate(bytes));
    REQUIRE(blocks.back());
    CHECK(reinterpret_cast<std::uintptr_t>(blocks.back().get()) % 64 == 0);
    std::memset(blocks.back().get(), 1, bytes);
  }
  cache.reset();
  for (const auto& block : blocks) std::memset(block.get(), 0, 1);
}

TEST_CASE("more than there is gives null") {
  const auto cache = std::make_shared<BlockCache>();
  CHECK_FALSE(cache->allocate(std::size_t{1} << 60));
}

TEST_CASE("several threads take and give back") {
  const auto cache = std::make_shared<BlockCache>();
  std::atomic<bool> alone{true};
  std::vector<std::thread> threads;
  for (unsigned char id = 1; id <= 3; ++id)
    threads.emplace_back([&, id] {
      for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t bytes = megabyte / 8 + i % 5 * 4096;
        const auto block = cache->allocate(bytes);
        auto* const values = static_cast<unsigned char*>(block.get());
        std::memset(values, id, bytes);
        if (values[0] != id || values[bytes - 1] != id) alone = false;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(alone);
}
