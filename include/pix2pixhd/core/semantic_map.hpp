#pragma once
/// Label maps as networks take them: classes as bytes, never one-hot.

#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {

/// The label value that stands for no class: all class channels of such a pixel are zero. Class ids are below it.
inline constexpr std::uint8_t no_class = 255;

/// A map of semantic classes, optionally with instance boundaries and with dense channels joined to it. For a network
/// it is a tensor whose channels are, in this order: one-hot classes, boundaries (if any), the joined parts.
///
/// Pooling (3x3, stride 2, averages over the valid taps, as the image pyramids of generator and discriminator do)
/// raises `level()`: the classes stay as they are, and whoever reads them averages on the way. The weights of the
/// average factor into one factor for the row and one for the column (see PoolingWindow). Dense parts are pooled at
/// once.
class SemanticMap {
 public:
  SemanticMap() = default;
  /// `labels` (and `edges`, which may be null): `batch` x `height` x `width` bytes on one device; labels are below
  /// `classes` or no_class, edges are 0 or 1.
  SemanticMap(std::shared_ptr<Storage> labels, std::shared_ptr<Storage> edges, const Shape& plane, int classes)
      : labels_(std::move(labels)), edges_(std::move(edges)), plane_(plane.with_channels(1)), classes_(classes) {}

  /// Size as a network sees it, at the current level.
  Shape shape() const {
    return {plane_.n, map_channels() + dense_channels(), side_at_level(plane_.h), side_at_level(plane_.w)};
  }
  /// Batch and sides of the labels themselves (level 0), with one channel.
  const Shape& plane() const { return plane_; }
  int classes() const { return classes_; }
  bool has_edges() const { return static_cast<bool>(edges_); }
  /// Channels that come from labels and boundaries.
  int map_channels() const { return classes_ + (has_edges() ? 1 : 0); }
  int dense_channels() const {
    int channels = 0;
    for (const Tensor& part : parts_) channels += part.shape().c;
    return channels;
  }
  /// Channels at the front that a gradient by the map leaves out: classes, boundaries and constant parts.
  int constant_channels() const { return map_channels() + constant_dense_channels_; }
  /// Channels of a gradient by the map: those of the other parts.
  int gradient_channels() const { return shape().c - constant_channels(); }
  /// How often the map was pooled.
  int level() const { return level_; }

  const std::shared_ptr<Storage>& labels() const { return labels_; }
  const std::shared_ptr<Storage>& edges() const { return edges_; }
  /// The dense parts at the current level, in the order of joining.
  const std::vector<Tensor>& parts() const { return parts_; }

  /// The same map with `part` appended; everything else is shared.
  SemanticMap joined(Tensor part) const {
    SemanticMap result = *this;
    result.parts_.push_back(std::move(part));
    return result;
  }
  /// The same map whose parts joined so far are constants: no gradient by them is ever asked for.
  SemanticMap with_constant_parts() const {
    SemanticMap result = *this;
    result.constant_dense_channels_ = dense_channels();
    return result;
  }
  /// What is known about the channels of other planes, without the parts.
  SemanticMap without_parts(std::shared_ptr<Storage> labels, std::shared_ptr<Storage> edges, const Shape& plane) const {
    SemanticMap result = *this;
    result.labels_ = std::move(labels);
    result.edges_ = std::move(edges);
    result.plane_ = plane.with_channels(1);
    result.parts_.clear();
    return result;
  }
  /// The same classes one level up, with parts already pooled to that level.
  SemanticMap pooled(std::vector<Tensor> parts) const {
    SemanticMap result = *this;
    result.parts_ = std::move(parts);
    ++result.level_;
    return result;
  }

 private:
  int side_at_level(int side) const {
    for (int i = 0; i < level_; ++i) side = (side + 1) / 2;
    return side;
  }

  std::shared_ptr<Storage> labels_, edges_;
  Shape plane_{0, 1, 0, 0};
  int classes_ = 0;
  int level_ = 0;
  int constant_dense_channels_ = 0;
  std::vector<Tensor> parts_;
};

/// The full-resolution rows (or columns) that row `index` of a map pooled `level` times averages, with their weights.
///
/// One pooling takes rows 2i - 1, 2i, 2i + 1 as far as they exist, each with weight 1 / (number that exist). Poolings
/// compose, so at level L the window has at most 2^(L+1) - 1 rows, and the weight of a pixel is the product of its
/// row's and its column's weight.
struct PoolingWindow {
  int first = 0;
  std::vector<double> weights;

  PoolingWindow(int side, int level, int index) : first(index), weights{1.0} {
    std::vector<int> sides{side};
    for (int i = 0; i < level; ++i) sides.push_back((sides.back() + 1) / 2);
    for (int i = level; i-- > 0;) refine(sides[static_cast<std::size_t>(i)]);
  }

 private:
  /// Replaces rows of one level by the rows of the finer level (of `side` rows) that they average.
  void refine(int side) {
    const int last = first + static_cast<int>(weights.size()) - 1;
    const int fine_first = first > 0 ? 2 * first - 1 : 0;
    const int fine_last = 2 * last + 1 < side ? 2 * last + 1 : side - 1;
    std::vector<double> fine(static_cast<std::size_t>(fine_last - fine_first + 1), 0.0);
    for (int i = first; i <= last; ++i) {
      const int from = i > 0 ? 2 * i - 1 : 0, to = 2 * i + 1 < side ? 2 * i + 1 : side - 1;
      const double share = weights[static_cast<std::size_t>(i - first)] / (to - from + 1);
      for (int j = from; j <= to; ++j) fine[static_cast<std::size_t>(j - fine_first)] += share;
    }
    first = fine_first;
    weights = std::move(fine);
  }
};

}  // namespace pix2pixhd::inline v0
