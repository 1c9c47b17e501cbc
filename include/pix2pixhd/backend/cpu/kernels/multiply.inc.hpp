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
template <int Blocks>
inline void multiply_any(int pixels, const MultiplyStep& step) {
  with_count<multiply_pixels<Blocks>>(pixels,
                                      [&]<int Pixels>(Count<Pixels>) { multiply<Pixels, Blocks>(step); });
}

/// What multiplies: vectors, which every instruction set has.
struct Vectors {
  /// Made before the first call of a thread, for sources of `depth` channels.
  struct Ready {
    explicit Ready(int /*depth*/) {}
  };
  /// Pixels of the next call where `remaining` are left: balanced, so that no call has very few.
  template <int Blocks>
  static int next_pixels(int remaining) {
    const int calls = (remaining + multiply_pixels<Blocks> - 1) / multiply_pixels<Blocks>;
    return (remaining + calls - 1) / calls;
  }
  template <int Blocks>
  static void multiply(int pixels, const MultiplyStep& step) {
    multiply_any<Blocks>(pixels, step);
  }
};

#if PIX2PIXHD_BF16_PAIRS
/// What multiplies: tile registers, those of the processor or, in a test, others that do the same. Pixels that do not
/// fill a tile are left to the vectors.
template <class Tiles>
struct Matrices {
  struct Ready {
    explicit Ready(int depth) { Tiles::configure(TileConfiguration(depth)); }
    ~Ready() { Tiles::release(); }
    Ready(const Ready&) = delete;
    Ready& operator=(const Ready&) = delete;
  };
  template <int Blocks>
  static int next_pixels(int remaining) {
    constexpr int most = first_source_tile / Blocks * tile_pixels;
    const int whole = remaining / tile_pixels * tile_pixels;
    return whole == 0 ? Vectors::next_pixels<Blocks>(remaining) : whole < most ? whole : most;
  }
  template <int Blocks>
  static void multiply(int pixels, const MultiplyStep& step) {
    constexpr int most = first_source_tile / Blocks;
    if (pixels % tile_pixels != 0) return Vectors::multiply<Blocks>(pixels, step);
    if constexpr (most >= 4) {
      if (pixels == 4 * tile_pixels) return multiply_tiles<Blocks, 4>(step);
      if (pixels == 3 * tile_pixels) return multiply_tiles<Blocks, 3>(step);
    }
    if constexpr (most >= 2) {
      if (pixels == 2 * tile_pixels) return multiply_tiles<Blocks, 2>(step);
    }
    multiply_tiles<Blocks, 1>(step);
  }

 private:
  /// Calls f<0>(), f<1>() ... f<Count - 1>(): numbers of tiles must be constants.
  template <int Count, int Index = 0, class F>
  [[gnu::always_inline]] static inline void for_each(const F& f) {
    if constexpr (Index < Count) {
      f.template operator()<Index>();
      for_each<Count, Index + 1>(f);
    }
  }

  /// `Rows` tiles of pixels times `Blocks` output blocks: at most four tiles of sums.
  template <int Blocks, int Rows>
  [[gnu::noinline]] static void multiply_tiles(const MultiplyStep& step) {
    constexpr std::ptrdiff_t sums_row = lane_count * sizeof(float),
                             weights_row = Blocks * 2 * lane_count * sizeof(Bf16);
    const std::ptrdiff_t source_row = step.pixel_stride * static_cast<std::ptrdiff_t>(sizeof(Bf16));
    const auto sums = [&](int i) {
      return step.sums + static_cast<std::size_t>(i % Blocks) * step.sums_plane + i / Blocks * tile_pixels * lane_count;
    };
    for_each<Rows * Blocks>([&]<int I>() {
      if (step.go_on)
        Tiles::template load<first_sum_tile + I>(sums(I), sums_row);
      else
        Tiles::template clear<first_sum_tile + I>();
    });
    const Bf16* weights = step.weights;
    for (int tap = 0; tap < step.taps; ++tap) {
      const Bf16* source = step.source + step.offsets[tap];
      for (int block = 0; block < step.blocks; ++block, source += step.plane) {
        if (step.ahead != 0)
          for (int p = 0; p < Rows * tile_pixels; ++p) __builtin_prefetch(source + step.ahead + p * step.pixel_stride);
        // Two tiles of each kind take turns, so that one is loaded while the other is in use.
        for_each<Rows * Blocks>([&]<int I>() {
          constexpr int row = I / Blocks, output = I % Blocks;
          constexpr int source_tile = first_source_tile + row % 2, weight_tile = first_weight_tile + output % 2;
          if constexpr (output == 0)
            Tiles::template load<source_tile>(source + row * tile_pixels * step.pixel_stride, source_row);
          if constexpr (row == 0) Tiles::template load<weight_tile>(weights + output * 2 * lane_count, weights_row);
          Tiles::template multiply_add<first_sum_tile + I, source_tile, weight_tile>();
        });
        weights += step.depth * Blocks * lane_count;
      }
    }
    for_each<Rows * Blocks>([&]<int I>() { Tiles::template store<first_sum_tile + I>(sums(I), sums_row); });
  }
};
#endif

/// The same where the number of output blocks is known at run time only.
template <class Unit>
inline int next_pixels_of([[maybe_unused]] int blocks, int remaining) {
#if PIX2PIXHD_LANE_BITS == 512
  if (blocks == 4) return Unit::template next_pixels<4>(remaining);
  if (blocks == 2) return Unit::template next_pixels<2>(remaining);
#endif
  return Unit::template next_pixels<1>(remaining);
}
template <class Unit>
inline void multiply_blocks([[maybe_unused]] int blocks, int pixels, const MultiplyStep& step) {
#if PIX2PIXHD_LANE_BITS == 512
  if (blocks == 4) return Unit::template multiply<4>(pixels, step);
  if (blocks == 2) return Unit::template multiply<2>(pixels, step);
#endif
  Unit::template multiply<1>(pixels, step);
}
