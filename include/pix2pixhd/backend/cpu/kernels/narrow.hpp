#pragma once
/// The convolution kernel for few output channels: the head of a generator, the score of a discriminator, gradients of
/// images. Lanes are input channels there, which are summed at the end; in the tap kernel most lanes would be empty.

#include <pix2pixhd/backend/cpu/kernels/tap.hpp>

namespace pix2pixhd::inline v0::detail {

struct NarrowKernels {
  int widest;  ///< output channels that one micro-kernel computes
  /// As TapKernels::run for a plain output and sources of at least a block; moments are not taken.
  /// Weights are packed [phase][group of `widest` outputs][tap][source block][output][16].
  void (*run)(const TapJob& job, const TapTile& tile);
};

const NarrowKernels& narrow_kernels(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/narrow-inl.hpp>
#endif
