#pragma once
/// Winograd's convolutions with factors that are whole numbers of 16 bits. The kernels of winograd.hpp make the values
/// at the points, in float, and take the products, which are float too; here the values v are rounded to numbers,
///
///   n = round(v / s),   s = max |v| / fixed16_most,
///
/// and multiplied. The maximum is taken over a group of source blocks, fixed16_blocks with all phases, at each point,
/// for each tile of the inputs and for each output channel of the weights; their numbers are summed in 32 bits,
/// exactly, before the sum is scaled:
///
///   products[point][tile][output] += s[point][tile] s[point][output] sum over channels of n n'.
///
/// The sum of a convolution of normal values is then off by some 0.0015 of its root mean square with F(4x4, 3x3), where
/// bf16 makes it 0.0040 with F(2x2, 3x3) and 0.0017 without any transform.

#include <pix2pixhd/backend/cpu/kernels/fixed16.hpp>
#include <pix2pixhd/backend/cpu/kernels/lane_transpose.hpp>
#include <pix2pixhd/backend/cpu/kernels/multiply.hpp>
#include <pix2pixhd/backend/cpu/kernels/tap.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_job.hpp>
#include <pix2pixhd/backend/cpu/kernels/winograd_points.hpp>

#include <cstddef>
#include <cstdint>

namespace pix2pixhd::inline v0::detail {

/// Scales, of each point and each group of source blocks: [point][group][tile or output channel].
struct FixedScales {
  float* values = nullptr;
  std::size_t point = 0;  ///< from one point to the next
  std::size_t group = 0;  ///< from one group to the next

  FixedScales at(int of_point, int of_group, int item) const {
    return {values + static_cast<std::size_t>(of_point) * point + static_cast<std::size_t>(of_group) * group + item,
            point, group};
  }
};

/// Inputs of one group of source blocks at all points: [point][phase][block][tile][16], with room for fixed16_blocks of
/// all phases.
struct FixedInputs {
  PointValues<float> from;
  PointValues<Fixed16> to;
  FixedScales scales;  ///< of the group
  int phases = 1;
  int blocks = 0;  ///< of each phase, at most its share of fixed16_blocks
  int tiles = 0;
};

/// Weights of one group of source blocks at some points, in panels as WinogradWeights has them: of floats
/// [phase][channel][outputs], of numbers [phase][channel / 2][outputs][2].
struct FixedWeights {
  const float* from = nullptr;
  std::size_t from_point = 0;
  Fixed16* to = nullptr;
  std::size_t to_point = 0;
  FixedScales scales;                 ///< of the group
  const WinogradSum* sums = nullptr;  ///< of each point: how many phases there are
  int points = 0;
  int channels = 0;  ///< of each phase; an even number
  int lanes = 0;     ///< 16 times the output blocks
};

/// products[point][output block][tile] += the scaled sums of the numbers of all groups.
struct FixedProduct {
  PointValues<Fixed16> inputs;  ///< [point][group][phase][block]
  FixedScales input_scales;
  int source_blocks = 0;              ///< of each phase
  int phases = 1;                     ///< of the source
  const WinogradSum* sums = nullptr;  ///< of each point; offsets are those of the phases of a group
  const Fixed16* weights = nullptr;   ///< of each point the groups, with room for all phases in each
  std::size_t weights_point = 0;
  FixedScales weight_scales;
  PointValues<float> products;
  int points = 0;
  int output_blocks = 0;
  int tiles = 0;
  bool go_on = false;  ///< add to the products that are there
};

struct WinogradFixedKernels {
  void (*round_inputs)(const FixedInputs& job);
  void (*round_weights)(const FixedWeights& job);
  void (*multiply)(const FixedProduct& product);
};

/// There are such kernels from Isa::avx512_bf16 on only.
const WinogradFixedKernels& winograd_fixed_kernels(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/winograd_fixed-inl.hpp>
#endif
