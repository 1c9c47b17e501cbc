#pragma once
/// Semantic maps and instance maps from host arrays.

#include <pix2pixhd/core/instance_edges.hpp>
#include <pix2pixhd/core/instance_map.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/ops/check.hpp>
#include <pix2pixhd/ops/host_array.hpp>
#include <pix2pixhd/ops/map_loops.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// Pictures of integers, one after the other.
template <class T>
struct Planes {
  Shape shape;  ///< with one channel
  const T* values;

  explicit Planes(const xt::xtensor<T, 2>& a)
      : shape{1, 1, static_cast<int>(a.shape()[0]), static_cast<int>(a.shape()[1])}, values(a.data()) {}
  explicit Planes(const xt::xtensor<T, 3>& a)
      : shape{static_cast<int>(a.shape()[0]), 1, static_cast<int>(a.shape()[1]), static_cast<int>(a.shape()[2])},
        values(a.data()) {}
};

/// Memory for bytes that are all written before one is read.
inline std::unique_ptr<std::uint8_t[]> bytes_to_write(std::size_t count) {
  return std::make_unique_for_overwrite<std::uint8_t[]>(count);
}

/// 1 where a pixel's instance id differs from its left, right, upper or lower neighbour's (paper, section 3.3).
inline std::unique_ptr<std::uint8_t[]> instance_edges(const Planes<std::int32_t>& ids) {
  auto edges = bytes_to_write(ids.shape.count());
  mark_edges(ids.values, static_cast<std::size_t>(ids.shape.n), static_cast<std::size_t>(ids.shape.h),
             static_cast<std::size_t>(ids.shape.w), edges.get());
  return edges;
}

/// Throws Error at the first label that is neither a class nor ignored, if there is one.
inline void refuse_wrong_label(const Planes<std::uint8_t>& labels, int classes, std::optional<int> ignore) {
  const std::uint8_t* const end = labels.values + labels.shape.count();
  const std::uint8_t* const wrong = std::find_if(
      labels.values, end, [&](std::uint8_t label) { return label >= classes && !(ignore && label == *ignore); });
  if (wrong == end) return;
  const auto i = static_cast<std::size_t>(wrong - labels.values);
  throw Error(sentence("label map", labels.shape.n > 1 ? sentence(" ", i / labels.shape.pixels()) : "", ": pixel ",
                       pixel_position(i % labels.shape.pixels(), labels.shape.w), " has label ", int{*wrong},
                       ", allowed are 0 to ", classes - 1, ignore ? sentence(" and the ignore label ", *ignore) : "",
                       "; correct the map, raise the number of classes or name that label as the one to ignore."));
}

inline std::shared_ptr<Storage> upload_bytes(Device& device, const void* bytes, std::size_t count) {
  auto storage = device.allocate(count);
  device.backend().write_bytes(*storage, bytes, count);
  return storage;
}

/// Labels with the ignore id replaced by no_class; throws Error at the first that is neither a class nor ignored.
/// `classes` is at most no_class.
inline std::shared_ptr<Storage> upload_labels(Device& device, const Planes<std::uint8_t>& labels, int classes,
                                              std::optional<int> ignore) {
  const std::size_t count = labels.shape.count();
  const bool ignores = ignore && *ignore >= 0 && *ignore <= no_class;
  const auto ignored = static_cast<std::uint8_t>(ignores ? *ignore : 0);  // 0 is no higher than any
  if (highest_label(labels.values, count, ignored) >= classes) refuse_wrong_label(labels, classes, ignore);
  if (!ignores || ignored == no_class) return upload_bytes(device, labels.values, count);
  const auto replaced = bytes_to_write(count);
  replace_label(labels.values, count, ignored, no_class, replaced.get());
  return upload_bytes(device, replaced.get(), count);
}

/// instance_edges() on the device, found there by a backend that can.
inline std::shared_ptr<Storage> upload_edges(Device& device, const Planes<std::int32_t>& ids) {
  auto* const marker = dynamic_cast<EdgeMarker*>(&device.backend());
  if (!marker) return upload_bytes(device, instance_edges(ids).get(), ids.shape.count());
  auto storage = device.allocate(ids.shape.count());
  marker->write_edges(ids.values, ids.shape, *storage);
  return storage;
}

inline SemanticMap make_semantic_map(Device& device, const Planes<std::uint8_t>& labels,
                                     const std::optional<Planes<std::int32_t>>& instances, int classes,
                                     std::optional<int> ignore) {
  require(classes >= 1 && classes <= no_class, "semantic_map: ", classes, " classes were asked for, 1 to ",
          int{no_class}, " are possible.");
  require(labels.shape.count() > 0, "semantic_map: the label map has no pixels.");
  auto label_bytes = upload_labels(device, labels, classes, ignore);
  std::shared_ptr<Storage> edge_bytes;
  if (instances) {
    require(instances->shape == labels.shape, "semantic_map: the instance map is ", instances->shape.n, " x ",
            instances->shape.h, " x ", instances->shape.w, " (pictures, rows, columns), the label map ", labels.shape.n,
            " x ", labels.shape.h, " x ", labels.shape.w, "; they must be the same size.");
    edge_bytes = upload_edges(device, *instances);
  }
  return {std::move(label_bytes), std::move(edge_bytes), labels.shape, classes};
}

