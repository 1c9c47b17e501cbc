// The convolution kernel whose lanes are pixels. See planar.hpp and for_each_isa.inc.hpp.

/// Outputs of a group, and the sixteen pixels each that are computed together for a group of `Outputs`: as many as
/// there are registers for the sums, the weights and one row of pixels.
inline constexpr int planar_outputs = PIX2PIXHD_LANE_BITS == 512 ? 4 : 3;
template <int Outputs>
inline constexpr int planar_vectors = PIX2PIXHD_LANE_BITS == 512   ? (Outputs == 4 ? 6 : 8)
                                      : PIX2PIXHD_LANE_BITS == 256 ? (Outputs == 1   ? 4
                                                                      : Outputs == 2 ? 3
                                                                                     : 2)
                                                                   : (Outputs == 1 ? 2 : 1);

/// What is multiplied: a float, or the bf16 of two neighbouring channels side by side.
#if PIX2PIXHD_BF16_PAIRS
using PlanarFactor = std::uint32_t;
#else
using PlanarFactor = float;
#endif
inline constexpr int planar_channels = PIX2PIXHD_BF16_PAIRS ? 2 : 1;  ///< of a factor

/// Stores sixteen pixels of the channels of a factor.
[[gnu::always_inline]] inline void planar_store(const Lanes* channels, PlanarFactor* to) {
#if PIX2PIXHD_BF16_PAIRS
  store_pairs(channels[0], channels[1], reinterpret_cast<Bf16*>(to));
#else
  channels[0].store(to);
#endif
}

/// Reads one block of channels of a window, finished, into planes of pixels. Places behind the window are zeros.
template <class T, class Finish>
inline void planar_window(const Picture& x, const Window& window, const ScratchShape& shape, PlanarFactor* scratch) {
  const Finish finish(x, window.first_block);
  const T* const from =
      static_cast<const T*>(x.values) + static_cast<std::size_t>(window.first_block) * x.pixels * lane_count;
  for (int i = 0; i < window.height; ++i) {
    const T* const pixels = from + window.rows[i] * x.row_stride * lane_count;
    const int width = window.rows[i] < 0 ? 0 : window.width;
    PlanarFactor* const row = scratch + static_cast<std::size_t>(i) * static_cast<std::size_t>(shape.pitch);
    for (int j = 0; j < shape.pitch; j += lane_count) {
      Lanes lanes[lane_count];
      PIX2PIXHD_UNROLL
      for (int k = 0; k < lane_count; ++k) {
        const int column = j + k < width ? window.columns[j + k] : -1;
        lanes[k] = column < 0 ? Lanes::zero() : finish(Lanes::load(pixels + column * x.column_stride * lane_count));
      }
      transpose_lanes(lanes);
      PIX2PIXHD_UNROLL
      for (int c = 0; c < lane_count / planar_channels; ++c)
        planar_store(lanes + c * planar_channels, row + static_cast<std::size_t>(c) * shape.plane + j);
    }
  }
}

inline void planar_window(const Picture& x, const Window& window, const ScratchShape& shape, PlanarFactor* scratch) {
  with_finish(x, [&](auto finish) {
    using Finish = typename decltype(finish)::type;
    x.type == DataType::bf16 ? planar_window<Bf16, Finish>(x, window, shape, scratch)
                             : planar_window<float, Finish>(x, window, shape, scratch);
  });
}

struct PlanarStep {
  const PlanarFactor* source;
  std::size_t plane;  ///< factors from those of one channel, or pair, to the next
  const int* offsets;
  int taps;
  const PlanarFactor* weights;  ///< [channel or pair][tap][output]
  float* sums;                  ///< [output][pixel]
  std::size_t sums_plane;
  bool go_on;  ///< add to the sums that are there
};

/// One factor in all lanes.
[[gnu::always_inline]] inline Part planar_broadcast(const PlanarFactor* from) {
#if PIX2PIXHD_BF16_PAIRS
  return _mm512_castsi512_ps(_mm512_set1_epi32(static_cast<int>(*from)));
#else
  return broadcast_part(*from);
#endif
}

/// a * b + c, rounded once where the instruction set has it; a pair's two products are summed.
[[gnu::always_inline]] inline Part planar_fma(const Part& a, const Part& b, const Part& c) {
#if PIX2PIXHD_BF16_PAIRS
  return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
#else
  return fma_part(a, b, c);
#endif
}

