#pragma once
/// The gradient of a convolution by its weights with Winograd's kernels.

#include <pix2pixhd/backend/cpu/kernels/winograd_gradient.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>
#include <optional>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Everything that follows from the shapes.
///
/// The tiles of some blocks (a band) are transformed, of both pictures and all channels. Then each item of work, a
/// range of channel blocks of either picture, takes its sums over the band, transforms them and puts them where PyTorch
/// has the weights: no item writes what another one does, and only the sums of one item a thread are held.
struct WinogradGradientPlan {
  WinogradPlan tiles;  ///< from the large picture (source) to the small one (output)
  int band = 1;        ///< blocks of tiles, of all pictures, whose transformed values are held at once
  int large_range = 1, small_range = 1;  ///< channel blocks of an item

  int blocks() const { return tiles.blocks() * tiles.output.n; }
  int large_ranges() const { return (tiles.source_blocks() + large_range - 1) / large_range; }
  int small_ranges() const { return (tiles.output_blocks() + small_range - 1) / small_range; }
};

/// None where the kernels have no such tiles, or where the direct way is less work.
std::optional<WinogradGradientPlan> plan_winograd_gradient(const ConvGeometry& geometry, const Shape& x,
                                                           const Shape& dy);

/// One gradient by the weights of a dense tensor.
struct WinogradGradient {
  const WinogradGradientPlan* plan = nullptr;
  const Tensor* large = nullptr;  ///< either may be pending
  const Tensor* small = nullptr;
  float* gradient = nullptr;     ///< [small channel][large channel][tap], at the first large channel
  std::size_t small_stride = 0;  ///< floats from one small channel to the next
  bool add = false;              ///< to what is in the gradient
  std::byte* memory = nullptr;   ///< winograd_gradient_workspace() bytes, aligned to 64
};

/// Bytes that the threads of `backend` need to run `plan`.
std::size_t winograd_gradient_workspace(const CpuBackend& backend, const WinogradGradientPlan& plan);
void run_winograd_gradient(CpuBackend& backend, const WinogradGradient& call);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/winograd_gradient-inl.hpp>
#endif
