#pragma once

#include <pix2pixhd/backend/cpu/block_cache.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace pix2pixhd::inline v0::detail {

/// Blocks from this size on are kept; smaller ones the system's own lists serve well.
inline constexpr std::size_t kept_from_bytes = std::size_t{64} << 10;

/// Blocks from this size on are mapped by themselves, so that they go back to the system whole, and in pages of 2 MB:
/// the first touch of fresh memory is ten times slower in pages of 4 KB.
inline constexpr std::size_t huge_page = std::size_t{2} << 20;
inline constexpr std::size_t mapped_from_bytes = blocks_are_kept ? 2 * huge_page : ~std::size_t{0};

/// Memory of the system, aligned to 64 bytes; null if there is none.
inline void* system_memory(std::size_t bytes) {
  constexpr std::size_t line = 64, address_space = std::size_t{1} << 47;  // more cannot exist; nobody need be asked
  if (bytes > address_space) return nullptr;
  void* memory = nullptr;
  if (bytes < mapped_from_bytes)
    return ::posix_memalign(&memory, line, bytes > 0 ? bytes : line) == 0 ? memory : nullptr;
  const std::size_t asked = bytes + huge_page;
  memory = ::mmap(nullptr, asked, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  // What lies before the first large page, and behind the last page in use, goes back.
  constexpr std::size_t page = 4096;
  auto* const begin = static_cast<std::byte*>(memory);
  const std::size_t before = (huge_page - reinterpret_cast<std::uintptr_t>(memory) % huge_page) % huge_page,
                    used = (bytes + page - 1) / page * page;
  std::byte* const first = begin + before;
  if (before > 0) ::munmap(begin, before);
  if (before + used < asked) ::munmap(first + used, asked - before - used);
#if defined(MADV_HUGEPAGE)
  ::madvise(first, bytes, MADV_HUGEPAGE);  // advice only: it may be refused
#endif
  return first;
}

inline void release_system_memory(void* memory, std::size_t bytes) {
  if (bytes < mapped_from_bytes)
    std::free(memory);
  else
    ::munmap(memory, bytes);
}

PIX2PIXHD_INLINE BlockCache::~BlockCache() { release_until(0); }

PIX2PIXHD_INLINE std::size_t BlockCache::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_bytes_;
}

PIX2PIXHD_INLINE std::shared_ptr<void> BlockCache::allocate(std::size_t bytes) {
  if (!blocks_are_kept || bytes < kept_from_bytes) {
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
    release_system_memory(block.memory, block.bytes);
  }
}

PIX2PIXHD_INLINE void BlockCache::release_until(std::size_t allowed) {
  std::size_t count = 0;
  for (; count < kept_.size() && kept_bytes_ > allowed; ++count) {
    kept_bytes_ -= kept_[count].bytes;
    release_system_memory(kept_[count].memory, kept_[count].bytes);
  }
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace pix2pixhd::inline v0::detail
