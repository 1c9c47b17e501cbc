#pragma once
/// Runs plans of Winograd's convolution on tensors.

#include <pix2pixhd/backend/cpu/moments.hpp>
#include <pix2pixhd/backend/cpu/weight_view.hpp>
#include <pix2pixhd/backend/cpu/winograd_plan.hpp>
#include <pix2pixhd/core/tensor.hpp>

#include <cstddef>

namespace pix2pixhd::inline v0 {

class CpuBackend;

namespace detail {

/// One convolution of a dense tensor.
struct WinogradConvolution {
  const WinogradPlan* plan = nullptr;
  const Tensor* x = nullptr;  ///< may be pending
  WeightView weights{};
  const Tensor* bias = nullptr;  ///< null: none
  Elements output = {};          ///< of the first picture; blocked
  bool add = false;              ///< to what is in the output
  Activation activation = Activation::none;
  BlockMoments* moments = nullptr;  ///< [picture][block][chunk]; null: not wanted
  std::byte* memory = nullptr;      ///< winograd_workspace() bytes, aligned to 64
};

/// Bytes that the threads of `backend` need to run `plan`.
std::size_t winograd_workspace(const CpuBackend& backend, const WinogradPlan& plan);
void run_winograd(CpuBackend& backend, const WinogradConvolution& call);

}  // namespace detail
}  // namespace pix2pixhd::inline v0

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/winograd_convolution-inl.hpp>
#endif
