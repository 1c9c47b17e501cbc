#pragma once
/// Moments of one tile of a convolution over a semantic map.

#include <pix2pixhd/backend/cpu/map_plan.hpp>
#include <pix2pixhd/backend/cpu/moments.hpp>

#include <algorithm>
#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Sums of one tile for its moments.
struct MapTileSums {
  int* histogram;  ///< [classes + 1]: pixels with a uniform window
  float* origin;   ///< [stored]: what was subtracted from the others
  float* sums;     ///< [stored]: of one row of the others
  float* squares;
  double* all_sums;
  double* all_squares;

  MapTileSums(const MapPlan& plan, Scratch& scratch)
      : histogram(scratch.take<int>(static_cast<std::size_t>(plan.classes + 1))),
        origin(scratch.take<float>(static_cast<std::size_t>(plan.stored))),
        sums(scratch.take<float>(static_cast<std::size_t>(plan.stored))),
        squares(scratch.take<float>(static_cast<std::size_t>(plan.stored))),
        all_sums(scratch.take<double>(static_cast<std::size_t>(plan.stored))),
        all_squares(scratch.take<double>(static_cast<std::size_t>(plan.stored))) {}
  static std::size_t bytes(const MapPlan& plan) {
    const auto stored = static_cast<std::size_t>(plan.stored);
    return aligned_bytes(static_cast<std::size_t>(plan.classes + 1) * sizeof(int)) +
           3 * aligned_bytes(stored * sizeof(float)) + 2 * aligned_bytes(stored * sizeof(double));
  }

  void begin(const MapPlan& plan, const float* window_sums) {
    std::fill_n(histogram, plan.classes + 1, 0);
    std::copy_n(window_sums, plan.stored, origin);
    std::fill_n(all_sums, plan.stored, 0.0);
    std::fill_n(all_squares, plan.stored, 0.0);
  }
  void begin_row(const MapPlan& plan) {
    std::fill_n(sums, plan.stored, 0.0f);
    std::fill_n(squares, plan.stored, 0.0f);
  }
  void end_row(const MapPlan& plan) {
    for (int c = 0; c < plan.stored; ++c) {
      all_sums[c] += static_cast<double>(sums[c]);
      all_squares[c] += static_cast<double>(squares[c]);
    }
  }
  /// The moments of a tile of `pixels` pixels; `windows` are the values of those with a uniform window.
  void end(const MapPlan& plan, const float* windows, int pixels, BlockMoments* moments, std::size_t chunks) const {
    int others = pixels;
    for (int k = 0; k <= plan.classes; ++k) others -= histogram[k];
    for (int c = 0; c < plan.stored; ++c) {
      Moments all;
      if (others > 0) {
        const double mean = all_sums[c] / others;
        all.join(others, static_cast<double>(origin[c]) + mean, std::max(all_squares[c] - all_sums[c] * mean, 0.0));
      }
      for (int k = 0; k <= plan.classes; ++k)
        if (histogram[k] > 0) all.join(histogram[k], static_cast<double>(windows[k * plan.stored + c]), 0);
      BlockMoments& to = moments[static_cast<std::size_t>(c / 16) * chunks];
      to.mean[c % 16] = static_cast<float>(all.mean);
      to.square[c % 16] = static_cast<float>(all.square);
    }
  }
};

}  // namespace pix2pixhd::inline v0::detail
