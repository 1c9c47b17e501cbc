#pragma once
/// Resizing, to the bit as Pillow does it, which published models were trained with. The library never resizes unasked.
///
/// The order of the passes is that of Pillow up to 12. From 13 on, Pillow takes columns first where the height shrinks
/// by more than the width; its results then differ from ours and from its own before, mostly by one level.

#include <pix2pixhd/images/image.hpp>

#include <string_view>

namespace pix2pixhd::inline v0 {

/// The sides of a picture in pixels.
struct PictureSize {
  int width = 0;
  int height = 0;
};

/// Cubic convolution (Keys 1981, a = -1/2), for photographs: Pillow's BICUBIC. Where the picture becomes smaller, the
/// kernel grows with the ratio, so that nothing is skipped. Rows first, then columns, each rounded to 8 bit; weights
/// have 22 bits after the point.
/// Errors: a raster that is not 8-bit grey or RGB (expand() makes these); a size that make_raster() refuses.
Raster resize_bicubic(const Raster& raster, const PictureSize& size, std::string_view name = "The picture");

/// Nearest neighbour, for maps: Pillow's NEAREST. A new pixel takes the value at its centre; no value is made up.
/// Errors: an empty map; a size that make_raster() refuses.
Raster resize_nearest(const Raster& raster, const PictureSize& size, std::string_view name = "The picture");
LabelArray resize_nearest(const LabelArray& labels, const PictureSize& size, std::string_view name = "The label map");
InstanceArray resize_nearest(const InstanceArray& instances, const PictureSize& size,
                             std::string_view name = "The instance map");

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/images/resize-inl.hpp>
#endif
