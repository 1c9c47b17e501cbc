// Winograd's convolutions with whole numbers as factors. See winograd_fixed.hpp and for_each_isa.inc.hpp.

typedef std::int32_t Numbers __attribute__((vector_size(64)));

/// Magnitudes as bits, which are in the order of the values. NaN is above all, and so is not lost among others.
[[gnu::always_inline]] inline BitsPart magnitude(const float* from) {
  return reinterpret_cast<BitsPart>(load_part(from)) & 0x7fffffffu;
}
[[gnu::always_inline]] inline BitsPart larger(const BitsPart& a, const BitsPart& b) { return a > b ? a : b; }

/// The scales of numbers whose largest magnitudes these are. A scale of nothing but zeros is not zero, so that its
/// inverse is finite.
[[gnu::always_inline]] inline Lanes scales_of(const BitsPart& largest) {
  constexpr float least = 1e-30f;
  return {{max_part(broadcast_part(least), reinterpret_cast<Part>(largest)) *
           broadcast_part(1.0f / static_cast<float>(fixed16_most))}};
}

[[gnu::always_inline]] inline __m512i rounded(const Lanes& value) {
  return _mm512_maskz_cvtps_epi32(every_lane, value.part[0]);
}

/// The places of a group's blocks: of the last group a phase may have fewer than its share.
struct FixedPlaces {
  std::size_t place[fixed16_blocks] = {};
  int count = 0;

  explicit FixedPlaces(const FixedInputs& job) {
    for (int phase = 0; phase < job.phases; ++phase)
      for (int block = 0; block < job.blocks; ++block)
        place[count++] = static_cast<std::size_t>(phase * (fixed16_blocks / job.phases) + block);
  }
};

/// Largest magnitude of every tile among the source blocks, `plane` floats apart: [tile], of up to sixteen tiles.
[[gnu::always_inline]] inline BitsPart largest_of_tiles(const FixedPlaces& blocks, const float* from, std::size_t plane,
                                                        int tiles) {
  Lanes largest[lane_count];
  for (int tile = 0; tile < lane_count; ++tile) {
    BitsPart of_tile{};
    if (tile < tiles)
      for (int i = 0; i < blocks.count; ++i)
        of_tile = larger(of_tile, magnitude(from + blocks.place[i] * plane + tile * lane_count));
    largest[tile].part[0] = reinterpret_cast<Part>(of_tile);
  }
  transpose_lanes(largest);
  BitsPart result{};
  PIX2PIXHD_UNROLL
  for (int i = 0; i < lane_count; ++i) result = larger(result, reinterpret_cast<BitsPart>(largest[i].part[0]));
  return result;
}

inline void round_inputs(const FixedInputs& job) {
  const FixedPlaces blocks(job);
  for (int point = 0; point < winograd_points<Fixed16>; ++point)
    for (int first = 0; first < job.tiles; first += lane_count) {
      const int tiles = job.tiles - first < lane_count ? job.tiles - first : lane_count;
      const float* const from =
          job.from.values + static_cast<std::size_t>(point) * job.from.point + first * lane_count;
      Fixed16* const to = job.to.values + static_cast<std::size_t>(point) * job.to.point + first * lane_count;
      const Lanes scales = scales_of(largest_of_tiles(blocks, from, job.from.plane, tiles));
      scales.store_first(job.scales.at(point, 0, first).values, tiles);
      alignas(64) float inverse[lane_count];
      (Lanes::broadcast(1.0f) / scales).store(inverse);
      for (int i = 0; i < blocks.count; ++i) {
        const float* const values = from + blocks.place[i] * job.from.plane;
        Fixed16* const numbers = to + blocks.place[i] * job.to.plane;
        for (int tile = 0; tile < tiles; ++tile) {
          const Lanes scaled = Lanes::load(values + tile * lane_count) * Lanes::broadcast(inverse[tile]);
          _mm256_storeu_si256(reinterpret_cast<__m256i*>(numbers + tile * lane_count),
                              _mm512_maskz_cvtepi32_epi16(every_lane, rounded(scaled)));
        }
      }
    }
}

