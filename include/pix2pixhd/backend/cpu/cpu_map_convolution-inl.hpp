#pragma once
/// Convolutions over semantic maps as the backend offers them.

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/map_convolution.hpp>
#include <pix2pixhd/backend/cpu/map_tables.hpp>
#include <pix2pixhd/core/linkage.hpp>

namespace pix2pixhd::inline v0 {

PIX2PIXHD_INLINE std::size_t CpuBackend::map_workspace(const detail::MapConvolution& call) const {
  return detail::map_forward_workspace(*this, call);
}

PIX2PIXHD_INLINE std::vector<DerivedBytes> CpuBackend::map_derived(const detail::MapConvolution& call) const {
  const detail::MapPlan plan(call.geometry, *call.map, call.weight->shape().n);
  return {{.key = detail::map_tables_key(plan), .bytes = plan.table_floats() * sizeof(float)}};
}

PIX2PIXHD_INLINE void CpuBackend::map_convolve(const detail::MapConvolution& call) {
  detail::map_convolution(*this, call);
}

PIX2PIXHD_INLINE std::size_t CpuBackend::map_backward_workspace(
    const detail::MapConvolutionBackwardWeights& call) const {
  return detail::map_gradient_workspace(*this, call);
}

PIX2PIXHD_INLINE void CpuBackend::map_convolve_backward_weights(const detail::MapConvolutionBackwardWeights& call) {
  detail::map_weight_gradient(*this, call);
}

}  // namespace pix2pixhd::inline v0
