#pragma once
/// Memory of the CPU backend, kept for the next tensor.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// Whether blocks that come back are kept. Not under AddressSanitizer, which could not tell the use of a freed block.
inline constexpr bool blocks_are_kept =
#if defined(__SANITIZE_ADDRESS__)
    false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    false;
#else
    true;
#endif
#else
    true;
#endif

/// Hands out memory of the system, and keeps large blocks that come back: fresh pages have to be cleared by the system,
/// which takes longer than many a layer.
///
/// Blocks in use and kept ones together never take more than those in use once took at most: before the system is asked
/// for more, those that lay unused for longest are given back. All are given back with the last owner of the cache.
class BlockCache : public std::enable_shared_from_this<BlockCache> {
 public:
  BlockCache() = default;
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;
  ~BlockCache();

  /// At least `bytes`, aligned to 64; null if the system has no more. Undefined contents.
  std::shared_ptr<void> allocate(std::size_t bytes);
  /// Bytes that are kept and not in use.
  std::size_t kept() const;

 private:
  struct Block {
    void* memory = nullptr;
    std::size_t bytes = 0;
  };

  Block take(std::size_t bytes);
  void give_back(const Block& block);
  void release_until(std::size_t allowed);

  mutable std::mutex mutex_;
  std::vector<Block> kept_;  ///< in the order in which they came back
  std::size_t kept_bytes_ = 0, used_bytes_ = 0, most_used_ = 0;
};

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/block_cache-inl.hpp>
#endif
