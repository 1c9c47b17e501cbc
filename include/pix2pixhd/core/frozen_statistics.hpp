#pragma once
/// Statistics of one pass as constants of others.

#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>
#include <map>
#include <utility>

namespace pix2pixhd::inline v0 {

/// Mean and variance of every block with instance norm in one pass, by the block's weight. A pass that takes them as
/// constants computes a part of the picture as if it saw the whole: instance norm's statistics are what every pixel of
/// a picture depends on, everything else is local.
class FrozenStatistics {
 public:
  struct Block {
    Tensor mean, variance;  ///< (channels, 1, 1, 1)
  };

  bool empty() const { return blocks_.empty(); }
  std::size_t size() const { return blocks_.size(); }
  void clear() { blocks_.clear(); }
  void set(const Tensor& weight, Block block) { blocks_[weight.storage().get()] = std::move(block); }
  /// The statistics of a block, or null.
  const Block* find(const Tensor& weight) const {
    const auto found = blocks_.find(weight.storage().get());
    return found == blocks_.end() ? nullptr : &found->second;
  }

 private:
  std::map<const Storage*, Block> blocks_;
};

}  // namespace pix2pixhd::inline v0
