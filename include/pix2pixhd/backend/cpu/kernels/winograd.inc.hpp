// Winograd's convolutions: transforms of weights, and products. See winograd.hpp and for_each_isa.inc.hpp.

/// Stores column `j` of the points of as many channels as are multiplied at once.
[[gnu::always_inline]] inline void store_weights(const Lanes (*points)[point_side], int j, Factor* to) {
#if PIX2PIXHD_BF16_PAIRS
  store_pairs(points[0][j], points[1][j], to);
#else
  points[0][j].store(to);
#endif
}

/// One row of the points of G g G^T.
template <int side>
inline void winograd_transform_weights(const WinogradWeights<Factor>& job) {
  Lanes factor[side];
  PIX2PIXHD_UNROLL
  for (int i = 0; i < side; ++i) factor[i] = Lanes::broadcast(winograd_g(job.row, i, side));
  const int blocks = job.lanes / lane_count;
  for (int first = 0; first < blocks;) {
    const int width = tap_group(first, blocks, widest_blocks);
    Factor* panels[point_side];
    for (int j = 0; j < point_side; ++j) {
      const int channel =
          (job.phases[j] * first + job.place[j] * width) * job.panel_channels + job.first_channel * width;
      panels[j] = job.place[j] < 0 ? nullptr
                                   : job.points + static_cast<std::size_t>(j) * job.point +
                                         static_cast<std::size_t>(channel) * lane_count;
    }
    for (int k = 0; k < job.channels; k += channels_at_once)
      for (int n = 0; n < width; ++n) {
        Lanes points[channels_at_once][point_side];
        PIX2PIXHD_UNROLL
        for (int c = 0; c < channels_at_once; ++c) {
          const float* const from = job.weights + static_cast<std::ptrdiff_t>((k + c) * job.kernel_taps) * job.lanes +
                                    (first + n) * lane_count;
          Lanes sums[side];
          PIX2PIXHD_UNROLL
          for (int j = 0; j < side; ++j) {
            sums[j] = Lanes::zero();
            PIX2PIXHD_UNROLL
            for (int i = 0; i < side; ++i) {
              const int tap = job.taps[i * side + j];
              if (tap >= 0) sums[j] = fma(factor[i], Lanes::load(from + tap * job.lanes), sums[j]);
            }
          }
          winograd_weights<side>(sums, points[c]);
        }
        PIX2PIXHD_UNROLL
        for (int j = 0; j < point_side; ++j)
          if (panels[j]) store_weights(points, j, panels[j] + (k * width + n * channels_at_once) * lane_count);
      }
    first += width;
  }
}

inline void winograd_weights_of(const WinogradWeights<Factor>& job) {
#if PIX2PIXHD_BF16_PAIRS
  job.side == 3 ? winograd_transform_weights<3>(job) : winograd_transform_weights<2>(job);
#else
  switch (job.side) {
    case 2:
      return winograd_transform_weights<2>(job);
    case 3:
      return winograd_transform_weights<3>(job);
    default:
      return winograd_transform_weights<4>(job);
  }
#endif
}

template <class Unit>
inline void winograd_multiply(const WinogradProduct<Factor>& product) {
  [[maybe_unused]] const typename Unit::Ready ready(lane_count);
  const int widest = tap_group(0, product.output_blocks, widest_blocks);
  MultiplyStep step{};
  step.pixel_stride = lane_count;
  step.blocks = product.source_blocks;
  step.plane = product.inputs.plane;
  step.sums_plane = product.products.plane;
  step.go_on = product.go_on;
  for (int point = 0; point < product.points; ++point) {
    const Factor* const inputs = product.inputs.values + static_cast<std::size_t>(point) * product.inputs.point;
    const Factor* const weights = product.weights + static_cast<std::size_t>(point) * product.weights_point;
    step.offsets = product.sums[point].offsets;
    step.taps = product.sums[point].phases;
    float* const sums = product.products.values + static_cast<std::size_t>(point) * product.products.point;
    for (int tile = 0; tile < product.tiles;) {
      const int tiles = next_pixels_of<Unit>(widest, product.tiles - tile);
      step.source = inputs + tile * lane_count;
      step.ahead = tiles * lane_count;
      step.weights = weights;
      for (int first = 0; first < product.output_blocks;) {
        const int width = tap_group(first, product.output_blocks, widest_blocks);
        step.sums = sums + static_cast<std::size_t>(first) * product.products.plane + tile * lane_count;
        multiply_blocks<Unit>(width, tiles, step);
        step.weights += static_cast<std::size_t>(step.taps * product.source_blocks * width) * (lane_count * lane_count);
        step.ahead = 0;  // it has been fetched for the first panel
        first += width;
      }
      tile += tiles;
    }
  }
}

template <class Unit>
inline constexpr WinogradKernels<Factor> winograd_table_of{.transform_input = winograd_input_of,
                                                           .transform_weights = winograd_weights_of,
                                                           .multiply = winograd_multiply<Unit>,
                                                           .transform_output = winograd_output_of};
inline constexpr const WinogradKernels<Factor>& winograd_table = winograd_table_of<Vectors>;
#if PIX2PIXHD_BF16_PAIRS
inline constexpr const WinogradKernels<Factor>& winograd_matrix_table = winograd_table_of<Matrices<TileRegisters>>;
#endif
