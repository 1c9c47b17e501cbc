#pragma once
/// Loops over pieces of label and instance maps.
///
/// They are made of pieces of constant length, because g++ -O2 vectorises no others, and results go to memory that no
/// input overlaps (__restrict).

#include <pix2pixhd/version.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace pix2pixhd::inline v0::detail {

/// The length of a piece: what a call for one costs no longer counts, and most pieces of a map have one id.
inline constexpr std::size_t pixels_at_once = 128;

/// Calls body(length, first) for pieces of `count` pixels; the length is a constant, pixels_at_once or, where there are
/// fewer, 1. The last piece may overlap the one before. What the body refers to it should hold by value: then the
/// compiler knows that no byte that is written changes it.
template <class Body>
void in_pieces(std::size_t count, Body body) {
  const std::integral_constant<std::size_t, pixels_at_once> length;
  if (count < length) {
    for (std::size_t at = 0; at < count; ++at) body(std::integral_constant<std::size_t, 1>(), at);
    return;
  }
  std::size_t at = 0;
  for (; at + length <= count; at += length) body(length, at);
  if (at < count) body(length, count - length);
}

template <std::size_t length>
void raise_to_labels(const std::uint8_t* labels, std::uint8_t ignored, std::uint8_t* __restrict highest) {
  for (std::size_t i = 0; i < length; ++i) {  // other ways to write this are branches to g++
    const std::uint8_t label = labels[i], before = highest[i], more = std::max(before, label);
    highest[i] = label == ignored ? before : more;
  }
}

template <std::size_t length>
void replace_labels(const std::uint8_t* from, std::uint8_t before, std::uint8_t after, std::uint8_t* __restrict to) {
  for (std::size_t i = 0; i < length; ++i) to[i] = from[i] == before ? after : from[i];
}

/// marks[i] = whether a[i] differs from b[i].
template <std::size_t length>
void mark_differences(const std::int32_t* a, const std::int32_t* b, std::uint8_t* __restrict marks) {
  for (std::size_t i = 0; i < length; ++i) marks[i] = a[i] != b[i];
}

template <std::size_t length>
void join_marks(const std::uint8_t* left, const std::uint8_t* right, const std::uint8_t* above,
                const std::uint8_t* below, std::uint8_t* __restrict edges) {
  for (std::size_t i = 0; i < length; ++i)
    edges[i] = static_cast<std::uint8_t>(left[i] | right[i] | above[i] | below[i]);
}

}  // namespace pix2pixhd::inline v0::detail