inline InstanceMap make_instance_map(Device& device, const Planes<std::int32_t>& ids) {
  require(ids.shape.count() > 0, "instance_map: the map has no pixels.");
  std::vector<std::int32_t> indices(ids.shape.count());
  std::vector<int> counts;
  const std::size_t pixels = ids.shape.pixels();
  for (int n = 0; n < ids.shape.n; ++n) {
    const std::int32_t* first = ids.values + static_cast<std::size_t>(n) * pixels;
    std::vector<std::int32_t> distinct;  // of runs of equal ids, of which there are far fewer than pixels
    std::unique_copy(first, first + pixels, std::back_inserter(distinct));
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    counts.push_back(static_cast<int>(distinct.size()));
    std::int32_t* const to = indices.data() + static_cast<std::size_t>(n) * pixels;
    for (std::size_t i = 0; i < pixels; ++i)
      to[i] = i > 0 && first[i] == first[i - 1]
                  ? to[i - 1]
                  : static_cast<std::int32_t>(std::lower_bound(distinct.begin(), distinct.end(), first[i]) -
                                              distinct.begin());
  }
  auto storage = upload_bytes(device, indices.data(), indices.size() * sizeof(std::int32_t));
  return {std::move(storage), ids.shape, std::move(counts)};
}

}  // namespace detail

/// A map of labels 0 ... classes - 1 (classes at most 255), with the boundaries of `instances` (any ids) as a further
/// channel if these are given. Pixels with the label `ignore` belong to no class.
/// Throws Error naming pixel and value if a label is out of range, for `classes` outside 1 to 255, and on maps without
/// pixels or of different sizes.
inline SemanticMap semantic_map(Device& device, const xt::xtensor<std::uint8_t, 2>& labels,
                                const std::optional<xt::xtensor<std::int32_t, 2>>& instances, int classes,
                                std::optional<int> ignore = {}) {
  using Ids = detail::Planes<std::int32_t>;
  return detail::make_semantic_map(device, detail::Planes<std::uint8_t>(labels),
                                   instances ? std::optional<Ids>(Ids(*instances)) : std::nullopt, classes, ignore);
}

/// The same for a batch: pictures, rows, columns.
inline SemanticMap semantic_map(Device& device, const xt::xtensor<std::uint8_t, 3>& labels,
                                const std::optional<xt::xtensor<std::int32_t, 3>>& instances, int classes,
                                std::optional<int> ignore = {}) {
  using Ids = detail::Planes<std::int32_t>;
  return detail::make_semantic_map(device, detail::Planes<std::uint8_t>(labels),
                                   instances ? std::optional<Ids>(Ids(*instances)) : std::nullopt, classes, ignore);
}

/// The same with instances that are there: no optional copy of them has to be made.
template <class Ids>
requires std::same_as<Ids, xt::xtensor<std::int32_t, 2>> SemanticMap
semantic_map(Device& device, const xt::xtensor<std::uint8_t, 2>& labels, const Ids& instances, int classes,
             std::optional<int> ignore = {}) {
  return detail::make_semantic_map(device, detail::Planes<std::uint8_t>(labels),
                                   detail::Planes<std::int32_t>(instances), classes, ignore);
}

/// The same for a batch.
template <class Ids>
requires std::same_as<Ids, xt::xtensor<std::int32_t, 3>> SemanticMap
semantic_map(Device& device, const xt::xtensor<std::uint8_t, 3>& labels, const Ids& instances, int classes,
             std::optional<int> ignore = {}) {
  return detail::make_semantic_map(device, detail::Planes<std::uint8_t>(labels),
                                   detail::Planes<std::int32_t>(instances), classes, ignore);
}

/// A map without classes, whose channels are those of `image`: what a discriminator of plain image-to-image networks
/// sees beside the picture. A network gives the same result as on the tensor itself, and no gradient by it.
/// Throws Error for an empty tensor.
inline SemanticMap plain_map(Device& device, const Tensor& image) {
  detail::require(!image.empty(), "plain_map: the tensor is empty.");
  const Shape plane = image.shape().with_channels(1);
  const std::vector<std::uint8_t> nothing(plane.count(), no_class);
  return SemanticMap(detail::upload_bytes(device, nothing.data(), nothing.size()), nullptr, plane, 0)
      .joined(image)
      .with_constant_parts();
}

/// Which instance each pixel belongs to, by any ids. Throws Error on maps without pixels.
inline InstanceMap instance_map(Device& device, const xt::xtensor<std::int32_t, 2>& ids) {
  return detail::make_instance_map(device, detail::Planes<std::int32_t>(ids));
}

/// The same for a batch: pictures, rows, columns.
inline InstanceMap instance_map(Device& device, const xt::xtensor<std::int32_t, 3>& ids) {
  return detail::make_instance_map(device, detail::Planes<std::int32_t>(ids));
}

/// The map with the channels of `part` appended: features for a generator, a picture for a discriminator. Everything
/// else is shared. Throws Error if `part` has another batch or other sides.
inline SemanticMap join(const SemanticMap& map, const Tensor& part) {
  detail::require(!part.empty(), "join: the tensor is empty.");
  detail::require(map.labels() != nullptr, "join: the semantic map is empty; make one by semantic_map.");
  const Shape &there = map.shape(), &here = part.shape();
  detail::require(there.n == here.n && there.h == here.h && there.w == here.w, "join: the map is ", there.n,
                  " pictures of ", there.w, " x ", there.h, " pixels, the part joined to it ", here.n, " of ", here.w,
                  " x ", here.h, "; they must be the same.");
  return map.joined(part);
}

}  // namespace pix2pixhd::inline v0
