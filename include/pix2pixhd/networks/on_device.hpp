#pragma once
/// What networks read and make, on another device.

#include <pix2pixhd/networks/feature_encoder.hpp>
#include <pix2pixhd/ops/transfer.hpp>

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// The same values as `device` stores them: `to` for all that a network reads or makes. The labels and boundaries of a
/// map stay where they are, so that the devices must be one, in two precisions; so does what is none of these types.
template <class T>
T on_device(Device&, T value) {
  return value;
}

inline Tensor on_device(Device& device, const Tensor& x) { return to(device, x); }

inline SemanticMap on_device(Device& device, const SemanticMap& map) {
  SemanticMap result = map.without_parts(map.labels(), map.edges(), map.plane());
  for (const Tensor& part : map.parts()) result = result.joined(to(device, part));
  return result;
}

inline EncoderInput on_device(Device& device, EncoderInput x) {
  x.image = to(device, x.image);
  return x;
}

template <class T, std::size_t N>
std::array<T, N> on_device(Device& device, const std::array<T, N>& values);

template <class T>
std::vector<T> on_device(Device& device, const std::vector<T>& values) {
  std::vector<T> result;
  for (const T& value : values) result.push_back(on_device(device, value));
  return result;
}

template <class T, std::size_t N>
std::array<T, N> on_device(Device& device, const std::array<T, N>& values) {
  std::array<T, N> result;
  for (std::size_t i = 0; i < N; ++i) result[i] = on_device(device, values[i]);
  return result;
}

}  // namespace pix2pixhd::inline v0::detail
