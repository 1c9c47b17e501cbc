#pragma once

#include <pix2pixhd/store/encoder_file.hpp>

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/store/key_matching.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The number of the slot whose weight has this name ("model.7.weight": 7); nothing for any other name.
inline std::optional<int> slot_of_weight(const std::string& name) {
  constexpr std::string_view before = "model.", after = ".weight";
  if (!name.starts_with(before) || !name.ends_with(after)) return {};
  const std::size_t begin = before.size(), end = name.size() - after.size();
  if (begin >= end || end - begin > 4) return {};
  const std::string number = name.substr(begin, end - begin);
  if (number.find_first_not_of("0123456789") != std::string::npos) return {};
  return std::stoi(number);
}

/// What shows that a file is not one of an encoder, whose first layer takes `channels` channels; empty where nothing
/// does.
PIX2PIXHD_INLINE std::string signs_of_another_network(const TensorFile& file, std::optional<std::int64_t> channels) {
  constexpr int of_picture = EncoderShape{}.in;
  const std::string named = network_named_in(file);
  std::string signs;
  if (!named.empty() && named != "FeatureEncoder") signs = "its metadata name " + named;
  if (channels && *channels != of_picture)
    signs += sentence(signs.empty() ? "" : ", and ", "its first layer takes ", *channels,
                      " channels, that of an encoder ", of_picture);
  return signs;
}

}  // namespace detail

PIX2PIXHD_INLINE EncoderShape encoder_shape(const TensorFile& file, const std::string& prefix) {
  std::vector<std::pair<int, const TensorEntry*>> weights;  // of convolutions, by slot
  const std::string in_file = detail::prefix_in(file, prefix);
  for (const TensorEntry& entry : file.entries()) {
    const auto name = detail::name_under_prefix(entry.name, in_file);
    if (!name || entry.shape.size() != 4) continue;
    if (const std::optional<int> slot = detail::slot_of_weight(*name)) weights.emplace_back(*slot, &entry);
  }
  std::sort(weights.begin(), weights.end());
  const std::string signs = detail::signs_of_another_network(
      file, weights.empty() ? std::nullopt : std::optional(weights.front().second->shape[1]));
  detail::require(signs.empty(), file.path().string(), " holds no encoder (", signs,
                  "); give the weights of an encoder, which a training run writes as encoder.safetensors.");
  detail::require(weights.size() >= 2 && weights.size() % 2 == 0, file.path().string(), " holds no encoder",
                  prefix.empty() ? "" : detail::sentence(" under keys that begin with ", prefix),
                  ": its convolutions are not a stem, halvings, as many doublings and a head. Give a file of an "
                  "encoder, or the prefix of its keys.");
  const auto &stem = weights.front().second->shape, &head = weights.back().second->shape;
  return {.in = static_cast<int>(stem[1]),
          .out = static_cast<int>(head[0]),
          .width = static_cast<int>(stem[0]),
          .downsamples = static_cast<int>(weights.size() / 2) - 1};
}

PIX2PIXHD_INLINE AnyEncoder load_encoder(Device& device, const std::filesystem::path& path,
                                         const LoadOptions& options) {
  std::optional<AnyEncoder> encoder;
  try {
    encoder.emplace(encoder_shape(*open_tensor_file(path), options.prefix));
  } catch (const Error& error) {
    throw Error(detail::sentence("the encoder ", path.string(), ": ", error.what()));
  }
  load(device, *encoder, path, options);
  return std::move(*encoder);
}

}  // namespace pix2pixhd::inline v0
