#pragma once
/// The gradient of a block as the calls of which it is composed.

#include <pix2pixhd/core/calls.hpp>

#include <optional>

namespace pix2pixhd::inline v0 {
namespace detail {

/// The calls of which the gradient of a block is composed, in their order; those that it does not need are missing.
struct ConvBlockBackwardParts {
  std::optional<NormaliseBackward> normalise;
  std::optional<ConvolutionBackwardWeights> weights;
  std::optional<ConvolutionBackwardData> data;

  /// `call` must outlive this object, which points into it.
  explicit ConvBlockBackwardParts(const ConvBlockBackwardCall& call) {
    if (call.norm != Norm::none || call.activation != Activation::none)
      normalise = NormaliseBackward{.dy = call.dy,
                                    .z = call.saved,
                                    .statistics = call.statistics,
                                    .kind = call.norm,
                                    .running = call.running,
                                    .activation = call.activation,
                                    .dx = call.dz,
                                    .scale = call.d_scale,
                                    .shift = call.d_shift,
                                    .add_scale = call.add_scale,
                                    .add_shift = call.add_shift};
    if (call.d_weight || call.d_bias)
      weights = ConvolutionBackwardWeights{.geometry = call.geometry,
                                           .x = call.x,
                                           .dy = &call.dz,
                                           .weight = call.d_weight,
                                           .bias = call.d_bias,
                                           .add_weight = call.add_weight,
                                           .add_bias = call.add_bias};
    if (!call.dx.empty())
      data = ConvolutionBackwardData{.geometry = call.geometry,
                                     .dy = &call.dz,
                                     .weight = call.weight,
                                     .map = call.x->map ? &*call.x->map : nullptr,
                                     .dx = call.dx,
                                     .keep_derived = call.keep_derived};
  }
};

}  // namespace detail

}  // namespace pix2pixhd::inline v0
