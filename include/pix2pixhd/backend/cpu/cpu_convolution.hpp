#pragma once
/// How the calls of a backend are made of dense convolutions, look-ups and passes; and what memory that takes.

#include <pix2pixhd/backend/cpu/planned_part.hpp>
#include <pix2pixhd/backend/cpu/tap_plan.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/core/backend.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// Gradient by the input. Where pixels beyond the border are copies of pixels inside (reflection, replication), the
/// gradient of the inside comes first; then that of the frame around it, strip by strip, which is added to the pixels
/// that it was copied from. With a stride or
/// enlargement, and where the picture is small, the whole padded picture is computed and folded.
struct BackwardDataPlan {
  TapPlan plan;
  std::optional<WinogradPlan> winograd{};  ///< does the work of `plan`
  bool folds = false;                      ///< `plan` is that of the whole padded picture
  std::vector<Strip> places{};             ///< of the strips, in the padded picture
  std::vector<TapPlan> strips{};
  std::uint64_t key = 0;  ///< of its packed weights on the weight's storage
  /// Weights are packed for the tap kernel: for `plan`, or for the strips, which share them.
  bool packs() const { return !winograd || !strips.empty(); }
  std::size_t packed_bytes() const { return packs() ? plan.packed_bytes() : 0; }
};
BackwardDataPlan plan_backward_data(const CpuBackend& backend, const ConvolutionBackwardData& call);
std::size_t backward_data_workspace(const CpuBackend& backend, const ConvolutionBackwardData& call);
/// The packed weights that a call with `keep_derived` keeps.
std::vector<DerivedBytes> backward_data_derived(const CpuBackend& backend, const ConvolutionBackwardData& call);
void backward_data(CpuBackend& backend, const ConvolutionBackwardData& call, std::byte* workspace = nullptr);

/// Gradients by weight and bias.
std::size_t backward_weights_workspace(const CpuBackend& backend, const ConvolutionBackwardWeights& call);
void backward_weights(CpuBackend& backend, const ConvolutionBackwardWeights& call, std::byte* workspace = nullptr);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/backward_data-inl.hpp>
#include <pix2pixhd/backend/cpu/backward_weights-inl.hpp>
#include <pix2pixhd/backend/cpu/cpu_convolution-inl.hpp>
#endif
