#pragma once
/// The loops. They are made of pieces of constant length, because g++ -O2 vectorises no others, and results go to
/// memory that no input overlaps (__restrict).

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/ops/map_loops.hpp>

#include <algorithm>
#include <array>
#include <type_traits>

namespace pix2pixhd::inline v0::detail {

/// The length of a piece: what a call for one costs no longer counts.
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

/// edges[i] = whether ids[i] differs from a neighbour's; there are neighbours on both sides.
template <std::size_t length>
void mark_piece(const std::int32_t* ids, const std::int32_t* above, const std::int32_t* below,
                std::uint8_t* __restrict edges) {
  const std::int32_t *left = ids - 1, *right = ids + 1;
  for (std::size_t i = 0; i < length; ++i)
    edges[i] = static_cast<std::uint8_t>((ids[i] != above[i]) | (ids[i] != below[i]) | (ids[i] != left[i]) |
                                         (ids[i] != right[i]));
}

/// The edges of a row; at the border of a picture the row above or below is the row itself.
inline void mark_row(const std::int32_t* ids, const std::int32_t* above, const std::int32_t* below, std::size_t width,
                     std::uint8_t* edges) {
  for (const std::size_t x : {std::size_t{0}, width - 1})
    edges[x] = ids[x] != above[x] || ids[x] != below[x] || (x > 0 && ids[x] != ids[x - 1]) ||
               (x + 1 < width && ids[x] != ids[x + 1]);
  if (width > 2)
    in_pieces(width - 2, [=](auto length, std::size_t at) {
      mark_piece<length()>(ids + 1 + at, above + 1 + at, below + 1 + at, edges + 1 + at);
    });
}

PIX2PIXHD_INLINE std::uint8_t highest_label(const std::uint8_t* labels, std::size_t count, std::uint8_t ignored) {
  std::array<std::uint8_t, pixels_at_once> highest{};
  std::uint8_t* const to = highest.data();
  in_pieces(count, [=](auto length, std::size_t at) { raise_to_labels<length()>(labels + at, ignored, to); });
  return *std::max_element(highest.begin(), highest.end());
}

PIX2PIXHD_INLINE void replace_label(const std::uint8_t* from, std::size_t count, std::uint8_t before,
                                    std::uint8_t after, std::uint8_t* to) {
  in_pieces(count, [=](auto length, std::size_t at) { replace_labels<length()>(from + at, before, after, to + at); });
}

PIX2PIXHD_INLINE void mark_edges(const std::int32_t* ids, std::size_t pictures, std::size_t height, std::size_t width,
                                 std::uint8_t* edges) {
  for (std::size_t row = 0; row < pictures * height; ++row, ids += width, edges += width)
    mark_row(ids, row % height > 0 ? ids - width : ids, row % height + 1 < height ? ids + width : ids, width, edges);
}

}  // namespace pix2pixhd::inline v0::detail
