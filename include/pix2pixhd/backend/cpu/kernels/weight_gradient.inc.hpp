// The gradient of a convolution by its weights. See weight_gradient.hpp and for_each_isa.inc.hpp.

template <int Blocks>
inline void gradient_blocks_of(const WeightGradientJob& job, const WeightGradientTile& tile, int block,
                               GradientStep step) {
  const auto depth = static_cast<std::size_t>(job.depth), taps = static_cast<std::size_t>(job.taps);
  const std::size_t large_channels = static_cast<std::size_t>(job.large.blocks()) * depth;
  step.sums_plane = taps * large_channels * lane_count;
  for (int large = tile.first_large; large < tile.last_large; ++large) {
    const float* const source =
        tile.large_scratch + static_cast<std::size_t>(large - tile.first_large) * job.scratch.plane;
    int calls = (job.depth + gradient_channels - 1) / gradient_channels;
    for (int k = 0; k < job.depth; --calls) {
      const int channels = (job.depth - k + calls - 1) / calls;
      for (int tap = 0; tap < job.taps; ++tap) {
        const std::size_t row =
            (static_cast<std::size_t>(block) * taps + static_cast<std::size_t>(tap)) * large_channels +
            static_cast<std::size_t>(large) * depth + static_cast<std::size_t>(k);
        step.large = source + job.offsets[tap] + k;
        step.sums = tile.sums + row * lane_count;
        gradient_multiply_any<Blocks>(channels, step);
      }
      k += channels;
    }
  }
}

inline void gradient_run(const WeightGradientJob& job, const WeightGradientTile& tile) {
  read_window(job.large,
              window_of(job, tile, tile.first_large, tile.last_large - tile.first_large), job.scratch,
              tile.large_scratch);
  GradientStep step{};
  step.large_row = static_cast<std::size_t>(job.stride * job.scratch.pitch) * lane_count;
  step.large_pixel = static_cast<std::size_t>(job.stride) * lane_count;
  step.height = tile.height;
  step.width = tile.width;
  step.go_on = tile.go_on;
  const float* small = nullptr;
  if (read_in_place(job.small)) {
    step.small_row = static_cast<std::size_t>(job.small.row_stride) * lane_count;
    step.small_plane = job.small.pixels * lane_count;
    small = static_cast<const float*>(job.small.values) +
            static_cast<std::size_t>(tile.first_small) * step.small_plane +
            static_cast<std::size_t>(tile.row) * step.small_row + static_cast<std::size_t>(tile.column) * lane_count;
  } else {
    step.small_row = static_cast<std::size_t>(tile.width) * lane_count;
    step.small_plane = static_cast<std::size_t>(tile.height) * step.small_row;
    read_window(job.small,
                {.rows = job.small_rows + tile.row,
                 .columns = job.small_columns + tile.column,
                 .height = tile.height,
                 .width = tile.width,
                 .first_block = tile.first_small,
                 .blocks = tile.last_small - tile.first_small},
                {.pitch = tile.width, .plane = step.small_plane}, tile.small_scratch);
    small = tile.small_scratch;
  }
  for (int block = tile.first_small; block < tile.last_small;) {
    step.small = small + static_cast<std::size_t>(block - tile.first_small) * step.small_plane;
    if (gradient_blocks > 1 && tile.last_small - block > 1) {
      gradient_blocks_of<gradient_blocks>(job, tile, block, step);
      block += gradient_blocks;
    } else {
      gradient_blocks_of<1>(job, tile, block, step);
      ++block;
    }
  }
}

inline constexpr WeightGradientKernels weight_gradient_table{.widest = gradient_blocks, .run = gradient_run};
