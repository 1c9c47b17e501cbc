#pragma once
/// Winograd's convolution F(4x4, 3x3): 36 multiplications a tile of 4x4 outputs and pair of channels instead of 144
/// (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015).
///
///   Y = A^T [ (G g G^T) * (B^T d B) ] A
///
/// for a tile d of 6x6 inputs and 3x3 weights g, * element by element, summed over the input channels: a matrix product
/// at each of the 36 points. The polynomials are taken at 0, 3/4, -3/4, 3/2, -3/2 and infinity, which rounds two to
/// four times less than the usual 0, 1, -1, 2, -2 and infinity, with as many operations. The matrices stand in
/// winograd.inc.hpp.

#include <pix2pixhd/backend/cpu/kernels/source.hpp>
#include <pix2pixhd/backend/cpu/moments.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

inline constexpr int winograd_output = 4;  ///< side of a tile of outputs
inline constexpr int winograd_input = 6;   ///< side of the inputs that it reads
inline constexpr int winograd_points = winograd_input * winograd_input;
/// Output blocks whose products are made together: 64 channels.
inline constexpr int winograd_group = 4;

/// Values at points, of blocks of channels: [point][block][tile][16].
struct PointValues {
  float* values = nullptr;
  std::size_t point = 0;  ///< floats from one point to the next
  std::size_t plane = 0;  ///< floats from one block to the next
};

/// What is the same for all tiles of a picture.
struct WinogradJob {
  Picture source;             ///< blocked
  const int* rows = nullptr;  ///< source row of every row that tiles read; -1: zeros
  const int* columns = nullptr;

  Elements output = {};  ///< blocked
  int output_channels = 0;
  int output_height = 0, output_width = 0;
  const float* bias = nullptr;  ///< null: none
  bool add = false;             ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< [block][chunk] of this picture, a chunk a WinogradBlock; null: not wanted
  std::size_t moment_chunks = 0;
};

/// A rectangle of tiles.
struct WinogradBlock {
  int index = 0;
  int row = 0, column = 0;  ///< of the first tile, counted in tiles
  int height = 0, width = 0;
};

/// Weights of some input channels and one group of outputs, to be transformed.
struct WinogradWeights {
  const float* weights = nullptr;  ///< [channel][tap][lanes], the taps in their order
  bool flipped = false;            ///< the last tap is the first one: gradients
  int channels = 0;
  int lanes = 0;            ///< 16 times the output blocks
  int row = 0;              ///< of the points that are wanted, all six of a row
  float* points = nullptr;  ///< [column of the points]: panels [channel][panel * 16], one after the other
  std::size_t point = 0;    ///< floats from one point to the next
};

/// products[point][output block][tile] += sum over channels of inputs[point][tile][channel] * weights[point][channel].
struct WinogradProduct {
  PointValues inputs;
  int source_blocks = 0;
  const float* weights = nullptr;  ///< as WinogradWeights leaves them
  std::size_t weights_point = 0;
  PointValues products;
  int points = 0;
  int output_blocks = 0;
  int tiles = 0;
  bool go_on = false;  ///< add to the products that are there
};

/// Floats of the scratch in which the inputs of `width` tiles side by side are transformed.
constexpr std::size_t winograd_strip_floats(int width) {
  return static_cast<std::size_t>(winograd_input * (width * winograd_output + 2) * 16);
}

struct WinogradKernels {
  /// Inputs of source blocks [first, last), finished and padded, to their places in `values`.
  void (*transform_input)(const WinogradJob& job, const WinogradBlock& block, int first, int last, float* strip,
                          const PointValues& values);
  void (*transform_weights)(const WinogradWeights& weights);
  void (*multiply)(const WinogradProduct& product);
  /// `blocks` output blocks from `first` on: bias, activation, and their moments.
  void (*transform_output)(const WinogradJob& job, const WinogradBlock& block, int first, int blocks,
                           const PointValues& products);
};

const WinogradKernels& winograd_kernels(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/winograd-inl.hpp>
#endif
