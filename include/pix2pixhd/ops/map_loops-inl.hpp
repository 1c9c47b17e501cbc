#pragma once
/// The loops, in pieces.

#include <pix2pixhd/core/linkage.hpp>
#include <pix2pixhd/ops/edge_marker.hpp>
#include <pix2pixhd/ops/map_loops.hpp>
#include <pix2pixhd/ops/pixel_pieces.hpp>

#include <algorithm>
#include <array>

namespace pix2pixhd::inline v0::detail {

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
  EdgeMarker marker(width);
  for (std::size_t i = 0; i < pictures; ++i) marker.mark(ids + i * height * width, height, edges + i * height * width);
}

}  // namespace pix2pixhd::inline v0::detail
