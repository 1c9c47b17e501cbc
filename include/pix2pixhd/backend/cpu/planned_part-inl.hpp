#pragma once

#include <pix2pixhd/backend/cpu/cpu_backend.hpp>
#include <pix2pixhd/backend/cpu/dense_convolution.hpp>
#include <pix2pixhd/backend/cpu/planned_part.hpp>
#include <pix2pixhd/backend/cpu/winograd_convolution.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <utility>

namespace pix2pixhd::inline v0::detail {

PIX2PIXHD_INLINE std::vector<DensePart> dense_parts(const BlockInput& x) {
  if (!x.map) return {{.x = &x.tensor, .first_channel = 0}};
  std::vector<DensePart> parts;
  int channel = x.map->map_channels();
  for (const Tensor& part : x.map->parts()) {
    parts.push_back({.x = &part, .first_channel = channel});
    channel += part.shape().c;
  }
  return parts;
}

PIX2PIXHD_INLINE std::size_t PlannedPart::workspace(const CpuBackend& backend) const {
  return winograd ? winograd_workspace(backend, *winograd) : dense_workspace(backend, plan);
}

/// Whether a convolution is one of a front end's first strided ones, of few channels. What they round goes through all
/// layers behind them: factors in bf16 would make a quarter of the squared error of a picture, for a hundredth of its
/// time (Generator<1> with N(0, 0.02) weights, 2048x1024). So they are numbers at the most, which round less.
inline bool is_early(const ConvGeometry& geometry, const Tensor& x) {
  constexpr int few_channels = 64;
  return geometry.kernel == 3 && geometry.stride > 1 && !geometry.transposed && x.shape().c <= few_channels;
}

PIX2PIXHD_INLINE std::vector<PlannedPart> plan_forward(const CpuBackend& backend, const ConvGeometry& geometry,
                                                       const BlockInput& x, const Shape& y, bool moments) {
  std::vector<PlannedPart> result;
  for (const DensePart& part : dense_parts(x)) {
    const Shape& source = part.x->shape();
    const bool early = is_early(geometry, *part.x);
    const DataType most = factors_of(backend, *part.x), factors = early ? DataType::f32 : most;
    const WinogradFactor coarsest =
        std::min(winograd_factor(most), early ? WinogradFactor::fixed16 : WinogradFactor::bf16);
    const TapGrain grain = tap_kernels(backend.isa(), factors).grain;
    std::optional<WinogradPlan> winograd = geometry.transposed
                                               ? plan_winograd_gathered(source, y, geometry.kernel, geometry.stride,
                                                                        geometry.padding, coarsest, backend.isa())
                                               : plan_winograd_strided(source, y, geometry, coarsest, backend.isa());
    if (winograd) {
      result.push_back({.part = part, .winograd = std::move(winograd)});
      continue;
    }
    TapPlan plan = geometry.transposed
                       ? plan_gathered(source, y, geometry.kernel, geometry.stride, geometry.padding, grain)
                       : plan_strided(source, y, geometry, grain);
    if (!moments) make_narrow(plan, backend.isa());
    if (plan.narrow == 0 || plan.planar) plan.factors = factors;
    const PackedKey key{.pass = PackedKey::Pass::forward,
                        .first_channel = part.first_channel,
                        .channels = source.c,
                        .stride = geometry.stride,
                        .padding = geometry.padding,
                        .transposed = geometry.transposed,
                        .narrow = plan.narrow > 0,
                        .factors = plan.factors};
    result.push_back({.part = part, .plan = std::move(plan), .key = key.value()});
  }
  return result;
}

PIX2PIXHD_INLINE WeightView forward_weights(const ConvGeometry& geometry, const Tensor& weight, int first) {
  const std::size_t taps = static_cast<std::size_t>(geometry.kernel) * static_cast<std::size_t>(geometry.kernel);
  const std::size_t row = static_cast<std::size_t>(weight.shape().c) * taps;
  const std::size_t source = geometry.transposed ? row : taps;
  return {.values = weight.data<float>() + static_cast<std::size_t>(first) * source,
          .source_stride = source,
          .output_stride = geometry.transposed ? taps : row};
}

PIX2PIXHD_INLINE WeightView backward_weights(const ConvGeometry& geometry, const Tensor& weight, int first) {
  const WeightView forward = forward_weights(geometry, weight, first);
  return {.values = forward.values, .source_stride = forward.output_stride, .output_stride = forward.source_stride};
}

}  // namespace pix2pixhd::inline v0::detail
