#pragma once
/// Runs plans of the tap kernel on tensors.

#include <pix2pixhd/backend/cpu/moments.hpp>
#include <pix2pixhd/backend/cpu/tap_plan.hpp>
#include <pix2pixhd/backend/cpu/weight_view.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>
#include <memory>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// One convolution of a dense tensor.
struct DenseConvolution {
  const TapPlan* plan = nullptr;
  const Tensor* x = nullptr;     ///< may be pending
  const void* packed = nullptr;  ///< weights, see pack_all_weights
  const Tensor* bias = nullptr;  ///< null: none
  Elements output = {};          ///< of the first picture
  bool output_blocked = true;
  int first_picture = 0;
  int pictures = 1;
  bool add = false;  ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< [picture][block][chunk]; null: not wanted
  std::byte* memory = nullptr;      ///< dense_workspace() bytes, aligned to 64
};

/// Picture `n` of a tensor, to be finished on the way if the tensor is pending.
Picture picture_of(const Tensor& x, int n);

/// Bytes that the threads of `backend` need to run `plan`.
std::size_t dense_workspace(const CpuBackend& backend, const TapPlan& plan);
void run_dense(CpuBackend& backend, const DenseConvolution& call);

/// Packs all weights of a plan.
void pack_all_weights(CpuBackend& backend, const TapPlan& plan, const WeightView& weights, void* packed);

/// The type in which sources like `x` are multiplied with weights: bf16 on a device of that precision that has the
/// instructions, unless x is stored plainly.
DataType factors_of(const CpuBackend& backend, const Tensor& x);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/dense_convolution-inl.hpp>
#endif
