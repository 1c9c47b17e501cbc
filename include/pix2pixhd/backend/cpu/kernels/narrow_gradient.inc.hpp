// The gradient by the weights of few outputs. See narrow_gradient.hpp and for_each_isa.inc.hpp.

/// Taps that are computed together for a number of outputs: as many sums as fit into the registers.
template <int Outputs>
inline constexpr int narrow_gradient_taps = PIX2PIXHD_LANE_BITS == 512   ? (Outputs <= 2   ? 8
                                                                            : Outputs == 3 ? 7
                                                                                           : 6)
                                            : PIX2PIXHD_LANE_BITS == 256 ? (Outputs == 1   ? 4
                                                                            : Outputs == 2 ? 3
                                                                                           : 1)
                                                                         : (Outputs == 1 ? 2 : 1);

struct NarrowGradientStep {
  const float* large;  ///< of the first pixel, at the first channel
  std::size_t large_row, large_pixel;
  const int* offsets;  ///< of the taps
  const float* small;
  std::size_t small_row;
  int height, width;
  float* sums;  ///< [tap][output][16]
  bool go_on;
};

/// The micro-kernel: sums[tap][output] += large[pixel + tap][lane] * small[pixel][output], over the pixels of a tile.
template <int Taps, int Outputs>
[[gnu::noinline]] inline void narrow_gradient_multiply(const NarrowGradientStep& step) {
  Lanes sum[Taps][Outputs];
  PIX2PIXHD_UNROLL
  for (int t = 0; t < Taps; ++t) {
    PIX2PIXHD_UNROLL
    for (int n = 0; n < Outputs; ++n)
      sum[t][n] = step.go_on ? Lanes::load(step.sums + (t * Outputs + n) * lane_count) : Lanes::zero();
  }
  std::ptrdiff_t offset[Taps];
  PIX2PIXHD_UNROLL
  for (int t = 0; t < Taps; ++t) offset[t] = step.offsets[t];
  for (int i = 0; i < step.height; ++i) {
    const float* large = step.large + static_cast<std::size_t>(i) * step.large_row;
    const float* small = step.small + static_cast<std::size_t>(i) * step.small_row;
    for (int j = 0; j < step.width; ++j, large += step.large_pixel, small += lane_count) {
      Lanes value[Outputs];
      PIX2PIXHD_UNROLL
      for (int n = 0; n < Outputs; ++n) value[n] = Lanes::broadcast(small[n]);
      PIX2PIXHD_UNROLL
      for (int t = 0; t < Taps; ++t) {
        Lanes x = Lanes::load(large + offset[t]);
        x.keep();
        PIX2PIXHD_UNROLL
        for (int n = 0; n < Outputs; ++n) sum[t][n] = fma(x, value[n], sum[t][n]);
      }
    }
  }
  PIX2PIXHD_UNROLL
  for (int t = 0; t < Taps; ++t) {
    PIX2PIXHD_UNROLL
    for (int n = 0; n < Outputs; ++n) sum[t][n].store(step.sums + (t * Outputs + n) * lane_count);
  }
}

template <int Outputs>
inline void narrow_gradient_of(const WeightGradientJob& job, const WeightGradientTile& tile, NarrowGradientStep step) {
  constexpr int together = narrow_gradient_taps<Outputs>;
  const auto tap_floats = static_cast<std::size_t>(Outputs * lane_count);
  for (int block = tile.first_large; block < tile.last_large; ++block) {
    step.large = tile.large_scratch + static_cast<std::size_t>(block - tile.first_large) * job.scratch.plane;
    for (int tap = 0; tap < job.taps;) {
      step.offsets = job.offsets + tap;
      step.sums = tile.sums + (static_cast<std::size_t>(block) * static_cast<std::size_t>(job.taps) +
                               static_cast<std::size_t>(tap)) *
                                  tap_floats;
      const bool many = job.taps - tap >= together;
      if (many)
        narrow_gradient_multiply<together, Outputs>(step);
      else
        narrow_gradient_multiply<1, Outputs>(step);
      tap += many ? together : 1;
    }
  }
}

inline void narrow_gradient_run(const WeightGradientJob& job, const WeightGradientTile& tile) {
  read_window(job.large,
              window_of(job, tile, tile.first_large, tile.last_large - tile.first_large), job.scratch,
              tile.large_scratch);
  NarrowGradientStep step{};
  step.large_row = static_cast<std::size_t>(job.stride * job.scratch.pitch) * lane_count;
  step.large_pixel = static_cast<std::size_t>(job.stride) * lane_count;
  step.small_row = static_cast<std::size_t>(tile.width) * lane_count;
  step.height = tile.height;
  step.width = tile.width;
  step.go_on = tile.go_on;
  step.small = tile.small_scratch;
  read_window(job.small,
              {.rows = job.small_rows + tile.row,
               .columns = job.small_columns + tile.column,
               .height = tile.height,
               .width = tile.width,
               .first_block = 0,
               .blocks = 1},
              {.pitch = tile.width, .plane = static_cast<std::size_t>(tile.height) * step.small_row},
              tile.small_scratch);
  with_count<narrow_gradient_outputs>(
      job.small.channels, [&]<int Outputs>(Count<Outputs>) { narrow_gradient_of<Outputs>(job, tile, step); });
}

inline constexpr NarrowGradientKernels narrow_gradient_table{.run = narrow_gradient_run};
