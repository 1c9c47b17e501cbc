#pragma once
/// The gradient of a convolution by its weights, by Winograd's algorithm.
///
/// The gradient of the weight at tap k is a convolution too: of the large picture with the small one for weights (see
/// weight_gradient.hpp), summed over all tiles. Where the convolution is F(m x m, r x r), that is F(r x r, m x m) of
/// the same tiles of 6x6, with the same transform of the large picture:
///
///   dW = A^T [ sum over tiles of (G s G^T) * (B^T d B) ] A
///
/// for a tile s of m x m pixels of the small picture and d of the large one: at each of the 36 points a matrix product
/// over the tiles, of 36 multiplications instead of (m r)^2 a tile and pair of channels. With a stride each phase of
/// the large picture gives the taps that belong to it.

#include <pix2pixhd/backend/cpu/kernels/winograd.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// Tiles of the small picture to be transformed.
struct WinogradSmallTiles {
  Picture small;  ///< blocked
  int height = 0;
  int width = 0;
  int tile = 4;  ///< m, the side of a tile
};

/// Sums over tiles at points, of some small blocks and some large channels: [point][small block][large channel][16].
struct GradientSums {
  float* values = nullptr;
  std::size_t point = 0;  ///< floats from one point to the next
  std::size_t plane = 0;  ///< floats from one small block to the next
};

/// sums[point][small][large] += over tiles: large[point][tile][large] * small[point][tile][small].
struct WinogradOuterProduct {
  PointValues<float> large, small;  ///< of the blocks at hand
  int large_blocks = 0, small_blocks = 0;
  int tiles = 0;
  const bool* wanted = nullptr;  ///< of each point: at the others the sums are set to zero
  GradientSums sums;
  bool go_on = false;  ///< add to the sums that are there
};

/// The gradient from the sums.
struct WinogradGradientOutput {
  GradientSums sums;
  int large_channels = 0, small_blocks = 0;
  int side = 3;               ///< r
  const int* taps = nullptr;  ///< the tap of the kernel at each of the r x r places; -1: none
  int kernel_taps = 9;
  float* weights = nullptr;  ///< [small block][large channel][tap][16]: the taps of this phase are written
};

struct WinogradGradientKernels {
  /// Tiles of small blocks [first, last) to their places in `values`.
  void (*transform_small)(const WinogradSmallTiles& job, const WinogradBlock& block, int first, int last,
                          const PointValues<float>& values);
  void (*multiply)(const WinogradOuterProduct& product);
  void (*transform_output)(const WinogradGradientOutput& output);
};

const WinogradGradientKernels& winograd_gradient_kernels(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/winograd_gradient-inl.hpp>
#endif
