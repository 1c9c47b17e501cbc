#pragma once
/// Winograd's convolution F(2x2, 3x3) with factors in bf16: 16 multiplications a tile of 2x2 outputs and pair of
/// channels instead of 36 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015).
///
///   Y = A^T [ (G g G^T) * (B^T d B) ] A
///
/// for a tile d of 4x4 inputs and 3x3 weights g, * element by element, summed over the input channels: a matrix product
/// at each of the 16 points. Transforms and sums are float; B^T d B and G g G^T are rounded to bf16, once. Larger tiles
/// have larger constants, which cost too much of bf16's eight bits: F(4x4, 3x3) triples the error.
///
///         | 1  0 -1  0 |        | 1    0    0   |          | 1  1  1  0 |
///   B^T = | 0  1  1  0 |    G = | 1/2  1/2  1/2 |    A^T = | 0  1 -1 -1 |
///         | 0 -1  1  0 |        | 1/2 -1/2  1/2 |
///         | 0  1  0 -1 |        | 0    0    1   |

#include <pix2pixhd/backend/cpu/kernels/source.hpp>
#include <pix2pixhd/backend/cpu/moments.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

inline constexpr int bf16_tile = 2;        ///< side of a tile of outputs
inline constexpr int bf16_tile_input = 4;  ///< side of the inputs that it reads
inline constexpr int bf16_tile_points = 16;
/// Output blocks whose products are made together: 64 channels.
inline constexpr int bf16_tile_group = 4;

/// Values at points, of blocks of channels: [point][block][tile][16].
template <class T>
struct TilePoints {
  T* values = nullptr;
  std::size_t point = 0;  ///< values from one point to the next
  std::size_t plane = 0;  ///< values from one block to the next
};

/// What is the same for all tiles of a picture.
struct WinogradBf16Job {
  Picture source;             ///< blocked, bf16
  const int* rows = nullptr;  ///< source row of every row that tiles read; -1: zeros
  const int* columns = nullptr;

  Elements output = {};  ///< blocked; bf16 or float
  int output_channels = 0;
  int output_height = 0, output_width = 0;
  const float* bias = nullptr;  ///< null: none
  bool add = false;             ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< [block][chunk] of this picture, a chunk a TileBlock; null: not wanted
  std::size_t moment_chunks = 0;
};

/// A rectangle of tiles.
struct TileBlock {
  int index = 0;
  int row = 0, column = 0;  ///< of the first tile, counted in tiles
  int height = 0, width = 0;
};

/// Weights of some input channels and one group of outputs, to be transformed.
struct WinogradBf16Weights {
  const float* weights = nullptr;  ///< [channel][tap][lanes], the taps in their order
  bool flipped = false;            ///< the last tap is the first one: gradients
  int channels = 0;                ///< a multiple of 16
  int lanes = 0;                   ///< 16 times the output blocks
  Bf16* points = nullptr;          ///< [point]: panels [channel / 2][panel * 16][2], one after the other
  std::size_t point = 0;           ///< values from one point to the next
  int panel_channels = 0;          ///< of the panels
  int first_channel = 0;           ///< place of these channels in the panels
};

/// products[point][output block][tile] += sum over channels of inputs[point][tile][channel] * weights[point][channel].
struct WinogradBf16Product {
  TilePoints<const Bf16> inputs;
  int source_blocks = 0;
  const Bf16* weights = nullptr;  ///< as WinogradBf16Weights leaves them
  std::size_t weights_point = 0;
  TilePoints<float> products;
  int output_blocks = 0;
  int tiles = 0;
  bool go_on = false;  ///< add to the products that are there
};

struct WinogradBf16Kernels {
  /// Inputs of source blocks [first, last), finished and padded, to their places in `values`.
  void (*transform_input)(const WinogradBf16Job& job, const TileBlock& block, int first, int last,
                          const TilePoints<Bf16>& values);
  void (*transform_weights)(const WinogradBf16Weights& weights);
  void (*multiply)(const WinogradBf16Product& product);
  /// `blocks` output blocks from `first` on: bias, activation, and their moments.
  void (*transform_output)(const WinogradBf16Job& job, const TileBlock& block, int first, int blocks,
                           const TilePoints<float>& products);
};

/// For Isa::avx512_bf16 only.
const WinogradBf16Kernels& winograd_bf16_kernels();

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/winograd_bf16-inl.hpp>
#endif
