// The convolution kernel for few output channels. See narrow.hpp and for_each_isa.inc.hpp.

/// Outputs of a group, and the pixels that are computed together for a group of `Outputs`.
inline constexpr int narrow_outputs = PIX2PIXHD_LANE_BITS == 512 ? 4 : 3;
template <int Outputs>
inline constexpr int narrow_pixels = PIX2PIXHD_LANE_BITS == 512   ? (Outputs == 1 ? 16 : 24 / Outputs)
                                     : PIX2PIXHD_LANE_BITS == 256 ? 6 / Outputs
                                                                  : (Outputs == 1 ? 2 : 1);

struct NarrowStep {
  const float* source;
  std::size_t pixel_stride;  ///< floats between the sources of neighbouring pixels
  const int* offsets;
  int taps;
  int blocks;
  std::size_t plane;
  const float* weights;  ///< [tap][block][output][16]
  float* results;        ///< [output][pixel]
  std::size_t results_stride;
};

/// The micro-kernel: results[output][pixel] = sum over taps and channels of source * weight.
template <int Pixels, int Outputs>
[[gnu::noinline]] inline void narrow_multiply(const NarrowStep& step) {
  Lanes sum[Pixels][Outputs];
  PIX2PIXHD_UNROLL
  for (int p = 0; p < Pixels; ++p) {
    PIX2PIXHD_UNROLL
    for (int o = 0; o < Outputs; ++o) sum[p][o] = Lanes::zero();
  }
  const float* weights = step.weights;
  for (int tap = 0; tap < step.taps; ++tap) {
    const float* source = step.source + step.offsets[tap];
    for (int block = 0; block < step.blocks; ++block, source += step.plane, weights += Outputs * lane_count) {
      Lanes weight[Outputs];
      PIX2PIXHD_UNROLL
      for (int o = 0; o < Outputs; ++o) weight[o] = Lanes::load(weights + o * lane_count);
      PIX2PIXHD_UNROLL
      for (int p = 0; p < Pixels; ++p) {
        Lanes value = Lanes::load(source + static_cast<std::size_t>(p) * step.pixel_stride);
        value.keep();  // one load, not one for every product
        PIX2PIXHD_UNROLL
        for (int o = 0; o < Outputs; ++o) sum[p][o] = fma(value, weight[o], sum[p][o]);
      }
    }
  }
  PIX2PIXHD_UNROLL
  for (int o = 0; o < Outputs; ++o) {
    PIX2PIXHD_UNROLL
    for (int p = 0; p < Pixels; ++p)
      step.results[static_cast<std::size_t>(o) * step.results_stride + static_cast<std::size_t>(p)] = sum[p][o].sum();
  }
}

/// One row of a group of outputs.
template <int Outputs>
inline void narrow_row(const NarrowStep& row, int width) {
  constexpr int pixels = narrow_pixels<Outputs>;
  NarrowStep step = row;
  for (int j = 0; j < width;) {
    const bool few = width < pixels;
    if (!few && j + pixels > width) j = width - pixels;  // some pixels once more, with the same result
    step.source = row.source + static_cast<std::size_t>(j) * row.pixel_stride;
    step.results = row.results + j;
    if (few)
      narrow_multiply<1, Outputs>(step);
    else
      narrow_multiply<pixels, Outputs>(step);
    j += few ? 1 : pixels;
  }
}

inline void narrow_run(const TapJob& job, const TapTile& tile) {
  const int blocks = job.source.blocks();
  read_window(job.source,
              window_of(job, tile, 0, blocks), job.scratch, static_cast<float*>(tile.scratch));
  const std::size_t pixels = static_cast<std::size_t>(job.output_height) * static_cast<std::size_t>(job.output_width);
  const float* weights = static_cast<const float*>(job.weights);
  for (int index = 0; index < job.phase_count; ++index) {
    const TapPhase& phase = job.phases[index];
    const int column = tile.column * job.step + phase.column;
    const int fitting = (job.output_width - column + job.step - 1) / job.step;
    const int width = fitting < tile.width ? fitting : tile.width;
    for (int first = 0; first < job.output_channels; first += narrow_outputs) {
      const int rest = job.output_channels - first, outputs = rest < narrow_outputs ? rest : narrow_outputs;
      NarrowStep step{};
      step.pixel_stride = static_cast<std::size_t>(job.stride) * lane_count;
      step.offsets = phase.offsets;
      step.taps = phase.taps;
      step.blocks = blocks;
      step.plane = job.scratch.plane;
      step.weights = weights;
      step.results = tile.sums;
      step.results_stride = static_cast<std::size_t>(tile.width);
      for (int i = 0; i < tile.height; ++i) {
        const int row = (tile.row + i) * job.step + phase.row;
        if (row >= job.output_height || width <= 0) break;
        step.source = static_cast<const float*>(tile.scratch) + static_cast<std::size_t>(i * job.stride) *
                                                                    static_cast<std::size_t>(job.scratch.pitch) *
                                                                    lane_count;
        with_count<narrow_outputs>(outputs,
                                   [&]<int Outputs>(Count<Outputs>) { narrow_row<Outputs>(step, width); });
        for (int o = 0; o < outputs; ++o)
          finish_plain_row(job, step.results + static_cast<std::size_t>(o) * step.results_stride, width, first + o,
                           static_cast<float*>(job.output.address) + static_cast<std::size_t>(first + o) * pixels +
                               static_cast<std::size_t>(row) * static_cast<std::size_t>(job.output_width) +
                               static_cast<std::size_t>(column));
      }
      weights += static_cast<std::size_t>(phase.taps) * static_cast<std::size_t>(blocks * outputs * lane_count);
    }
  }
}

inline constexpr NarrowKernels narrow_table{.widest = narrow_outputs, .run = narrow_run};
