#pragma once
/// Cutting and mirroring of pictures and maps.

#include <pix2pixhd/images/image.hpp>
#include <pix2pixhd/images/resize.hpp>

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace pix2pixhd::inline v0::detail {

/// A part of a picture, in pixels.
struct Cut {
  int left = 0;
  int top = 0;
  PictureSize size = {};
  bool mirror = false;  ///< left and right exchanged, after cutting
};

/// What is done to all parts of a sample: resizing, then cutting.
struct Placement {
  PictureSize resized = {};
  Cut cut = {};
};

/// The part of a map. It must lie within.
template <class Map>
Map cut_map(const Map& map, const Cut& cut) {
  const auto width = static_cast<std::size_t>(cut.size.width), height = static_cast<std::size_t>(cut.size.height);
  Map result = Map::from_shape({height, width});
  for (std::size_t y = 0; y < height; ++y) {
    const auto* from =
        map.data() + (static_cast<std::size_t>(cut.top) + y) * map.shape()[1] + static_cast<std::size_t>(cut.left);
    auto* to = result.data() + y * width;
    if (cut.mirror)
      std::reverse_copy(from, from + width, to);
    else
      std::copy_n(from, width, to);
  }
  return result;
}

/// The part of a picture. It must lie within.
Raster cut_raster(const Raster& raster, const Cut& cut, std::string_view name);

template <class Map>
Map place_map(const Map& map, const Placement& placement, std::string_view name) {
  const bool fits = map.shape()[0] == static_cast<std::size_t>(placement.resized.height) &&
                    map.shape()[1] == static_cast<std::size_t>(placement.resized.width);
  return cut_map(fits ? map : resize_nearest(map, placement.resized, name), placement.cut);
}

/// Resizes and cuts. 16-bit pictures can only be cut.
Raster place_raster(const Raster& raster, const Placement& placement, std::string_view name);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/augment_geometry-inl.hpp>
#endif