/// Largest magnitudes of the channels of sixteen outputs in a panel of `width` output blocks.
[[gnu::always_inline]] inline BitsPart largest_of_channels(const float* from, int channels, int width) {
  BitsPart even{}, odd{};
  for (int k = 0; k < channels; k += 2) {
    even = larger(even, magnitude(from + k * width * lane_count));
    odd = larger(odd, magnitude(from + (k + 1) * width * lane_count));
  }
  return larger(even, odd);
}

inline void round_weights(const FixedWeights& job) {
  const int blocks = job.lanes / lane_count;
  for (int point = 0; point < job.points; ++point)
    for (int first = 0; first < blocks;) {
      const int width = tap_group(first, blocks, widest_blocks);
      const int channels = job.sums[point].phases * job.channels;
      const std::size_t panel = static_cast<std::size_t>(first * channels * lane_count);
      const float* const from = job.from + static_cast<std::size_t>(point) * job.from_point + panel;
      Fixed16* const to = job.to + static_cast<std::size_t>(point) * job.to_point + panel;
      for (int n = 0; n < width; ++n) {
        const Lanes scales = scales_of(largest_of_channels(from + n * lane_count, channels, width));
        scales.store(job.scales.at(point, 0, (first + n) * lane_count).values);
        const Lanes inverse = Lanes::broadcast(1.0f) / scales;
        for (int k = 0; k < channels; k += 2) {
          const Lanes even = Lanes::load(from + (k * width + n) * lane_count);
          const Lanes odd = Lanes::load(from + ((k + 1) * width + n) * lane_count);
          const Numbers low = reinterpret_cast<Numbers>(rounded(even * inverse)) & 0xffff;
          const Numbers high = reinterpret_cast<Numbers>(rounded(odd * inverse)) << 16;
          _mm512_storeu_si512(to + (k * width + n * 2) * lane_count, reinterpret_cast<__m512i>(low | high));
        }
      }
      first += width;
    }
}

/// One call of the micro-kernel: one point of some tiles, one group of source blocks, one panel of outputs.
struct FixedStep {
  const Fixed16* source = nullptr;  ///< of the first tile
  std::size_t places[fixed16_blocks] = {};  ///< of the blocks of the phases, values from the source
  int blocks = 0;
  const float* source_scales = nullptr;  ///< [tile]
  const Fixed16* weights = nullptr;
  const float* weight_scales = nullptr;  ///< [output]
  float* sums = nullptr;                 ///< [output block][tile][16]
  std::size_t sums_plane = 0;
  bool go_on = false;
  std::ptrdiff_t ahead = 0;  ///< as in MultiplyStepOf
};

template <int Tiles, int Blocks>
[[gnu::noinline]] inline void multiply_fixed(const FixedStep& step) {
  Numbers sum[Tiles][Blocks];  // g++ 12 keeps arrays of __m512i in memory
  PIX2PIXHD_UNROLL
  for (int t = 0; t < Tiles; ++t) {
    PIX2PIXHD_UNROLL
    for (int n = 0; n < Blocks; ++n) sum[t][n] = Numbers{};
  }
  const Fixed16* weights = step.weights;
  for (int block = 0; block < step.blocks; ++block) {
    const Fixed16* const source = step.source + step.places[block];
    if (step.ahead != 0) {
      PIX2PIXHD_UNROLL
      for (int t = 0; t < Tiles; ++t) __builtin_prefetch(source + step.ahead + t * lane_count);
    }
    for (int k = 0; k < lane_count; k += 2, weights += Blocks * 2 * lane_count) {
      __m512i weight[Blocks];
      PIX2PIXHD_UNROLL
      for (int n = 0; n < Blocks; ++n) weight[n] = _mm512_loadu_si512(weights + n * 2 * lane_count);
      PIX2PIXHD_UNROLL
      for (int t = 0; t < Tiles; ++t) {
        std::int32_t pair = 0;
        __builtin_memcpy(&pair, source + t * lane_count + k, sizeof pair);
        const __m512i value = _mm512_set1_epi32(pair);
        PIX2PIXHD_UNROLL
        for (int n = 0; n < Blocks; ++n)
          sum[t][n] = reinterpret_cast<Numbers>(
              _mm512_dpwssd_epi32(reinterpret_cast<__m512i>(sum[t][n]), value, weight[n]));
      }
    }
  }
  PIX2PIXHD_UNROLL
  for (int n = 0; n < Blocks; ++n) {
    const Lanes scales = Lanes::load(step.weight_scales + n * lane_count);
    float* const to = step.sums + static_cast<std::size_t>(n) * step.sums_plane;
    PIX2PIXHD_UNROLL
    for (int t = 0; t < Tiles; ++t) {
      const Lanes before = step.go_on ? Lanes::load(to + t * lane_count) : Lanes::zero();
      const Lanes exact{{_mm512_maskz_cvtepi32_ps(every_lane, reinterpret_cast<__m512i>(sum[t][n]))}};
      fma(exact, Lanes::broadcast(step.source_scales[t]) * scales, before).store(to + t * lane_count);
    }
  }
}

