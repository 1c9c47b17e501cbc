// The gradient by the weights by Winograd's algorithm. See winograd_gradient.hpp and for_each_isa.inc.hpp.

/// G s G^T of tiles of side m; what lies beyond the picture is zero.
template <class T, int side, class Finish>
inline void winograd_transform_small(const WinogradSmallTiles& job, const WinogradBlock& block, int first, int last,
                                     const PointValues<float>& values) {
  for (int b = first; b < last; ++b) {
    const Finish finish(job.small, b);
    const T* const from =
        static_cast<const T*>(job.small.values) + static_cast<std::size_t>(b) * job.small.pixels * lane_count;
    float* to = values.values + static_cast<std::size_t>(b) * values.plane;
    for (int i = 0; i < block.height; ++i)
      for (int j = 0; j < block.width; ++j, to += lane_count) {
        const int row = (block.row + i) * side, column = (block.column + j) * side;
        const int rows = job.height - row, columns = job.width - column;
        const T* const corner = from + (row * job.small.row_stride + column) * lane_count;
        Lanes half[point_side][side];
        PIX2PIXHD_UNROLL
        for (int x = 0; x < side; ++x) {
          Lanes pixel[side], points[point_side];
          PIX2PIXHD_UNROLL
          for (int y = 0; y < side; ++y)
            pixel[y] = y < rows && x < columns
                           ? finish(Lanes::load(corner + (y * job.small.row_stride + x) * lane_count))
                           : Lanes::zero();
          winograd_weights<side>(pixel, points);
          PIX2PIXHD_UNROLL
          for (int y = 0; y < point_side; ++y) half[y][x] = points[y];
        }
        PIX2PIXHD_UNROLL
        for (int y = 0; y < point_side; ++y) {
          Lanes points[point_side];
          winograd_weights<side>(half[y], points);
          PIX2PIXHD_UNROLL
          for (int x = 0; x < point_side; ++x)
            points[x].store(to + static_cast<std::size_t>(y * point_side + x) * values.point);
        }
      }
  }
}

template <class T, class Finish>
inline void winograd_small_as(const WinogradSmallTiles& job, const WinogradBlock& block, int first, int last,
                              const PointValues<float>& values) {
  switch (job.tile) {
    case 3:
      return winograd_transform_small<T, 3, Finish>(job, block, first, last, values);
    case 4:
      return winograd_transform_small<T, 4, Finish>(job, block, first, last, values);
    default:
      return winograd_transform_small<T, 5, Finish>(job, block, first, last, values);
  }
}

inline void winograd_small_of(const WinogradSmallTiles& job, const WinogradBlock& block, int first, int last,
                              const PointValues<float>& values) {
  with_finish(job.small, [&](auto finish) {
    using Finish = typename decltype(finish)::type;
    job.small.type == DataType::bf16 ? winograd_small_as<Bf16, Finish>(job, block, first, last, values)
                                     : winograd_small_as<float, Finish>(job, block, first, last, values);
  });
}

template <int Blocks>
inline void winograd_outer_blocks(const WinogradOuterProduct& product, GradientStep step, const float* large) {
  for (int block = 0; block < product.large_blocks; ++block) {
    int calls = (lane_count + gradient_channels - 1) / gradient_channels;
    for (int k = 0; k < lane_count; --calls) {
      const int channels = (lane_count - k + calls - 1) / calls;
      step.large = large + static_cast<std::size_t>(block) * product.large.plane + k;
      gradient_multiply_any<Blocks>(channels, step);
      step.sums += channels * lane_count;
      k += channels;
    }
  }
}

inline void winograd_outer_product(const WinogradOuterProduct& product) {
  GradientStep step{};
  step.large_pixel = lane_count;
  step.small_plane = product.small.plane;
  step.height = 1;
  step.width = product.tiles;
  step.sums_plane = product.sums.plane;
  step.go_on = product.go_on;
  for (int point = 0; point < winograd_points<Factor>; ++point) {
    float* const sums = product.sums.values + static_cast<std::size_t>(point) * product.sums.point;
    if (!product.wanted[point]) {
      for (int n = 0; n < product.small_blocks; ++n)
        for (int k = 0; k < product.large_blocks * lane_count; ++k)
          Lanes::zero().store(sums + static_cast<std::size_t>(n) * product.sums.plane + k * lane_count);
      continue;
    }
    const float* const large = product.large.values + static_cast<std::size_t>(point) * product.large.point;
    const float* const small = product.small.values + static_cast<std::size_t>(point) * product.small.point;
    for (int block = 0; block < product.small_blocks;) {
      step.small = small + static_cast<std::size_t>(block) * product.small.plane;
      step.sums = sums + static_cast<std::size_t>(block) * product.sums.plane;
      if (gradient_blocks > 1 && product.small_blocks - block > 1) {
        winograd_outer_blocks<gradient_blocks>(product, step, large);
        block += gradient_blocks;
      } else {
        winograd_outer_blocks<1>(product, step, large);
        ++block;
      }
    }
  }
}

/// A^T M A of side r for every pair of channels.
template <int side>
inline void winograd_gradient_side(const WinogradGradientOutput& output) {
  float* to = output.weights;
  for (int n = 0; n < output.small_blocks; ++n)
    for (int k = 0; k < output.large_channels; ++k, to += output.kernel_taps * lane_count) {
      const float* const from = output.sums.values + static_cast<std::size_t>(n) * output.sums.plane + k * lane_count;
      Lanes half[side][point_side];
      winograd_output_columns<side>(from, output.sums.point, half);
      PIX2PIXHD_UNROLL
      for (int i = 0; i < side; ++i) {
        Lanes y[side];
        winograd_outputs<side>(half[i], y);
        PIX2PIXHD_UNROLL
        for (int j = 0; j < side; ++j)
          if (output.taps[i * side + j] >= 0) y[j].store(to + output.taps[i * side + j] * lane_count);
      }
    }
}

inline void winograd_gradient_output(const WinogradGradientOutput& output) {
  switch (output.side) {
    case 2:
      return winograd_gradient_side<2>(output);
    case 3:
      return winograd_gradient_side<3>(output);
    default:
      return winograd_gradient_side<4>(output);
  }
}

inline constexpr WinogradGradientKernels winograd_gradient_table{.transform_small = winograd_small_of,
                                                                 .multiply = winograd_outer_product,
                                                                 .transform_output = winograd_gradient_output};
