#pragma once
/// Checks of pictures that belong together, with errors that name file and pixel.

#include <pix2pixhd/images/image.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace pix2pixhd::inline v0 {

/// Error unless every label is below `classes` or equal to `ignore`. The message names the file, the first pixel that
/// is wrong, its value, what is allowed and what to do: `remedy`, in a caller's words and without its stop, or the
/// library's own words where that is empty.
void check_labels(const LabelArray& labels, int classes, std::optional<int> ignore, std::string_view name,
                  std::string_view remedy = {});

/// A picture and how messages call it.
struct NamedSize {
  std::string_view name;
  std::size_t width = 0;
  std::size_t height = 0;
};

/// Error unless both pictures have the same sides. Nothing is ever resized to fit.
void check_same_size(const NamedSize& a, const NamedSize& b);

/// The sides of an image, label map or instance map: the last two of its array.
template <class Array>
NamedSize named_size(const Array& array, std::string_view name) {
  const std::size_t rank = array.dimension();
  return {.name = name, .width = array.shape()[rank - 1], .height = array.shape()[rank - 2]};
}

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/checks-inl.hpp>
#endif
