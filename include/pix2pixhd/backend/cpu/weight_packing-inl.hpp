#pragma once

#include <pix2pixhd/backend/cpu/element.hpp>
#include <pix2pixhd/backend/cpu/transpose.hpp>
#include <pix2pixhd/backend/cpu/weight_packing.hpp>
#include <pix2pixhd/core/linkage.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pix2pixhd::inline v0::detail {

/// For the narrow kernel [tap][block][output][16 channels], for the planar one [channel][tap][output], of every phase
/// and group; T is Bf16 for the planar one only.
template <class T>
void pack_narrow_weights(const TapPlan& plan, const WeightView& weights, T* to) {
  const auto weight = [&](int channel, int output, const PlannedTap& tap) {
    if (channel >= plan.source.c) return 0.0f;
    return weights
        .values[static_cast<std::size_t>(channel) * weights.source_stride +
                static_cast<std::size_t>(output) * weights.output_stride + static_cast<std::size_t>(tap.weight)];
  };
  for (const PlannedPhase& phase : plan.phases)
    for (int first = 0; first < plan.output.c; first += plan.narrow) {
      const int last = std::min(first + plan.narrow, plan.output.c), channels = plan.source_blocks() * 16;
      if (plan.planar) {
        constexpr int together = sizeof(T) == sizeof(float) ? 1 : 2;
        for (int k = 0; k < channels; k += together)
          for (const PlannedTap& tap : phase.taps)
            for (int n = first; n < last; ++n)
              for (int c = k; c < k + together; ++c) *to++ = to_element<T>(weight(c, n, tap));
        continue;
      }
      for (const PlannedTap& tap : phase.taps)
        for (int block = 0; block < plan.source_blocks(); ++block)
          for (int n = first; n < last; ++n)
            for (int k = block * 16; k < block * 16 + 16; ++k) *to++ = to_element<T>(weight(k, n, tap));
    }
}

/// Puts sixteen weights of channel `k` to output block `n` in their place in rows of `lanes`. If they are rounded, and
/// `carried` is not null, what that did to the sums of the taps before is made up for, and what it does now added to
/// it: see kernels/balanced_taps.hpp.
inline void put_weights(const float* from, std::size_t k, std::size_t n, std::size_t lanes, float* rows, float*) {
  std::copy_n(from, 16, rows + k * lanes + n * 16);
}
inline void put_weights(const float* from, std::size_t k, std::size_t n, std::size_t lanes, Bf16* rows,
                        float* carried) {
  Bf16* const to = rows + k / 2 * 2 * lanes + n * 32 + k % 2;
  for (std::size_t i = 0; i < 16; ++i) {
    const float wanted = carried ? from[i] - carried[i] : from[i];
    to[2 * i] = to_bf16(wanted);
    if (carried) carried[i] = to_float(to[2 * i]) - wanted;
  }
}

template <class T>
void pack_weights_as(const TapPlan& plan, const WeightView& weights, int first, int width, int first_source,
                     int last_source, T* packed) {
  const auto depth = static_cast<std::size_t>(plan.depth()), blocks = static_cast<std::size_t>(plan.source_blocks());
  const auto lanes = static_cast<std::size_t>(width) * 16, taps = plan.weight_taps();
  T* const group =
      packed + static_cast<std::size_t>(plan.all_taps) * blocks * depth * static_cast<std::size_t>(first) * 16;
  // Weights of sixteen outputs and a block of inputs, [input][tap][output]: a transposition of what lies together.
  std::vector<float> part(depth * taps * 16), carried(depth * 16);
  for (int block = first_source; block < last_source; ++block) {
    const int slice = block / plan.slice * plan.slice;
    const auto slice_channels = static_cast<std::size_t>(std::min(plan.slice, plan.source_blocks() - slice)) * depth;
    const int sources = std::min(plan.depth(), plan.source.c - block * 16);
    for (int n = 0; n < width; ++n) {
      const int outputs = std::clamp(plan.output.c - (first + n) * 16, 0, 16);
      const float* const from = weights.values + static_cast<std::size_t>(block * 16) * weights.source_stride +
                                static_cast<std::size_t>((first + n) * 16) * weights.output_stride;
      if (sources < plan.depth() || outputs < 16) std::fill(part.begin(), part.end(), 0.0f);
      const auto count = static_cast<std::size_t>(sources), columns = static_cast<std::size_t>(outputs);
      if (weights.source_stride == taps) {
        transpose(from, weights.output_stride, part.data(), 16, columns, count * taps);
      } else {
        for (std::size_t k = 0; k < count; ++k)
          transpose(from + k * weights.source_stride, weights.output_stride, part.data() + k * taps * 16, 16, columns,
                    taps);
      }
      T* phase_weights = group;
      for (const PlannedPhase& phase : plan.phases) {
        const std::size_t phase_taps = phase.taps.size();
        T* to = phase_weights + (phase_taps * static_cast<std::size_t>(slice) * depth +
                                 static_cast<std::size_t>(block - slice) * depth) *
                                    lanes;
        std::fill(carried.begin(), carried.end(), 0.0f);
        for (const PlannedTap& tap : phase.taps) {
          for (std::size_t k = 0; k < depth; ++k)
            put_weights(part.data() + (k * taps + static_cast<std::size_t>(tap.weight)) * 16, k,
                        static_cast<std::size_t>(n), lanes, to, plan.stride > 1 ? carried.data() + k * 16 : nullptr);
          to += slice_channels * lanes;
        }
        phase_weights += phase_taps * blocks * depth * lanes;
      }
    }
  }
}

PIX2PIXHD_INLINE void pack_weights(const TapPlan& plan, const WeightView& weights, int first, int width,
                                   int first_source, int last_source, void* packed) {
  const auto pack = [&](auto* to) {
    if (plan.narrow > 0) return pack_narrow_weights(plan, weights, to);
    pack_weights_as(plan, weights, first, width, first_source, last_source, to);
  };
  if (plan.factors == DataType::bf16)
    pack(static_cast<Bf16*>(packed));
  else
    pack(static_cast<float*>(packed));
}

}  // namespace pix2pixhd::inline v0::detail
