// Winograd's convolutions on six points. See winograd.hpp and for_each_isa.inc.hpp.

/// The six rows under one row of tiles, transformed column by column: strip[row of points][column][16].
template <class T, class Finish>
[[gnu::noinline]] inline void winograd_strip(const Finish& finish, const T* const* rows, const int* columns, int count,
                                             float* strip) {
  const std::size_t plane = static_cast<std::size_t>(count) * lane_count;
  for (int j = 0; j < count; ++j, strip += lane_count) {
    Lanes x[winograd_side], points[winograd_side];
    const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(columns[j]) * lane_count;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < winograd_side; ++i)
      x[i] = rows[i] && place >= 0 ? finish(Lanes::load(rows[i] + place)) : Lanes::zero();
    winograd_inputs(x, points);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < winograd_side; ++i) points[i].store(strip + static_cast<std::size_t>(i) * plane);
  }
}

template <class T, class Finish>
inline void winograd_transform_input(const WinogradJob& job, const WinogradBlock& block, int first, int last,
                                     float* strip, const PointValues& values) {
  const int count = block.width * job.tile + winograd_side - job.tile, blocks = job.source.blocks();
  const std::size_t strip_plane = static_cast<std::size_t>(count) * lane_count;
  for (int index = first; index < last; ++index) {
    const int source_block = index % blocks, phase = index / blocks;
    const int* const source_rows = job.rows + phase / job.source_phases * job.row_places + block.row * job.tile;
    const int* const source_columns =
        job.columns + phase % job.source_phases * job.column_places + block.column * job.tile;
    const Finish finish(job.source, source_block);
    const T* const from = static_cast<const T*>(job.source.values) +
                          static_cast<std::size_t>(source_block) * job.source.pixels * lane_count;
    float* to = values.values + static_cast<std::size_t>(index) * values.plane;
    for (int row = 0; row < block.height; ++row) {
      const T* rows[winograd_side];
      for (int i = 0; i < winograd_side; ++i) {
        const int at = source_rows[row * job.tile + i];
        rows[i] = at < 0 ? nullptr : from + at * job.source.row_stride * lane_count;
      }
      winograd_strip(finish, rows, source_columns, count, strip);
      for (int tile = 0; tile < block.width; ++tile, to += lane_count) {
        const float* const corner = strip + static_cast<std::size_t>(tile * job.tile * lane_count);
        for (int i = 0; i < winograd_side; ++i) {
          Lanes x[winograd_side], points[winograd_side];
          PIX2PIXHD_UNROLL
          for (int j = 0; j < winograd_side; ++j)
            x[j] = Lanes::load(corner + static_cast<std::size_t>(i) * strip_plane + j * lane_count);
          winograd_inputs(x, points);
          float* const row_points = to + static_cast<std::size_t>(i * winograd_side) * values.point;
          PIX2PIXHD_UNROLL
          for (int j = 0; j < winograd_side; ++j)
            points[j].store(row_points + static_cast<std::size_t>(j) * values.point);
        }
      }
    }
  }
}

template <class T>
inline void winograd_input_as(const WinogradJob& job, const WinogradBlock& block, int first, int last, float* strip,
                              const PointValues& values) {
  if (!job.source.mean)
    return winograd_transform_input<T, Finish<false, Activation::none>>(job, block, first, last, strip, values);
  switch (job.source.activation) {
    case Activation::none:
      return winograd_transform_input<T, Finish<true, Activation::none>>(job, block, first, last, strip, values);
    case Activation::relu:
      return winograd_transform_input<T, Finish<true, Activation::relu>>(job, block, first, last, strip, values);
    case Activation::leaky_relu:
      return winograd_transform_input<T, Finish<true, Activation::leaky_relu>>(job, block, first, last, strip, values);
    case Activation::tanh:
      return winograd_transform_input<T, Finish<true, Activation::tanh>>(job, block, first, last, strip, values);
  }
}

inline void winograd_input_of(const WinogradJob& job, const WinogradBlock& block, int first, int last, float* strip,
                              const PointValues& values) {
  job.source.type == DataType::bf16 ? winograd_input_as<Bf16>(job, block, first, last, strip, values)
                                    : winograd_input_as<float>(job, block, first, last, strip, values);
}

