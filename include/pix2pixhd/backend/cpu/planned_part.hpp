#pragma once
/// The dense parts that a convolution reads, each planned for the kernels that take the least work.

#include <pix2pixhd/backend/cpu/tap_plan.hpp>
#include <pix2pixhd/backend/cpu/weight_view.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/core/calls.hpp>

#include <cstddef>
#include <cstdint>
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

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/planned_part-inl.hpp>
#endif
