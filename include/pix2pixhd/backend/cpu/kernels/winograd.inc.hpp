// Winograd's convolution F(4x4, 3x3). See winograd.hpp and for_each_isa.inc.hpp.
//
// With the points 0, +-a, +-b and infinity, A = a^2, B = b^2, D = A - B, the matrices are
//
//         |  AB    0  -(A+B)   0    1   0 |        | 1/(AB)     0          0     |          | 1  1   1   1   1   0 |
//         |  0    -aB  -B      a    1   0 |        | 1/(2AD)    a/(2AD)    1/(2D)|          | 0  a  -a   b  -b   0 |
//   B^T = |  0     aB  -B     -a    1   0 |    G = | 1/(2AD)   -a/(2AD)    1/(2D)|    A^T = | 0  A   A   B   B   0 |
//         |  0    -bA  -A      b    1   0 |        | -1/(2BD)  -b/(2BD)   -1/(2D)|          | 0  aA -aA  bB -bB  1 |
//         |  0     bA  -A     -b    1   0 |        | -1/(2BD)   b/(2BD)   -1/(2D)|
//         |  0     AB   0   -(A+B)  0   1 |        | 0          0          1     |

inline constexpr float winograd_a = 0.75f, winograd_b = 1.5f;
inline constexpr float winograd_aa = winograd_a * winograd_a, winograd_bb = winograd_b * winograd_b;
inline constexpr float winograd_difference = winograd_aa - winograd_bb;

/// B^T x of six values.
[[gnu::always_inline]] inline void winograd_inputs(const Lanes* x, Lanes* to) {
  const Lanes a = Lanes::broadcast(winograd_a), b = Lanes::broadcast(winograd_b);
  const Lanes minus_aa = Lanes::broadcast(-winograd_aa), minus_bb = Lanes::broadcast(-winograd_bb);
  const Lanes product = Lanes::broadcast(winograd_aa * winograd_bb);
  const Lanes minus_sum = Lanes::broadcast(-(winograd_aa + winograd_bb));
  const Lanes even_b = fma(minus_bb, x[2], x[4]), odd_b = fma(minus_bb, x[1], x[3]);
  const Lanes even_a = fma(minus_aa, x[2], x[4]), odd_a = fma(minus_aa, x[1], x[3]);
  to[0] = fma(product, x[0], fma(minus_sum, x[2], x[4]));
  const Lanes first = a * odd_b, second = b * odd_a;
  to[1] = even_b + first;
  to[2] = even_b - first;
  to[3] = even_a + second;
  to[4] = even_a - second;
  to[5] = fma(product, x[1], fma(minus_sum, x[3], x[5]));
}

/// A^T x of six values.
[[gnu::always_inline]] inline void winograd_outputs(const Lanes* x, Lanes* to) {
  const Lanes even_a = x[1] + x[2], odd_a = x[1] - x[2], even_b = x[3] + x[4], odd_b = x[3] - x[4];
  to[0] = x[0] + even_a + even_b;
  to[1] = fma(Lanes::broadcast(winograd_a), odd_a, Lanes::broadcast(winograd_b) * odd_b);
  to[2] = fma(Lanes::broadcast(winograd_aa), even_a, Lanes::broadcast(winograd_bb) * even_b);
  to[3] = fma(Lanes::broadcast(winograd_a * winograd_aa), odd_a,
              fma(Lanes::broadcast(winograd_b * winograd_bb), odd_b, x[5]));
}

/// G w of three values.
[[gnu::always_inline]] inline void winograd_weights(const Lanes* w, Lanes* to) {
  constexpr float a = 1 / (2 * winograd_aa * winograd_difference), b = -1 / (2 * winograd_bb * winograd_difference);
  const Lanes even_a = fma(Lanes::broadcast(a), w[0], Lanes::broadcast(a * winograd_aa) * w[2]);
  const Lanes even_b = fma(Lanes::broadcast(b), w[0], Lanes::broadcast(b * winograd_bb) * w[2]);
  const Lanes odd_a = Lanes::broadcast(a * winograd_a) * w[1], odd_b = Lanes::broadcast(b * winograd_b) * w[1];
  to[0] = Lanes::broadcast(1 / (winograd_aa * winograd_bb)) * w[0];
  to[1] = even_a + odd_a;
  to[2] = even_a - odd_a;
  to[3] = even_b + odd_b;
  to[4] = even_b - odd_b;
  to[5] = w[2];
}

