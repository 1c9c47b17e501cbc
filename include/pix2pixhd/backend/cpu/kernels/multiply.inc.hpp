// The micro-kernel of the convolutions. See multiply.hpp and for_each_isa.inc.hpp.

/// Output blocks that the micro-kernel computes at most: 4, or 1 where there are few registers. Others are 2 and 1.
inline constexpr int widest_blocks = PIX2PIXHD_LANE_BITS == 512 ? 4 : 1;

/// Pixels of one call of the micro-kernel for groups of `Blocks` output blocks: as many as there are registers for the
/// sums, one row of weights, and the broadcast source value.
template <int Blocks>
inline constexpr int multiply_pixels = PIX2PIXHD_LANE_BITS == 512   ? (Blocks == 4   ? 6
                                                                       : Blocks == 2 ? 12
                                                                                     : 14)
                                       : PIX2PIXHD_LANE_BITS == 256 ? 6
                                                                    : 2;

using MultiplyStep = MultiplyStepOf<Factor>;

/// Channels that one instruction multiplies, and a row of their weights for sixteen outputs.
#if PIX2PIXHD_BF16_PAIRS
inline constexpr int channels_at_once = 2;
using WeightRow = __m512bh;
[[gnu::always_inline]] inline WeightRow load_weights(const Bf16* from) {
  return reinterpret_cast<__m512bh>(_mm512_loadu_si512(from));
}
/// A pair of neighbouring channels in all lanes.
[[gnu::always_inline]] inline WeightRow broadcast_source(const Bf16* from) {
  std::uint32_t pair = 0;
  __builtin_memcpy(&pair, from, sizeof pair);
  return reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(pair)));
}
[[gnu::always_inline]] inline Lanes multiply_add(const WeightRow& value, const WeightRow& weight, Lanes sum) {
  sum.part[0] = _mm512_dpbf16_ps(sum.part[0], value, weight);
  return sum;
}
#else
inline constexpr int channels_at_once = 1;
using WeightRow = Lanes;
[[gnu::always_inline]] inline WeightRow load_weights(const float* from) { return Lanes::load(from); }
[[gnu::always_inline]] inline WeightRow broadcast_source(const float* from) { return Lanes::broadcast(*from); }
[[gnu::always_inline]] inline Lanes multiply_add(const WeightRow& value, const WeightRow& weight, Lanes sum) {
  return fma(value, weight, sum);
}
#endif

/// The micro-kernel: sums[pixel][output channel] += source[pixel][k] * weights[k][output channel].
template <int Pixels, int Blocks>
[[gnu::noinline]] inline void multiply(const MultiplyStep& step) {
  Lanes sum[Pixels][Blocks];
  PIX2PIXHD_UNROLL
  for (int p = 0; p < Pixels; ++p) {
    PIX2PIXHD_UNROLL
    for (int n = 0; n < Blocks; ++n)
      sum[p][n] = step.go_on ? Lanes::load(step.sums + static_cast<std::size_t>(n) * step.sums_plane + p * lane_count)
                             : Lanes::zero();
  }
  constexpr int row = lane_count * channels_at_once;
  const Factor* weights = step.weights;
  const std::ptrdiff_t stride = step.pixel_stride;
  for (int tap = 0; tap < step.taps; ++tap) {
    const Factor* source = step.source + step.offsets[tap];
    for (int block = 0; block < step.blocks; ++block, source += step.plane) {
      if (step.ahead != 0) {
        PIX2PIXHD_UNROLL
        for (int p = 0; p < Pixels; ++p) __builtin_prefetch(source + step.ahead + p * stride);
      }
      for (int k = 0; k < step.depth; k += channels_at_once, weights += Blocks * row) {
        WeightRow weight[Blocks];
        PIX2PIXHD_UNROLL
        for (int n = 0; n < Blocks; ++n) weight[n] = load_weights(weights + n * row);
        PIX2PIXHD_UNROLL
        for (int p = 0; p < Pixels; ++p) {
          const WeightRow value = broadcast_source(source + p * stride + k);
          PIX2PIXHD_UNROLL
          for (int n = 0; n < Blocks; ++n) sum[p][n] = multiply_add(value, weight[n], sum[p][n]);
        }
      }
    }
  }
  PIX2PIXHD_UNROLL
  for (int p = 0; p < Pixels; ++p) {
    PIX2PIXHD_UNROLL
    for (int n = 0; n < Blocks; ++n)
      sum[p][n].store(step.sums + static_cast<std::size_t>(n) * step.sums_plane + p * lane_count);
  }
}

/// The micro-kernel for a number of pixels that is known at run time only.
template <int Blocks, int Pixels = multiply_pixels<Blocks>>
inline void multiply_any(int pixels, const MultiplyStep& step) {
  if constexpr (Pixels > 0) {
    if (pixels == Pixels) return multiply<Pixels, Blocks>(step);
    multiply_any<Blocks, Pixels - 1>(pixels, step);
  }
}

/// Pixels of one call, and the call, where the number of output blocks is known at run time only.
inline int most_pixels([[maybe_unused]] int blocks) {
#if PIX2PIXHD_LANE_BITS == 512
  if (blocks == 4) return multiply_pixels<4>;
  if (blocks == 2) return multiply_pixels<2>;
#endif
  return multiply_pixels<1>;
}
inline void multiply_blocks([[maybe_unused]] int blocks, int pixels, const MultiplyStep& step) {
#if PIX2PIXHD_LANE_BITS == 512
  if (blocks == 4) return multiply_any<4>(pixels, step);
  if (blocks == 2) return multiply_any<2>(pixels, step);
#endif
  multiply_any<1>(pixels, step);
}