/// One row of the points of G g G^T.
template <int side>
inline void winograd_transform_weights(const WinogradWeights& job) {
  Lanes factor[side];
  PIX2PIXHD_UNROLL
  for (int i = 0; i < side; ++i) factor[i] = Lanes::broadcast(winograd_g(job.row, i, side));
  const int blocks = job.lanes / lane_count;
  const auto channels = static_cast<std::size_t>(job.channels);
  for (int first = 0; first < blocks;) {
    const int width = tap_group(first, blocks, widest_blocks);
    float* panels[winograd_side];
    for (int j = 0; j < winograd_side; ++j) {
      const std::size_t phases = static_cast<std::size_t>(job.phases[j]) * static_cast<std::size_t>(first) +
                                 static_cast<std::size_t>(job.place[j] * width);
      panels[j] = job.place[j] < 0
                      ? nullptr
                      : job.points + static_cast<std::size_t>(j) * job.point + phases * channels * lane_count;
    }
    for (int k = 0; k < job.channels; ++k)
      for (int n = 0; n < width; ++n) {
        const float* const from =
            job.weights + static_cast<std::ptrdiff_t>(k * job.kernel_taps) * job.lanes + (first + n) * lane_count;
        Lanes sums[side], points[winograd_side];
        PIX2PIXHD_UNROLL
        for (int j = 0; j < side; ++j) {
          sums[j] = Lanes::zero();
          PIX2PIXHD_UNROLL
          for (int i = 0; i < side; ++i) {
            const int tap = job.taps[i * side + j];
            if (tap >= 0) sums[j] = fma(factor[i], Lanes::load(from + tap * job.lanes), sums[j]);
          }
        }
        winograd_weights<side>(sums, points);
        PIX2PIXHD_UNROLL
        for (int j = 0; j < winograd_side; ++j)
          if (panels[j]) points[j].store(panels[j] + (k * width + n) * lane_count);
      }
    first += width;
  }
}

inline void winograd_weights_of(const WinogradWeights& job) {
  switch (job.side) {
    case 2:
      return winograd_transform_weights<2>(job);
    case 3:
      return winograd_transform_weights<3>(job);
    default:
      return winograd_transform_weights<4>(job);
  }
}

inline void winograd_multiply(const WinogradProduct& product) {
  const int most = most_pixels(tap_group(0, product.output_blocks, widest_blocks));
  MultiplyStep step{};
  step.pixel_stride = lane_count;
  step.blocks = product.source_blocks;
  step.plane = product.inputs.plane;
  step.sums_plane = product.products.plane;
  step.go_on = product.go_on;
  for (int point = 0; point < product.points; ++point) {
    const float* const inputs = product.inputs.values + static_cast<std::size_t>(point) * product.inputs.point;
    const float* const weights = product.weights + static_cast<std::size_t>(point) * product.weights_point;
    step.offsets = product.sums[point].offsets;
    step.taps = product.sums[point].phases;
    float* const sums = product.products.values + static_cast<std::size_t>(point) * product.products.point;
    int calls = (product.tiles + most - 1) / most;
    for (int tile = 0; tile < product.tiles; --calls) {
      const int tiles = (product.tiles - tile + calls - 1) / calls;  // balanced, so that no call has very few
      step.source = inputs + tile * lane_count;
      step.ahead = tiles * lane_count;
      step.weights = weights;
      for (int first = 0; first < product.output_blocks;) {
        const int width = tap_group(first, product.output_blocks, widest_blocks);
        step.sums = sums + static_cast<std::size_t>(first) * product.products.plane + tile * lane_count;
        multiply_blocks(width, tiles, step);
        step.weights += static_cast<std::size_t>(step.taps * product.source_blocks * width) * (lane_count * lane_count);
        step.ahead = 0;  // it has been fetched for the first panel
        first += width;
      }
      tile += tiles;
    }
  }
}

/// Moments of a chunk in the making: sums of differences from a value of the sample do not cancel, however far the mean
/// is from zero.
struct WinogradMoments {
  Lanes shift, sum, square;
  int count;
  [[gnu::always_inline]] inline void add(const Lanes& value) {
    if (count == 0) shift = value;
    const Lanes difference = value - shift;
    sum = sum + difference;
    square = fma(difference, difference, square);
    ++count;
  }
};