/// The six rows under one row of tiles, transformed column by column: strip[row of points][column][16].
template <class T, class Finish>
[[gnu::noinline]] inline void winograd_strip(const Finish& finish, const T* const* rows, const int* columns, int count,
                                             float* strip) {
  const std::size_t plane = static_cast<std::size_t>(count) * lane_count;
  for (int j = 0; j < count; ++j, strip += lane_count) {
    Lanes x[winograd_input], points[winograd_input];
    const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(columns[j]) * lane_count;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < winograd_input; ++i)
      x[i] = rows[i] && place >= 0 ? finish(Lanes::load(rows[i] + place)) : Lanes::zero();
    winograd_inputs(x, points);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < winograd_input; ++i) points[i].store(strip + static_cast<std::size_t>(i) * plane);
  }
}

template <class T, class Finish>
inline void winograd_transform_input(const WinogradJob& job, const WinogradBlock& block, int first, int last,
                                     float* strip, const PointValues& values) {
  const int count = block.width * winograd_output + 2;
  const std::size_t strip_plane = static_cast<std::size_t>(count) * lane_count;
  for (int b = first; b < last; ++b) {
    const Finish finish(job.source, b);
    const T* const from =
        static_cast<const T*>(job.source.values) + static_cast<std::size_t>(b) * job.source.pixels * lane_count;
    float* to = values.values + static_cast<std::size_t>(b) * values.plane;
    for (int row = 0; row < block.height; ++row) {
      const T* rows[winograd_input];
      for (int i = 0; i < winograd_input; ++i) {
        const int index = job.rows[(block.row + row) * winograd_output + i];
        rows[i] = index < 0 ? nullptr : from + index * job.source.row_stride * lane_count;
      }
      winograd_strip(finish, rows, job.columns + block.column * winograd_output, count, strip);
      for (int tile = 0; tile < block.width; ++tile, to += lane_count) {
        const float* const corner = strip + static_cast<std::size_t>(tile * winograd_output * lane_count);
        for (int i = 0; i < winograd_input; ++i) {
          Lanes x[winograd_input], points[winograd_input];
          PIX2PIXHD_UNROLL
          for (int j = 0; j < winograd_input; ++j)
            x[j] = Lanes::load(corner + static_cast<std::size_t>(i) * strip_plane + j * lane_count);
          winograd_inputs(x, points);
          float* const row_points = to + static_cast<std::size_t>(i * winograd_input) * values.point;
          PIX2PIXHD_UNROLL
          for (int j = 0; j < winograd_input; ++j)
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
inline void winograd_transform_weights(const WinogradWeights& job) {
  constexpr float a = 1 / (2 * winograd_aa * winograd_difference), b = -1 / (2 * winograd_bb * winograd_difference);
  constexpr float rows[winograd_input][3] = {
      {1 / (winograd_aa * winograd_bb), 0, 0}, {a, a * winograd_a, a * winograd_aa},
      {a, -a * winograd_a, a * winograd_aa},   {b, b * winograd_b, b * winograd_bb},
      {b, -b * winograd_b, b * winograd_bb},   {0, 0, 1}};
  const Lanes factor[3] = {Lanes::broadcast(rows[job.row][0]), Lanes::broadcast(rows[job.row][1]),
                           Lanes::broadcast(rows[job.row][2])};
  const std::ptrdiff_t tap = job.flipped ? -job.lanes : job.lanes;
  const int blocks = job.lanes / lane_count;
  float* panel = job.points;
  for (int first = 0; first < blocks;) {
    const int width = tap_group(first, blocks, widest_blocks), panel_lanes = width * lane_count;
    for (int k = 0; k < job.channels; ++k)
      for (int n = 0; n < width; ++n) {
        const float* const from = job.weights + static_cast<std::ptrdiff_t>(k * 9 + (job.flipped ? 8 : 0)) * job.lanes +
                                  (first + n) * lane_count;
        Lanes sums[3], points[winograd_input];
        PIX2PIXHD_UNROLL
        for (int j = 0; j < 3; ++j)
          sums[j] =
              fma(factor[0], Lanes::load(from + j * tap),
                  fma(factor[1], Lanes::load(from + (3 + j) * tap), factor[2] * Lanes::load(from + (6 + j) * tap)));
        winograd_weights(sums, points);
        float* const to = panel + k * panel_lanes + n * lane_count;
        PIX2PIXHD_UNROLL
        for (int j = 0; j < winograd_input; ++j) points[j].store(to + static_cast<std::size_t>(j) * job.point);
      }
    panel += static_cast<std::size_t>(job.channels) * static_cast<std::size_t>(panel_lanes);
    first += width;
  }
}

inline void winograd_multiply(const WinogradProduct& product) {
  constexpr int offset = 0;
  const int most = most_pixels(tap_group(0, product.output_blocks, widest_blocks));
  MultiplyStep step{};
  step.offsets = &offset;
  step.pixel_stride = lane_count;
  step.blocks = product.source_blocks;
  step.plane = product.inputs.plane;
  step.sums_plane = product.products.plane;
  step.go_on = product.go_on;
  for (int point = 0; point < product.points; ++point) {
    const float* const inputs = product.inputs.values + static_cast<std::size_t>(point) * product.inputs.point;
    const float* const weights = product.weights + static_cast<std::size_t>(point) * product.weights_point;
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
        step.weights += static_cast<std::size_t>(product.source_blocks * width) * (lane_count * lane_count);
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
template <class T, bool plain>
[[gnu::always_inline]] inline void winograd_tile(const WinogradJob& job, const float* from, std::size_t point, T* to,
                                                 int height, int width, const Lanes& bias, WinogradMoments& moments) {
  Lanes half[winograd_output][winograd_input];
  PIX2PIXHD_UNROLL
  for (int j = 0; j < winograd_input; ++j) {
    Lanes x[winograd_input], y[winograd_output];
    PIX2PIXHD_UNROLL
    for (int i = 0; i < winograd_input; ++i)
      x[i] = Lanes::load(from + static_cast<std::size_t>(i * winograd_input + j) * point);
    winograd_outputs(x, y);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < winograd_output; ++i) half[i][j] = y[i];
  }
  PIX2PIXHD_UNROLL
  for (int i = 0; i < winograd_output; ++i) {
    if (i >= height) break;
    Lanes y[winograd_output];
    winograd_outputs(half[i], y);
    T* const row = to + static_cast<std::ptrdiff_t>(i) * job.output_width * lane_count;
    PIX2PIXHD_UNROLL
    for (int j = 0; j < winograd_output; ++j) {
      if (j >= width) break;
      Lanes value = y[j];
      if constexpr (!plain) {
        value = value + bias;
        if (job.add) value = value + Lanes::load(row + j * lane_count);
        value = activate(value, job.activation);
      }
      value = value.stored(row + j * lane_count);
      if (job.moments) moments.add(value);
    }
  }
}

template <class T, bool plain>
inline void winograd_transform_output(const WinogradJob& job, const WinogradBlock& block, int first, int blocks,
                                      const PointValues& products) {
  const std::size_t plane =
      static_cast<std::size_t>(job.output_height) * static_cast<std::size_t>(job.output_width) * lane_count;
  for (int b = 0; b < blocks; ++b) {
    const int channel = (first + b) * lane_count;
    const int channels = job.output_channels - channel < lane_count ? job.output_channels - channel : lane_count;
    const Lanes bias = job.bias ? Lanes::load_first(job.bias + channel, channels) : Lanes::zero();
    const float* from = products.values + static_cast<std::size_t>(b) * products.plane;
    T* const output = static_cast<T*>(job.output.address) + static_cast<std::size_t>(first + b) * plane;
    WinogradMoments moments{Lanes::zero(), Lanes::zero(), Lanes::zero(), 0};
    for (int i = 0; i < block.height; ++i) {
      const int row = (block.row + i) * winograd_output, height = job.output_height - row;
      for (int j = 0; j < block.width; ++j, from += lane_count) {
        const int column = (block.column + j) * winograd_output, width = job.output_width - column;
        T* const to = output + (static_cast<std::ptrdiff_t>(row) * job.output_width + column) * lane_count;
        winograd_tile<T, plain>(job, from, products.point, to, height, width, bias, moments);
      }
    }
    if (!job.moments) continue;
    BlockMoments& to =
        job.moments[static_cast<std::size_t>(first + b) * job.moment_chunks + static_cast<std::size_t>(block.index)];
    const Lanes mean = moments.sum / Lanes::broadcast(static_cast<float>(moments.count));
    (moments.shift + mean).store(to.mean);
    max(Lanes::zero(), moments.square - moments.sum * mean).store(to.square);
  }
}

template <class T>
inline void winograd_output_as(const WinogradJob& job, const WinogradBlock& block, int first, int blocks,
                               const PointValues& products) {
  if (!job.bias && !job.add && job.activation == Activation::none)
    winograd_transform_output<T, true>(job, block, first, blocks, products);
  else
    winograd_transform_output<T, false>(job, block, first, blocks, products);
}

inline void winograd_output_of(const WinogradJob& job, const WinogradBlock& block, int first, int blocks,
                               const PointValues& products) {
  job.output.type == DataType::bf16 ? winograd_output_as<Bf16>(job, block, first, blocks, products)
                                    : winograd_output_as<float>(job, block, first, blocks, products);
}

inline constexpr WinogradKernels winograd_table{.transform_input = winograd_input_of,
                                                .transform_weights = winograd_transform_weights,
                                                .multiply = winograd_multiply,
                                                .transform_output = winograd_output_of};
