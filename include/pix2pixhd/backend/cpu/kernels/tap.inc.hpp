// The generic convolution kernel. See tap.hpp and for_each_isa.inc.hpp.

/// Stores one block of a phase, as values of type T: what was there, bias, activation; and its moments.
template <class T>
inline void tap_finish(const TapJob& job, const TapTile& tile, const TapPhase& phase, int phase_index, int block,
                       const float* sums) {
  const int first = block * lane_count;
  const int channels = job.output_channels - first < lane_count ? job.output_channels - first : lane_count;
  const Lanes bias = job.bias ? Lanes::load_first(job.bias + first, channels) : Lanes::zero();
  const std::size_t pixels = static_cast<std::size_t>(job.output_height) * static_cast<std::size_t>(job.output_width);
  T* const output = static_cast<T*>(job.output.address) + static_cast<std::size_t>(first) * pixels;
  Lanes shift = Lanes::zero(), sum = Lanes::zero(), squares = Lanes::zero();
  int count = 0;
  for (int i = 0; i < tile.height; ++i) {
    const int row = (tile.row + i) * job.step + phase.row;
    if (row >= job.output_height) break;
    const int column = tile.column * job.step + phase.column;
    const int fitting = (job.output_width - column + job.step - 1) / job.step;
    const int width = fitting < tile.width ? fitting : tile.width;
    const std::size_t place =
        static_cast<std::size_t>(row) * static_cast<std::size_t>(job.output_width) + static_cast<std::size_t>(column);
    const float* from = sums + static_cast<std::size_t>(i) * static_cast<std::size_t>(tile.width) * lane_count;
    for (int j = 0; j < width; ++j, from += lane_count) {
      const std::size_t pixel = place + static_cast<std::size_t>(j) * static_cast<std::size_t>(job.step);
      Lanes value = Lanes::load(from) + bias;
      if (job.output_blocked) {
        T* const to = output + pixel * lane_count;
        if (job.add) value = value + Lanes::load(to);
        value = activate(value, job.activation).stored(to);
      } else if constexpr (sizeof(T) == sizeof(float)) {
        if (job.add) value = value + Lanes::gather_first(output + pixel, pixels, channels);
        value = activate(value, job.activation);
        alignas(64) float lanes[lane_count];
        value.store(lanes);
        for (int c = 0; c < channels; ++c) output[static_cast<std::size_t>(c) * pixels + pixel] = lanes[c];
      }
      if (job.moments) {
        // Sums of differences from a value of the sample do not cancel, however far the mean is from zero. (Where that
        // value is far from all others of the chunk, its square is off by up to count * 2^-24 of itself.)
        if (count == 0) shift = value;
        const Lanes difference = value - shift;
        sum = sum + difference;
        squares = fma(difference, difference, squares);
        ++count;
      }
    }
  }
  if (!job.moments || count == 0) return;
  BlockMoments& to = job.moments[static_cast<std::size_t>(block) * job.moment_chunks +
                                 static_cast<std::size_t>(tile.index * job.phase_count + phase_index)];
  const Lanes mean = sum / Lanes::broadcast(static_cast<float>(count));
  (shift + mean).store(to.mean);
  max(Lanes::zero(), squares - sum * mean).store(to.square);
}

/// All phases of one group of output blocks.
template <class Unit, int Blocks>
inline void tap_group_of(const TapJob& job, const TapTile& tile, int first) {
  const int source_blocks = job.source.blocks();
  const std::size_t row_values = static_cast<std::size_t>(job.scratch.pitch) * lane_count;
  const std::size_t tap_values = static_cast<std::size_t>(job.depth) * Blocks * lane_count;  // of one source block
  const Factor* const group =
      static_cast<const Factor*>(job.weights) + static_cast<std::size_t>(job.all_taps) *
                                                    static_cast<std::size_t>(source_blocks * job.depth) *
                                                    static_cast<std::size_t>(first * lane_count);
  for (int index = 0; index < job.phase_count; ++index) {
    const TapPhase& phase = job.phases[index];
    MultiplyStep step{};
    step.pixel_stride = job.stride * lane_count;
    step.offsets = phase.offsets;
    step.taps = phase.taps;
    step.plane = job.scratch.plane;
    step.depth = job.depth;
    step.sums_plane = static_cast<std::size_t>(tile.height) * static_cast<std::size_t>(tile.width) * lane_count;
    step.weights = group + phase.first_tap * static_cast<std::size_t>(source_blocks) * tap_values;
    for (int b = 0; b < source_blocks; b += job.slice) {
      step.blocks = source_blocks - b < job.slice ? source_blocks - b : job.slice;
      step.go_on = b > 0;
      for (int i = 0; i < tile.height; ++i) {
        const Factor* const source = static_cast<const Factor*>(tile.scratch) +
                                     static_cast<std::size_t>(b) * job.scratch.plane +
                                     static_cast<std::size_t>(i * job.stride) * row_values;
        for (int j = 0; j < tile.width;) {
          const int pixels = Unit::template next_pixels<Blocks>(tile.width - j);
          step.source = source + static_cast<std::size_t>(j) * static_cast<std::size_t>(step.pixel_stride);
          step.sums = tile.sums + static_cast<std::size_t>(i * tile.width + j) * lane_count;
          Unit::template multiply<Blocks>(pixels, step);
          j += pixels;
        }
      }
      step.weights += static_cast<std::size_t>(phase.taps) * static_cast<std::size_t>(step.blocks) * tap_values;
    }
    for (int n = 0; n < Blocks; ++n) {
      const float* const sums = tile.sums + static_cast<std::size_t>(n) * step.sums_plane;
      if (job.output.type == DataType::bf16)
        tap_finish<Bf16>(job, tile, phase, index, first + n, sums);
      else
        tap_finish<float>(job, tile, phase, index, first + n, sums);
    }
  }
}

template <class Unit>
inline void tap_run(const TapJob& job, const TapTile& tile) {
  read_window(job.source,
              window_of(job, tile, 0, job.source.blocks()), job.scratch,
              static_cast<Factor*>(tile.scratch));
  [[maybe_unused]] const typename Unit::Ready ready(job.depth);
  for (int first = tile.first_block; first < tile.last_block;) {
    const int width = tap_group(first, job.output_blocks(), job.widest);
#if PIX2PIXHD_LANE_BITS == 512
    if (width == 4) tap_group_of<Unit, 4>(job, tile, first);
    if (width == 2) tap_group_of<Unit, 2>(job, tile, first);
#endif
    if (width == 1) tap_group_of<Unit, 1>(job, tile, first);
    first += width;
  }
}

inline constexpr TapKernels tap_table{.grain = {.widest = widest_blocks}, .run = tap_run<Vectors>};
#if PIX2PIXHD_BF16_PAIRS
inline constexpr TapKernels tap_matrix_table{.grain = {.widest = widest_blocks, .pixels = tile_pixels},
                                             .run = tap_run<Matrices<TileRegisters>>};
#endif
