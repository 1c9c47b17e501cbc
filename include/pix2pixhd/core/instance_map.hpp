#pragma once
/// Instance ids of pixels, for instance-wise average pooling.

#include <pix2pixhd/core/tensor.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// Which instance every pixel belongs to. Ids may be any integers; on the device they are numbered 0, 1, ... within
/// each picture, in increasing order of the id.
class InstanceMap {
 public:
  InstanceMap() = default;
  /// `indices`: batch x height x width int32 on one device, below `counts[n]` in picture n.
  InstanceMap(std::shared_ptr<Storage> indices, const Shape& plane, std::vector<int> counts)
      : indices_(std::move(indices)), plane_(plane.with_channels(1)), counts_(std::move(counts)) {}

  bool empty() const { return !indices_; }
  /// Batch and sides, with one channel.
  const Shape& plane() const { return plane_; }
  const std::shared_ptr<Storage>& indices() const { return indices_; }
  /// Number of instances in picture `n`.
  int count(int n) const { return counts_[static_cast<std::size_t>(n)]; }
  int largest_count() const {
    int largest = 0;
    for (const int count : counts_) largest = count > largest ? count : largest;
    return largest;
  }

 private:
  std::shared_ptr<Storage> indices_;
  Shape plane_{0, 1, 0, 0};
  std::vector<int> counts_;
};

}  // namespace pix2pixhd::inline v0
