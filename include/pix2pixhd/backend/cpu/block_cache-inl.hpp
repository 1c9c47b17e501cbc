#pragma once

#include <pix2pixhd/backend/cpu/block_cache.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

namespace pix2pixhd::inline v0::detail {

/// Blocks from this size on are kept; smaller ones the system's own lists serve well.
inline constexpr std::size_t kept_from_bytes = std::size_t{64} << 10;

/// Memory of the system, null if there is none.
inline void* system_memory(std::size_t bytes) {
  // Pages of 2 MB: the first touch of fresh memory is ten times slower in pages of 4 KB.
  constexpr std::size_t line = 64, huge_page = std::size_t{2} << 20, large = 2 * huge_page;
  constexpr std::size_t address_space = std::size_t{1} << 47;  // more cannot exist; nobody need be asked
  const std::size_t alignment = bytes >= large ? huge_page : line;
  void* memory = nullptr;
  if (bytes > address_space || ::posix_memalign(&memory, alignment, bytes > 0 ? bytes : line) != 0) return nullptr;
#if defined(MADV_HUGEPAGE)
  if (bytes >= large) ::madvise(memory, bytes, MADV_HUGEPAGE);  // advice only: it may be refused
#endif
  return memory;
}

PIX2PIXHD_INLINE BlockCache::~BlockCache() { release_until(0); }

PIX2PIXHD_INLINE std::size_t BlockCache::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_bytes_;
}

PIX2PIXHD_INLINE std::shared_ptr<void> BlockCache::allocate(std::size_t bytes) {
  if (bytes < kept_from_bytes) {
    void* const memory = system_memory(bytes);
    return memory ? std::shared_ptr<void>(memory, [](void* p) { std::free(p); }) : nullptr;
  }
  const Block block = take(bytes);
  if (!block.memory) return nullptr;
  return {block.memory, [self = shared_from_this(), block](void*) { self->give_back(block); }};
}

PIX2PIXHD_INLINE BlockCache::Block BlockCache::take(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  // The smallest that is large enough and wastes little; of equal ones the last used, which may still be in a cache.
  auto best = kept_.end();
  for (auto block = kept_.begin(); block != kept_.end(); ++block)
    if (block->bytes >= bytes && block->bytes - bytes <= bytes / 8 &&
        (best == kept_.end() || block->bytes <= best->bytes))
      best = block;
  Block result{.memory = nullptr, .bytes = bytes};
  if (best != kept_.end()) {
    result = *best;
    kept_bytes_ -= result.bytes;
    kept_.erase(best);
  } else {
    const std::size_t used = used_bytes_ + bytes;
    release_until(most_used_ > used ? most_used_ - used : 0);
    result.memory = system_memory(bytes);
    if (!result.memory && !kept_.empty()) {
      release_until(0);
      result.memory = system_memory(bytes);
    }
    if (!result.memory) return result;
  }
  used_bytes_ += result.bytes;
  most_used_ = std::max(most_used_, used_bytes_);
  return result;
}

PIX2PIXHD_INLINE void BlockCache::give_back(const Block& block) {
  const std::lock_guard lock(mutex_);
  used_bytes_ -= block.bytes;
  try {
    kept_.push_back(block);
    kept_bytes_ += block.bytes;
  } catch (...) {  // no memory for the list: a destructor must not throw
    std::free(block.memory);
  }
}

PIX2PIXHD_INLINE void BlockCache::release_until(std::size_t allowed) {
  std::size_t count = 0;
  for (; count < kept_.size() && kept_bytes_ > allowed; ++count) {
    kept_bytes_ -= kept_[count].bytes;
    std::free(kept_[count].memory);
  }
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace pix2pixhd::inline v0::detail
