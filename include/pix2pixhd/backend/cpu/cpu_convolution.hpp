#pragma once
/// How the calls of a backend are made of dense convolutions, look-ups and passes; and what memory that takes.

#include <pix2pixhd/backend/cpu/tap_plan.hpp>
#include <pix2pixhd/backend/cpu/weight_view.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/core/backend.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// One tensor that a convolution reads, and the channel of the weights at which it begins.
struct DensePart {
  const Tensor* x = nullptr;
  int first_channel = 0;
};

/// The dense parts of an input: the tensor itself, or the parts that are joined to a map.
std::vector<DensePart> dense_parts(const BlockInput& x);

/// What packed weights are made for; they lie on the weight's storage under its value.
struct PackedKey {
  enum class Pass { forward = 1, backward = 2 };
  Pass pass = Pass::forward;
  int first_channel = 0, channels = 0;
  int stride = 1, padding = 0;
  bool transposed = false, narrow = false;
  DataType factors = DataType::f32;

  std::uint64_t value() const {
    auto key = static_cast<std::uint64_t>(pass);
    for (const int field : {first_channel, channels}) key = key << 20 | static_cast<std::uint64_t>(field);
    for (const int field : {stride, padding}) key = key << 6 | static_cast<std::uint64_t>(field);
    for (const bool field : {transposed, narrow, factors == DataType::bf16})
      key = key << 1 | static_cast<std::uint64_t>(field ? 1 : 0);
    return key;
  }
};

/// A dense part of a convolution, planned: for Winograd's kernels, or else for the tap kernel.
struct PlannedPart {
  DensePart part;
  std::optional<WinogradPlan> winograd{};
  TapPlan plan{};
  std::uint64_t key = 0;  ///< of its packed weights on the weight's storage
  /// Bytes of packed weights; Winograd's kernels take the weights as they are.
  std::size_t packed_bytes() const { return winograd ? 0 : plan.packed_bytes(); }
  std::size_t workspace(const CpuBackend& backend) const;
  int moment_chunks() const { return winograd ? winograd->moment_chunks() : plan.moment_chunks(); }
  void moment_counts(int* counts) const { winograd ? winograd->moment_counts(counts) : plan.moment_counts(counts); }
};

std::vector<PlannedPart> plan_forward(const CpuBackend& backend, const ConvGeometry& geometry, const BlockInput& x,
                                      const Shape& y, bool moments);

/// Where the weights of a convolution lie for its forward pass, from input channel `first` on, and for its gradient by
/// the input channels from `first` on.
WeightView forward_weights(const ConvGeometry& geometry, const Tensor& weight, int first);
WeightView backward_weights(const ConvGeometry& geometry, const Tensor& weight, int first);

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
