#pragma once
/// Figures that compare a synthesised picture with the photograph of the same scene. Pictures are (N, C, H, W) in
/// [-1, 1], of the same shape; a batch counts as that many pictures.

#include <pix2pixhd/ops/host_array.hpp>

namespace pix2pixhd::inline v0 {

/// Pictures (N, C, H, W) in [-1, 1].
using PictureArray = xt::xtensor<float, 4>;

/// Error unless both have the same shape, at least one value, and nothing but finite values.
void check_pictures(const PictureArray& synthesised, const PictureArray& real);

/// Mean square difference.
double mean_square_error(const PictureArray& synthesised, const PictureArray& real);

/// Peak signal-to-noise ratio in decibels of a mean square error: 10 log10(2^2 / error), because pictures span 2.
/// Infinite where the error is 0.
double psnr_of(double mean_square_error);

/// psnr_of(mean_square_error()).
double psnr(const PictureArray& synthesised, const PictureArray& real);

/// Structural similarity (Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment", IEEE TIP 2004), at most 1: the
/// mean over all windows that lie within the picture and over channels. Windows of 11 x 11, weighted by a Gaussian of
/// deviation 1.5; K1 = 0.01, K2 = 0.03, range 2.
/// Errors: those of check_pictures(); a side below 11.
double ssim(const PictureArray& synthesised, const PictureArray& real);

}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/training/metrics-inl.hpp>
#endif
