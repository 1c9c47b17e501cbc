#pragma once
/// The gradient by the weights of a convolution with few outputs: the head of a generator, the score of a
/// discriminator. Lanes are input channels there; in the general kernel most lanes would be empty.

#include <pix2pixhd/backend/cpu/kernels/weight_gradient.hpp>

namespace pix2pixhd::inline v0::detail {

/// Channels that the small picture may have at most.
inline constexpr int narrow_gradient_outputs = 4;

struct NarrowGradientKernels {
  /// As WeightGradientKernels::run, for a small picture of at most `narrow_gradient_outputs` channels. Sums are
  /// [large block][tap][small channel][16 large channels]; the small picture is always read into its scratch.
  void (*run)(const WeightGradientJob& job, const WeightGradientTile& tile);
};

const NarrowGradientKernels& narrow_gradient_kernels(Isa isa);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/kernels/narrow_gradient-inl.hpp>
#endif
