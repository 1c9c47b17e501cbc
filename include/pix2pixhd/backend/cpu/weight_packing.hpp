#pragma once
/// Weights in the order in which the tap kernel, the narrow and the planar one read them.

#include <pix2pixhd/backend/cpu/tap_plan.hpp>
#include <pix2pixhd/backend/cpu/weight_view.hpp>

namespace pix2pixhd::inline v0::detail {

/// Packs the weights of output blocks [first, first + width), one group, and source blocks [first_source, last_source),
/// as TapJob describes; of a narrow plan, all weights.
void pack_weights(const TapPlan& plan, const WeightView& weights, int first, int width, int first_source,
                  int last_source, void* packed);

}  // namespace pix2pixhd::inline v0::detail

#ifndef PIX2PIXHD_COMPILED
#include <pix2pixhd/backend/cpu/weight_packing-inl.hpp>
#endif
