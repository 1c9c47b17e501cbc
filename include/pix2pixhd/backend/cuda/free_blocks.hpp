#pragma once
/// Memory that waits for its next use.

#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

namespace pix2pixhd::inline v0::backend_cuda {

/// Blocks by size, whatever names them.
template <class Handle>
class FreeBlocks {
 public:
  struct Block {
    std::size_t bytes = 0;
    Handle handle = {};
  };

  std::size_t bytes() const { return bytes_; }
  bool empty() const { return blocks_.empty(); }

  void put(Block block) {
    blocks_.emplace(block.bytes, std::move(block.handle));
    bytes_ += block.bytes;
  }
  /// The smallest block of at least `bytes`, unless more than an eighth of them would lie idle.
  std::optional<Block> take(std::size_t bytes) {
    const auto fitting = blocks_.lower_bound(bytes);
    if (fitting == blocks_.end() || fitting->first - bytes > bytes / 8) return {};
    return take_at(fitting);
  }
  /// The largest. There must be one.
  Block take_largest() { return take_at(std::prev(blocks_.end())); }

 private:
  using Blocks = std::multimap<std::size_t, Handle>;

  Block take_at(typename Blocks::iterator at) {
    Block block{at->first, std::move(at->second)};
    bytes_ -= block.bytes;
    blocks_.erase(at);
    return block;
  }

  Blocks blocks_;
  std::size_t bytes_ = 0;
};

}  // namespace pix2pixhd::inline v0::backend_cuda
