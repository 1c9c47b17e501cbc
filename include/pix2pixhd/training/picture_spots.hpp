#pragma once
/// Small saturated spots in pictures.

#include <pix2pixhd/training/metrics.hpp>

#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0 {

/// A spot: its middle and its width in pixels, about.
struct PictureSpot {
  int x = 0;
  int y = 0;
  int width = 0;
  bool bright = true;  ///< a channel near 1; else near -1
};

/// What counts as a spot of a picture, and how many spots are returned.
struct PictureSpotOptions {
  /// How far from 0 a channel must be within a spot.
  double saturated = 0.8;
  /// How much less it must be everywhere around, so that lines, edges and areas are no spots.
  double contrast = 0.5;
  /// The clearest spots that are returned.
  std::size_t most = 32;
};

/// Spots in a picture (1, C, H, W) in [-1, 1], the clearest first: places where a channel is saturated and far from
/// what surrounds them on all sides. Looked for at all sizes from 3 pixels to about an eighth of the smaller side, at
/// borders too. Values that are not finite are no spots.
std::vector<PictureSpot> find_spots(const PictureArray& picture, const PictureSpotOptions& options = {});

/// Whether two spots are the same, but for a little.
bool same_spot(const PictureSpot& a, const PictureSpot& b);

/// The mean of each channel over a spot. Error where the spot does not lie in the picture.
std::vector<double> spot_colour(const PictureArray& picture, const PictureSpot& spot);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/picture_spots-inl.hpp>
#endif
