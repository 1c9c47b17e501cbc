#pragma once
/// Which part of a picture is computed to show an edit.

#include <pix2pixhd/features/region.hpp>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace pix2pixhd::inline v0 {

/// How windows are chosen.
struct WindowOptions {
  int alignment = 32;  ///< windows begin at multiples of it: the network's
  int reach = 48;      ///< pixels around a change that are shown anew
  int margin = 160;    ///< pixels around those that are computed with them, so that they see their surroundings
  double most = 0.3;   ///< share of the picture that a window may have
};

/// Options for a network of that alignment. How far a pixel sees grows with the steps by which the network halves the
/// picture, as the alignment does.
constexpr WindowOptions window_options(int alignment) {
  return {.alignment = alignment, .reach = std::max(16, alignment * 3 / 2), .margin = 5 * alignment};
}

/// A window: what is computed, and the part of it that is shown.
struct PreviewWindow {
  PixelBox computed, shown;
};

/// The window around the box of a change. It begins at multiples of the alignment, counted from the picture's upper
/// left corner, and ends there or at the border. Nothing where it would be larger than the options allow, or `changed`
/// is empty.
inline std::optional<PreviewWindow> preview_window(const Sides& sides, const PixelBox& changed,
                                                   const WindowOptions& options = {}) {
  if (changed.empty()) return std::nullopt;
  const auto grown = [&](const PixelBox& box, int by) {
    return intersection({box.x - by, box.y - by, box.width + 2 * by, box.height + 2 * by}, whole(sides));
  };
  PreviewWindow window{.computed = {}, .shown = grown(changed, options.reach)};
  const PixelBox wanted = grown(window.shown, options.margin);
  const auto along = [&](int first, int length, int side) {  // {first, length}
    const int unit = options.alignment;
    int begin = first / unit * unit, end = std::min(side, (first + length + unit - 1) / unit * unit);
    if (end - begin < 2 * unit) begin = std::max(0, (end - 2 * unit) / unit * unit);
    if (end - begin < 2 * unit) end = std::min(side, begin + 2 * unit);
    return std::pair(begin, end - begin);
  };
  std::tie(window.computed.x, window.computed.width) = along(wanted.x, wanted.width, sides.width);
  std::tie(window.computed.y, window.computed.height) = along(wanted.y, wanted.height, sides.height);
  const double share = static_cast<double>(window.computed.pixels()) / static_cast<double>(whole(sides).pixels());
  return share <= options.most ? std::optional(window) : std::nullopt;
}

}  // namespace pix2pixhd::inline v0
