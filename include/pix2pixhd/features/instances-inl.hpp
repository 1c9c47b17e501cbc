#pragma once

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/core/pixel_position.hpp>
#include <pix2pixhd/core/semantic_map.hpp>
#include <pix2pixhd/features/instances.hpp>

#include <array>
#include <map>
#include <utility>

namespace pix2pixhd::inline v0 {
namespace detail {

inline constexpr std::array<std::pair<IdRule, std::string_view>, 3> id_rules = {
    {{IdRule::labels, "labels"}, {IdRule::thousands, "thousands"}, {IdRule::red, "red"}}};

/// The class that a rule other than `labels` reads from an id.
inline std::int32_t class_in_id(std::int32_t id, IdRule rule) {
  if (rule == IdRule::red) return id & 255;
  return id < 1000 ? id : id / 1000;
}

/// Error unless the id's class is that of the label map.
inline void check_class_in_id(std::int32_t id, int label, IdRule rule, std::size_t at, std::size_t width) {
  require(id >= 0, "the instance map's pixel ", pixel_position(at, width), " has the id ", id,
          ", in which the id rule ", to_string(rule),
          " finds no class; use the rule labels, which takes classes from the label map.");
  const std::int32_t expected = class_in_id(id, rule);
  require(label == no_class || label == expected, "instance ", id, " is of class ", expected, " by the id rule ",
          to_string(rule), ", but at pixel ", pixel_position(at, width), " the label map has class ", label,
          "; correct one of the maps, or use the rule labels, under which the part of each class is an instance.");
}

}  // namespace detail

PIX2PIXHD_INLINE std::string_view to_string(IdRule rule) {
  for (const auto& [value, name] : detail::id_rules)
    if (value == rule) return name;
  return "unknown";
}

PIX2PIXHD_INLINE std::optional<IdRule> id_rule(std::string_view name) {
  for (const auto& [value, its_name] : detail::id_rules)
    if (its_name == name) return value;
  return std::nullopt;
}

PIX2PIXHD_INLINE Instances find_instances(const xt::xtensor<std::uint8_t, 2>& labels,
                                          const std::optional<xt::xtensor<std::int32_t, 2>>& ids, IdRule rule) {
  const auto& shape = labels.shape();
  detail::require(labels.size() > 0, "the label map has no pixels.");
  if (ids)
    detail::require(ids->shape() == shape, "the instance map is ", ids->shape()[1], " x ", ids->shape()[0],
                    " pixels, the label map ", shape[1], " x ", shape[0], "; they must be the same size.");
  Instances found{.indices = xt::xtensor<std::int32_t, 2>::from_shape({shape[0], shape[1]}), .list = {}};
  // Numbered as they appear, then in the order of (id, class), which does not depend on where things stand.
  using Key = std::pair<std::int32_t, int>;
  std::map<Key, std::int32_t> numbers;
  std::vector<Instance> appeared;
  Key last;
  std::int32_t number = -1;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int label = labels.data()[i];
    const Key key{ids ? ids->data()[i] : label, label};
    if (number < 0 || key != last) {
      if (ids && rule != IdRule::labels) detail::check_class_in_id(key.first, label, rule, i, shape[1]);
      const auto [place, added] = numbers.try_emplace(key, static_cast<std::int32_t>(appeared.size()));
      if (added) appeared.push_back({.id = key.first, .label = label, .at = i});
      last = key;
      number = place->second;
    }
    ++appeared[static_cast<std::size_t>(number)].pixels;
    found.indices.data()[i] = number;
  }
  std::vector<std::int32_t> places(appeared.size());
  for (const auto& [key, appeared_at] : numbers) {
    const std::vector<Instance>& list = found.list;
    const auto is_of_id = [&list, id = key.first](std::size_t back) {
      return back <= list.size() && list[list.size() - back].id == id;
    };
    if (is_of_id(1) && !is_of_id(2)) ++found.split;  // its second class
    places[static_cast<std::size_t>(appeared_at)] = static_cast<std::int32_t>(list.size());
    found.list.push_back(appeared[static_cast<std::size_t>(appeared_at)]);
  }
  for (std::int32_t& index : found.indices) index = places[static_cast<std::size_t>(index)];
  return found;
}

PIX2PIXHD_INLINE std::vector<std::vector<float>> features_of(const Instances& instances,
                                                             const xt::xtensor<float, 4>& map) {
  const auto& sides = map.shape();
  const auto& plane = instances.indices.shape();
  detail::require(sides[0] == 1 && sides[2] == plane[0] && sides[3] == plane[1], "a feature map is ", sides[0], " x ",
                  sides[1], " x ", sides[2], " x ", sides[3],
                  " (pictures, features, rows, columns), the instances are those of one picture of ", plane[0], " x ",
                  plane[1], ".");
  std::vector<std::vector<float>> features;
  for (const Instance& instance : instances.list) {
    std::vector<float>& one = features.emplace_back();
    for (std::size_t f = 0; f < sides[1]; ++f) one.push_back(map.data()[f * instances.pixels() + instance.at]);
  }
  return features;
}

PIX2PIXHD_INLINE xt::xtensor<float, 4> feature_map(const Instances& instances,
                                                   const std::vector<std::vector<float>>& features) {
  detail::require(features.size() == instances.list.size() && !features.empty(), "features of ", features.size(),
                  " instances were given for a picture of ", instances.list.size(), ".");
  const std::size_t count = features.front().size();
  for (const std::vector<float>& one : features)
    detail::require(one.size() == count && count > 0, "one instance has ", one.size(), " features, another ", count,
                    "; all must have as many, at least one.");
  auto map = xt::xtensor<float, 4>::from_shape({1, count, instances.indices.shape()[0], instances.indices.shape()[1]});
  for (std::size_t i = 0; i < instances.pixels(); ++i) {
    const std::vector<float>& one = features[static_cast<std::size_t>(instances.indices.data()[i])];
    for (std::size_t f = 0; f < count; ++f) map.data()[f * instances.pixels() + i] = one[f];
  }
  return map;
}

}  // namespace pix2pixhd::inline v0
