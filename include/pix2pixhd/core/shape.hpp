#pragma once
/// Sizes of tensors.

#include <pix2pixhd/version.hpp>

#include <cstddef>
#include <string>

namespace pix2pixhd::inline v0 {

/// Batch, channels, height, width: the logical size of every tensor, whatever its layout in memory.
struct Shape {
  int n = 1;
  int c = 1;
  int h = 1;
  int w = 1;

  friend constexpr bool operator==(const Shape&, const Shape&) = default;

  /// Number of values.
  constexpr std::size_t count() const {
    return static_cast<std::size_t>(n) * static_cast<std::size_t>(c) * static_cast<std::size_t>(h) *
           static_cast<std::size_t>(w);
  }

  /// Number of pixels of one channel of one picture.
  constexpr std::size_t pixels() const { return static_cast<std::size_t>(h) * static_cast<std::size_t>(w); }

  /// The same batch and sides with `channels` channels.
  constexpr Shape with_channels(int channels) const { return {n, channels, h, w}; }
};

/// "1x36x1024x2048".
inline std::string to_string(const Shape& shape) {
  return std::to_string(shape.n) + "x" + std::to_string(shape.c) + "x" + std::to_string(shape.h) + "x" +
         std::to_string(shape.w);
}

}  // namespace pix2pixhd::inline v0
