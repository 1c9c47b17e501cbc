#pragma once
/// How a convolution, or its gradient, is mapped onto the tap kernel: phases, index tables, tiles, packed weights.

#include <pix2pixhd/backend/cpu/kernels/tap.hpp>
#include <pix2pixhd/core/geometry.hpp>
#include <pix2pixhd/core/shape.hpp>

#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// One dimension of a picture that is read: how many pixels the grid has, and which source pixel stands at each place.
struct TapAxis {
  int grid = 0;
  int tile = 0;               ///< grid pixels of a tile
  std::vector<int> source{};  ///< -1: zero

  int tiles() const { return (grid + tile - 1) / tile; }
};

/// A tap of a phase: its place relative to the grid pixel, and its place in the weights (row * kernel + column).
struct PlannedTap {
  int row = 0, column = 0, weight = 0;
};

struct PlannedPhase {
  int row = 0, column = 0;
  std::vector<PlannedTap> taps{};
};

/// Everything that follows from the shapes. `source` and `output` have the channels of the convolution at hand.
struct TapPlan {
  Shape source{}, output{};
  int stride = 1, step = 1, reach = 1;
  TapAxis rows{}, columns{};
  std::vector<PlannedPhase> phases{};
  int all_taps = 0, slice = 1;
  TapGrain grain{};
  bool turned = false;  ///< rows and columns exchanged: a thin upright strip is computed, and stored, lying down
  int narrow = 0;       ///< outputs of a group of the narrow or planar kernel; 0: the tap kernel
  bool planar = false;  ///< the planar kernel instead of the narrow one
  DataType factors = DataType::f32;  ///< of scratch and packed weights

  int source_blocks() const { return (source.c + 15) / 16; }
  int output_blocks() const { return (output.c + 15) / 16; }
  int depth() const {
    const int channels = source.c < 16 ? source.c : 16;
    return factors == DataType::bf16 ? (channels + 1) / 2 * 2 : channels;
  }
  int tiles() const { return rows.tiles() * columns.tiles(); }
  /// Chunks of the moments of one picture and block.
  int moment_chunks() const { return tiles() * static_cast<int>(phases.size()); }
  ScratchShape scratch() const;
  std::size_t scratch_bytes() const;
  std::size_t sums_floats() const;
  std::size_t packed_values() const;
  std::size_t packed_bytes() const { return packed_values() * size_of(factors); }
  /// Taps of the weights as they lie in the parameter: kernel * kernel.
  std::size_t weight_taps() const;
  /// Grid rectangle of tile `index`; blocks and memory are not filled in.
  TapTile tile(int index) const;
  /// Pixels of each chunk of the moments.
  void moment_counts(int* counts) const;
};

/// y = convolution of x: enlarged, padded, strided. x may be larger than what the output reads.
TapPlan plan_strided(const Shape& source, const Shape& output, const ConvGeometry& geometry, const TapGrain& grain);
/// y = the adjoint of such a convolution with zero padding: every output pixel gathers from the source pixels that a
/// convolution with `kernel`, `stride` and `padding` would have computed from it.
TapPlan plan_gathered(const Shape& source, const Shape& output, int kernel, int stride, int padding,
                      const TapGrain& grain);

/// A rectangle of a picture.
struct Strip {
  int row = 0, column = 0, height = 0, width = 0;
};
/// The same, for stride 1 and without padding, for a rectangle of the output only. If `turned`, the plan's output is
/// the transposed rectangle. Weights are packed as for the whole output.
TapPlan plan_strip(const Shape& source, const Shape& output, int kernel, const Strip& strip, bool turned,
                   const TapGrain& grain);

/// Lets the narrow or the planar kernel compute the plan, where they can and it pays: few outputs, not few inputs.
void make_narrow(TapPlan& plan, Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/tap_plan-inl.hpp>
#endif
