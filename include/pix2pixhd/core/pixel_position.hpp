#pragma once
/// Where a pixel is, in the words of all messages.

#include <pix2pixhd/version.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <ostream>

namespace pix2pixhd::inline v0::detail {

/// Column and row of a pixel, counted from the top left. A message says "(x 3, y 7)"; the text is made only where there
/// is a message, so that checks of every pixel may name it.
struct PixelPosition {
  std::int64_t x = 0;
  std::int64_t y = 0;

  friend std::ostream& operator<<(std::ostream& out, const PixelPosition& at) {
    return out << "(x " << at.x << ", y " << at.y << ")";
  }
};

/// The position of a pixel that is known by its number: row by row, in a picture of `width` pixels a row.
template <std::integral Width>
constexpr PixelPosition pixel_position(std::size_t number, Width width) {
  const auto row = static_cast<std::size_t>(width);
  return {static_cast<std::int64_t>(number % row), static_cast<std::int64_t>(number / row)};
}

}  // namespace pix2pixhd::inline v0::detail