/// The micro-kernel: sums[output][pixel] += source[channel][pixel + tap] * weights[channel][tap][output].
template <int Outputs, int Vectors>
[[gnu::noinline]] inline void planar_multiply(const PlanarStep& step) {
  Lanes sum[Outputs][Vectors];
  PIX2PIXHD_UNROLL
  for (int o = 0; o < Outputs; ++o) {
    PIX2PIXHD_UNROLL
    for (int v = 0; v < Vectors; ++v)
      sum[o][v] = step.go_on ? Lanes::load(step.sums + static_cast<std::size_t>(o) * step.sums_plane + v * lane_count)
                             : Lanes::zero();
  }
  const PlanarFactor *source = step.source, *weights = step.weights;
  for (int channel = 0; channel < lane_count; channel += planar_channels, source += step.plane)
    for (int tap = 0; tap < step.taps; ++tap, weights += Outputs) {
      const PlanarFactor* const pixels = source + step.offsets[tap];
      Part weight[Outputs];
      PIX2PIXHD_UNROLL
      for (int o = 0; o < Outputs; ++o) weight[o] = planar_broadcast(weights + o);
      PIX2PIXHD_UNROLL
      for (int i = 0; i < Vectors * parts; ++i) {
        // A native vector at a time: with few registers two loaded values would be one too many.
        Part value = static_cast<Part>(*reinterpret_cast<const UnalignedPart*>(pixels + i * part_lanes));
        keep_part(value);
        PIX2PIXHD_UNROLL
        for (int o = 0; o < Outputs; ++o) {
          Part& to = sum[o][i / parts].part[i % parts];
          to = planar_fma(value, weight[o], to);
        }
      }
    }
  PIX2PIXHD_UNROLL
  for (int o = 0; o < Outputs; ++o) {
    PIX2PIXHD_UNROLL
    for (int v = 0; v < Vectors; ++v)
      sum[o][v].store(step.sums + static_cast<std::size_t>(o) * step.sums_plane + v * lane_count);
  }
}

/// One row of a group of outputs, `vectors` times sixteen pixels.
template <int Outputs>
inline void planar_row(const PlanarStep& row, int vectors) {
  PlanarStep step = row;
  int calls = (vectors + planar_vectors<Outputs> - 1) / planar_vectors<Outputs>;
  for (int v = 0; v < vectors; --calls) {
    const int count = (vectors - v + calls - 1) / calls;  // balanced, so that no call has very few
    step.source = row.source + v * lane_count;
    step.sums = row.sums + v * lane_count;
    with_count<planar_vectors<Outputs>>(
        count, [&]<int Vectors>(Count<Vectors>) { planar_multiply<Outputs, Vectors>(step); });
    v += count;
  }
}

inline void planar_run(const TapJob& job, const TapTile& tile) {
  const int vectors = (tile.width + lane_count - 1) / lane_count;
  const std::size_t pixels = static_cast<std::size_t>(job.output_height) * static_cast<std::size_t>(job.output_width);
  const std::size_t sums_row = static_cast<std::size_t>(vectors) * lane_count;
  const int blocks = job.source.blocks();
  const Window window{.rows = job.rows + tile.row,
                      .columns = job.columns + tile.column,
                      .height = tile.height - 1 + job.reach,
                      .width = tile.width - 1 + job.reach,
                      .first_block = 0,
                      .blocks = 1};
  const auto* phase_weights = static_cast<const PlanarFactor*>(job.weights);
  auto* const scratch = static_cast<PlanarFactor*>(tile.scratch);
  for (int index = 0; index < job.phase_count; ++index) {
    const TapPhase& phase = job.phases[index];
    const std::size_t block_weights =
        static_cast<std::size_t>(phase.taps) * (lane_count / planar_channels);  // of one output
    const int column = tile.column * job.step + phase.column;
    const int fitting = (job.output_width - column + job.step - 1) / job.step;
    const int width = fitting < tile.width ? fitting : tile.width;
    PlanarStep step{};
    step.plane = job.scratch.plane;
    step.offsets = phase.offsets;
    step.taps = phase.taps;
    step.sums_plane = static_cast<std::size_t>(tile.height) * sums_row;
    for (int block = 0; block < blocks; ++block) {
      if (blocks > 1 || index == 0) {
        Window part = window;
        part.first_block = block;
        planar_window(job.source, part, job.scratch, scratch);
      }
      step.go_on = block > 0;
      for (int first = 0; first < job.output_channels; first += planar_outputs) {
        const int rest = job.output_channels - first, outputs = rest < planar_outputs ? rest : planar_outputs;
        step.weights = phase_weights + block_weights * static_cast<std::size_t>(first * blocks + outputs * block);
        for (int i = 0; i < tile.height; ++i) {
          step.source = scratch + static_cast<std::size_t>(i) * static_cast<std::size_t>(job.scratch.pitch);
          step.sums =
              tile.sums + static_cast<std::size_t>(first) * step.sums_plane + static_cast<std::size_t>(i) * sums_row;
          with_count<planar_outputs>(outputs,
                                     [&]<int Outputs>(Count<Outputs>) { planar_row<Outputs>(step, vectors); });
        }
      }
    }
    phase_weights += block_weights * static_cast<std::size_t>(blocks * job.output_channels);
    if (width <= 0) continue;
    for (int channel = 0; channel < job.output_channels; ++channel)
      for (int i = 0; i < tile.height; ++i) {
        const int row = (tile.row + i) * job.step + phase.row;
        if (row >= job.output_height) break;
        finish_plain_row(
            job,
            tile.sums + static_cast<std::size_t>(channel) * step.sums_plane + static_cast<std::size_t>(i) * sums_row,
            width, channel,
            static_cast<float*>(job.output.address) + static_cast<std::size_t>(channel) * pixels +
                static_cast<std::size_t>(row) * static_cast<std::size_t>(job.output_width) +
                static_cast<std::size_t>(column));
      }
  }
}

inline constexpr PlanarKernels planar_table{.widest = planar_outputs, .run = planar_run};