/// The micro-kernel where the number of output blocks and of tiles is known at run time only.
inline void multiply_fixed_any(int blocks, int tiles, const FixedStep& step) {
  const auto of = [&]<int Blocks>(Count<Blocks>) {
    with_count<multiply_pixels<Blocks>>(tiles,
                                        [&]<int Tiles>(Count<Tiles>) { multiply_fixed<Tiles, Blocks>(step); });
  };
  if (blocks == 4) return of(Count<4>{});
  if (blocks == 2) return of(Count<2>{});
  of(Count<1>{});
}

inline void winograd_multiply_fixed(const FixedProduct& product) {
  const int widest = tap_group(0, product.output_blocks, widest_blocks);
  FixedStep step{};
  step.sums_plane = product.products.plane;
  const int group_blocks = fixed16_blocks / product.phases;
  for (int point = 0; point < product.points; ++point)
    for (int group = 0; group * group_blocks < product.source_blocks; ++group) {
      const int left = product.source_blocks - group * group_blocks;
      const WinogradSum& sum = product.sums[point];
      step.blocks = 0;
      for (int phase = 0; phase < sum.phases; ++phase)
        for (int block = 0; block < (left < group_blocks ? left : group_blocks); ++block)
          step.places[step.blocks++] = static_cast<std::size_t>(sum.offsets[phase]) +
                                       static_cast<std::size_t>(block) * product.inputs.plane;
      step.go_on = product.go_on || group > 0;
      const Fixed16* const inputs = product.inputs.values + static_cast<std::size_t>(point) * product.inputs.point +
                                    static_cast<std::size_t>(group * fixed16_blocks) * product.inputs.plane;
      const Fixed16* const weights =
          product.weights + static_cast<std::size_t>(point) * product.weights_point +
          static_cast<std::size_t>(group * fixed16_blocks * product.output_blocks) * lane_count * lane_count;
      float* const sums = product.products.values + static_cast<std::size_t>(point) * product.products.point;
      for (int tile = 0; tile < product.tiles;) {
        const int tiles = next_pixels_of<Vectors>(widest, product.tiles - tile);
        step.source = inputs + tile * lane_count;
        step.source_scales = product.input_scales.at(point, group, tile).values;
        step.ahead = tiles * lane_count;
        step.weights = weights;
        for (int first = 0; first < product.output_blocks;) {
          const int width = tap_group(first, product.output_blocks, widest_blocks);
          step.weight_scales = product.weight_scales.at(point, group, first * lane_count).values;
          step.sums = sums + static_cast<std::size_t>(first) * product.products.plane + tile * lane_count;
          multiply_fixed_any(width, tiles, step);
          step.weights += static_cast<std::size_t>(step.blocks * width) * (lane_count * lane_count);
          step.ahead = 0;  // it has been fetched for the first panel
          first += width;
        }
        tile += tiles;
      }
    }
}

inline constexpr WinogradFixedKernels winograd_fixed_table{
    .round_inputs = round_inputs, .round_weights = round_weights, .multiply = winograd_multiply_fixed};