/// One tile of outputs, as far as it lies in the picture.
template <class T, int side, bool plain>
[[gnu::always_inline]] inline void winograd_tile(const WinogradJob& job, const float* from, std::size_t point, T* to,
                                                 int height, int width, const Lanes& bias, WinogradMoments& moments) {
  Lanes half[side][winograd_side];
  PIX2PIXHD_UNROLL
  for (int j = 0; j < winograd_side; ++j) {
    Lanes x[winograd_side], y[side];
    PIX2PIXHD_UNROLL
    for (int i = 0; i < winograd_side; ++i)
      x[i] = Lanes::load(from + static_cast<std::size_t>(i * winograd_side + j) * point);
    winograd_outputs<side>(x, y);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < side; ++i) half[i][j] = y[i];
  }
  const std::ptrdiff_t step = job.output_phases * lane_count;
  PIX2PIXHD_UNROLL
  for (int i = 0; i < side; ++i) {
    if (i >= height) break;
    Lanes y[side];
    winograd_outputs<side>(half[i], y);
    T* const row = to + i * job.output_width * step;
    PIX2PIXHD_UNROLL
    for (int j = 0; j < side; ++j) {
      if (j >= width) break;
      Lanes value = y[j];
      if constexpr (!plain) {
        value = value + bias;
        if (job.add) value = value + Lanes::load(row + j * step);
        value = activate(value, job.activation);
      }
      value = value.stored(row + j * step);
      if (job.moments) moments.add(value);
    }
  }
}

template <class T, int side, bool plain>
inline void winograd_transform_output(const WinogradJob& job, const WinogradBlock& block, int phase, int first,
                                      int blocks, const PointValues& products) {
  const std::size_t plane =
      static_cast<std::size_t>(job.output_height) * static_cast<std::size_t>(job.output_width) * lane_count;
  const int phases = job.output_phases, down = phase / phases, right = phase % phases;
  const auto places = [phases](int count, int of) { return (count - of + phases - 1) / phases; };
  const int all_rows = places(job.output_height, down), all_columns = places(job.output_width, right);
  for (int b = 0; b < blocks; ++b) {
    const int channel = (first + b) * lane_count;
    const int channels = job.output_channels - channel < lane_count ? job.output_channels - channel : lane_count;
    const Lanes bias = job.bias ? Lanes::load_first(job.bias + channel, channels) : Lanes::zero();
    const float* from = products.values + static_cast<std::size_t>(b) * products.plane;
    T* const output = static_cast<T*>(job.output.address) + static_cast<std::size_t>(first + b) * plane;
    WinogradMoments moments{Lanes::zero(), Lanes::zero(), Lanes::zero(), 0};
    for (int i = 0; i < block.height; ++i) {
      const int row = (block.row + i) * side, height = all_rows - row;
      for (int j = 0; j < block.width; ++j, from += lane_count) {
        const int column = (block.column + j) * side, width = all_columns - column;
        T* const to =
            output + (static_cast<std::ptrdiff_t>(row * phases + down) * job.output_width + column * phases + right) *
                         lane_count;
        winograd_tile<T, side, plain>(job, from, products.point, to, height, width, bias, moments);
      }
    }
    if (!job.moments) continue;
    BlockMoments& to = job.moments[static_cast<std::size_t>(first + b) * job.moment_chunks +
                                   static_cast<std::size_t>(block.index * phases * phases + phase)];
    const Lanes mean = moments.sum / Lanes::broadcast(static_cast<float>(moments.count > 0 ? moments.count : 1));
    (moments.shift + mean).store(to.mean);
    max(Lanes::zero(), moments.square - moments.sum * mean).store(to.square);
  }
}

template <class T, int side>
inline void winograd_output_side(const WinogradJob& job, const WinogradBlock& block, int phase, int first, int blocks,
                                 const PointValues& products) {
  if (!job.bias && !job.add && job.activation == Activation::none)
    winograd_transform_output<T, side, true>(job, block, phase, first, blocks, products);
  else
    winograd_transform_output<T, side, false>(job, block, phase, first, blocks, products);
}

template <class T>
inline void winograd_output_as(const WinogradJob& job, const WinogradBlock& block, int phase, int first, int blocks,
                               const PointValues& products) {
  switch (job.tile) {
    case 3:
      return winograd_output_side<T, 3>(job, block, phase, first, blocks, products);
    case 4:
      return winograd_output_side<T, 4>(job, block, phase, first, blocks, products);
    default:
      return winograd_output_side<T, 5>(job, block, phase, first, blocks, products);
  }
}

inline void winograd_output_of(const WinogradJob& job, const WinogradBlock& block, int phase, int first, int blocks,
                               const PointValues& products) {
  job.output.type == DataType::bf16 ? winograd_output_as<Bf16>(job, block, phase, first, blocks, products)
                                    : winograd_output_as<float>(job, block, phase, first, blocks, products);
}

inline constexpr WinogradKernels winograd_table{.transform_input = winograd_input_of,
                                                .transform_weights = winograd_weights_of,
                                                .multiply = winograd_multiply,
                                                .transform_output = winograd_output_of};
