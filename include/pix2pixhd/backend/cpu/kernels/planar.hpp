#pragma once
/// The convolution kernel for few output channels and many taps: the 7x7 head of a generator. Lanes are neighbouring
/// pixels, so that nothing has to be summed across them; the source is transposed on the way, one block of channels at
/// a time.

#include <pix2pixhd/backend/cpu/kernels/tap.hpp>

namespace pix2pixhd::inline v0::detail {

struct PlanarKernels {
  int widest;  ///< output channels that one micro-kernel computes
  /// As TapKernels::run for stride 1, a plain output and sources of whole blocks; moments are not taken.
  ///
  /// The scratch is planar: [channel of the block][row][pixel]; the pitch is a multiple of 16, the offsets of the taps
  /// and the plane (from one channel to the next) count floats. Weights are packed
  /// [phase][group of `widest` outputs][channel][tap][output], sums are [output][row][pixel]. In bf16 the values of
  /// channels k and k + 1 (k even) lie side by side, in scratch and weights, and take the place of a float.
  void (*run)(const TapJob& job, const TapTile& tile);
};

/// The kernels that multiply factors of a type, f32 or (from Isa::avx512_bf16 on) bf16.
const PlanarKernels& planar_kernels(Isa isa, DataType factors = DataType::f32);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/planar-inl.hpp>
#endif
