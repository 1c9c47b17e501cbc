#pragma once
/// Mean and spread of parts of a sample, and how parts are joined.

#include <pix2pixhd/version.hpp>

namespace pix2pixhd::inline v0::detail {

/// Count, mean and sum of squared differences from it, of some values.
struct Moments {
  double count = 0, mean = 0, square = 0;

  /// Joins those of further values (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
  /// sample variances", 1979).
  void join(double other_count, double other_mean, double other_square) {
    if (other_count == 0) return;
    const double all = count + other_count, difference = other_mean - mean, share = other_count / all;
    mean += difference * share;
    square += other_square + difference * difference * count * share;
    count = all;
  }
};

/// Moments of one chunk of pixels of a block of sixteen channels: the mean of each channel and the sum of the squared
/// differences from it.
struct BlockMoments {
  float mean[16];
  float square[16];
};

/// Partial moments of a tensor. Chunks may be any partition of the pixels of a picture that depends on the shape only;
/// they are joined in the order of their numbers, in double.
struct PartialMoments {
  const BlockMoments* moments = nullptr;  ///< [picture][block][chunk]
  const int* counts = nullptr;            ///< pixels of each chunk, the same for every picture and block
  int chunks = 0;
};

}  // namespace pix2pixhd::inline v0::detail
