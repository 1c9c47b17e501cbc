#pragma once
/// Statistics of one pass as constants of others.

#include <pix2pixhd/core/tensor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
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
  void set(const Tensor& weight, Block block) { blocks_[id_of(weight)] = std::move(block); }
  /// The statistics of a block, or null.
  const Block* find(const Tensor& weight) const {
    const auto found = blocks_.find(id_of(weight));
    return found == blocks_.end() ? nullptr : &found->second;
  }
  /// Whether each is of a weight whose storage has one of these ids.
  bool are_of(const std::set<std::uint64_t>& storages) const {
    return std::all_of(blocks_.begin(), blocks_.end(), [&](const auto& one) { return storages.contains(one.first); });
  }

 private:
  static std::uint64_t id_of(const Tensor& weight) { return weight.storage() ? weight.storage()->id() : 0; }

  std::map<std::uint64_t, Block> blocks_;  ///< by the id of the weight's storage, which never comes back
};

}  // namespace pix2pixhd::inline v0
