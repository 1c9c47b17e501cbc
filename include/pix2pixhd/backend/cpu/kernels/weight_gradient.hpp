#pragma once
/// The gradient of a convolution by its weights.
///
/// A convolution connects pixel s of a small picture (its output) with pixel s * stride + tap of a large one (its
/// padded input); a transposed one connects its input, the small picture, with its output. In both cases the gradient
/// of weight (small channel, large channel, tap) is the sum over s of the product of the two, and small channels are
/// the outer dimension of the weights.

#include <pix2pixhd/backend/cpu/kernels/source.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0::detail {

/// What is the same for all tiles of a pair of pictures.
struct WeightGradientJob {
  Picture large, small;
  const int* rows = nullptr;  ///< of the large picture, see Window
  const int* columns = nullptr;
  const int* small_rows = nullptr;  ///< of the small one: 0, 1, ...
  const int* small_columns = nullptr;
  ScratchShape scratch;  ///< of the large picture
  int stride = 1;
  int reach = 1;
  const int* offsets = nullptr;  ///< of each tap in the scratch
  int taps = 0;
  int depth = 16;  ///< channels of a large block
};

/// A rectangle of the small picture, and ranges of channel blocks.
struct WeightGradientTile {
  int row = 0, column = 0, height = 0, width = 0;
  int first_small = 0, last_small = 0;
  int first_large = 0, last_large = 0;
  float* large_scratch = nullptr;  ///< of the blocks [first_large, last_large)
  float* small_scratch = nullptr;  ///< of the blocks [first_small, last_small), used if they cannot be read in place
  float* sums = nullptr;           ///< [small block][tap][large channel][16], of all blocks
  bool go_on = false;              ///< add to the sums that are there
};

struct WeightGradientKernels {
  int widest;  ///< small blocks that are computed together
  void (*run)(const WeightGradientJob& job, const WeightGradientTile& tile);
};

const WeightGradientKernels& weight_gradient_kernels(Isa isa);

/// Whether the kernel reads the small picture where it lies.
inline bool read_in_place(const Picture& picture) {
  return picture.blocked && !picture.mean && picture.type == DataType::f32;
}

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/weight_gradient-inl.hpp>
#endif
