// Winograd's convolution F(2x2, 3x3) with factors in bf16. See winograd_bf16.hpp and for_each_isa.inc.hpp.

/// B^T x of four values.
[[gnu::always_inline]] inline void bf16_tile_inputs(const Lanes* x, Lanes* to) {
  to[0] = x[0] - x[2];
  to[1] = x[1] + x[2];
  to[2] = x[2] - x[1];
  to[3] = x[1] - x[3];
}

/// A^T x of four values.
[[gnu::always_inline]] inline void bf16_tile_outputs(const Lanes* x, Lanes* to) {
  to[0] = x[0] + x[1] + x[2];
  to[1] = x[1] - x[2] - x[3];
}

/// G w of three values.
[[gnu::always_inline]] inline void bf16_tile_weights(const Lanes* w, Lanes* to) {
  const Lanes half = Lanes::broadcast(0.5f), even = half * (w[0] + w[2]), odd = half * w[1];
  to[0] = w[0];
  to[1] = even + odd;
  to[2] = even - odd;
  to[3] = w[2];
}

/// One column of the inputs of a tile, transformed downwards; `place` < 0: zeros.
template <class Finish>
[[gnu::always_inline]] inline void bf16_tile_column(const Finish& finish, const Bf16* const* rows, int place,
                                                    Lanes* to) {
  Lanes x[bf16_tile_input];
  PIX2PIXHD_UNROLL
  for (int i = 0; i < bf16_tile_input; ++i)
    x[i] = rows[i] && place >= 0 ? finish(Lanes::load(rows[i] + static_cast<std::ptrdiff_t>(place) * lane_count))
                                 : Lanes::zero();
  bf16_tile_inputs(x, to);
}

/// One row of tiles: `rows` are the four source rows under it, null where they are zeros.
template <class Finish>
[[gnu::noinline]] inline void bf16_tile_row(const Finish& finish, const Bf16* const* rows, const int* columns,
                                            int tiles, const TilePoints<Bf16>& values) {
  Lanes column[bf16_tile_input][bf16_tile_input];  // transformed downwards: [column][row of points]
  bf16_tile_column(finish, rows, columns[0], column[0]);
  bf16_tile_column(finish, rows, columns[1], column[1]);
  Bf16* to = values.values;
  for (int tile = 0; tile < tiles; ++tile, to += lane_count) {
    bf16_tile_column(finish, rows, columns[2 * tile + 2], column[2]);
    bf16_tile_column(finish, rows, columns[2 * tile + 3], column[3]);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < bf16_tile_input; ++i) {
      const Lanes x[bf16_tile_input] = {column[0][i], column[1][i], column[2][i], column[3][i]};
      Lanes points[bf16_tile_input];
      bf16_tile_inputs(x, points);
      PIX2PIXHD_UNROLL
      for (int j = 0; j < bf16_tile_input; ++j)
        points[j].store(to + static_cast<std::size_t>(i * bf16_tile_input + j) * values.point);
    }
    PIX2PIXHD_UNROLL
    for (int i = 0; i < bf16_tile_input; ++i) {
      column[0][i] = column[2][i];
      column[1][i] = column[3][i];
    }
  }
}

template <class Finish>
inline void bf16_tile_transform_input(const WinogradBf16Job& job, const TileBlock& block, int first, int last,
                                      const TilePoints<Bf16>& values) {
  for (int b = first; b < last; ++b) {
    const Finish finish(job.source, b);
    const Bf16* const from =
        static_cast<const Bf16*>(job.source.values) + static_cast<std::size_t>(b) * job.source.pixels * lane_count;
    TilePoints<Bf16> to = values;
    to.values += static_cast<std::size_t>(b) * values.plane;
    for (int row = 0; row < block.height; ++row) {
      const Bf16* rows[bf16_tile_input];
      for (int i = 0; i < bf16_tile_input; ++i) {
        const int index = job.rows[(block.row + row) * bf16_tile + i];
        rows[i] = index < 0 ? nullptr : from + index * job.source.row_stride * lane_count;
      }
      bf16_tile_row(finish, rows, job.columns + block.column * bf16_tile, block.width, to);
      to.values += static_cast<std::size_t>(block.width) * lane_count;
    }
  }
}

inline void bf16_tile_input_of(const WinogradBf16Job& job, const TileBlock& block, int first, int last,
                               const TilePoints<Bf16>& values) {
  if (!job.source.mean)
    return bf16_tile_transform_input<Finish<false, Activation::none>>(job, block, first, last, values);
  switch (job.source.activation) {
    case Activation::none:
      return bf16_tile_transform_input<Finish<true, Activation::none>>(job, block, first, last, values);
    case Activation::relu:
      return bf16_tile_transform_input<Finish<true, Activation::relu>>(job, block, first, last, values);
    case Activation::leaky_relu:
      return bf16_tile_transform_input<Finish<true, Activation::leaky_relu>>(job, block, first, last, values);
    case Activation::tanh:
      return bf16_tile_transform_input<Finish<true, Activation::tanh>>(job, block, first, last, values);
  }
}

inline void bf16_tile_transform_weights(const WinogradBf16Weights& job) {
  const std::ptrdiff_t tap = job.flipped ? -job.lanes : job.lanes;
  const int blocks = job.lanes / lane_count;
  Bf16* panel = job.points;
  for (int first = 0; first < blocks;) {
    const int width = tap_group(first, blocks, widest_blocks), panel_lanes = width * lane_count;
    for (int k = 0; k < job.channels; k += 2)
      for (int n = 0; n < width; ++n) {
        Lanes half[2][3][bf16_tile_input];  // transformed along rows: [channel][row][column of points]
        PIX2PIXHD_UNROLL
        for (int c = 0; c < 2; ++c) {
          const float* const from = job.weights +
                                    static_cast<std::ptrdiff_t>((k + c) * 9 + (job.flipped ? 8 : 0)) * job.lanes +
                                    (first + n) * lane_count;
          PIX2PIXHD_UNROLL
          for (int i = 0; i < 3; ++i) {
            const Lanes w[3] = {Lanes::load(from + 3 * i * tap), Lanes::load(from + (3 * i + 1) * tap),
                                Lanes::load(from + (3 * i + 2) * tap)};
            bf16_tile_weights(w, half[c][i]);
          }
        }
        Bf16* const to = panel + (job.first_channel + k) * panel_lanes + n * 2 * lane_count;
        PIX2PIXHD_UNROLL
        for (int j = 0; j < bf16_tile_input; ++j) {
          Lanes points[2][bf16_tile_input];
          PIX2PIXHD_UNROLL
          for (int c = 0; c < 2; ++c) {
            const Lanes w[3] = {half[c][0][j], half[c][1][j], half[c][2][j]};
            bf16_tile_weights(w, points[c]);
          }
          PIX2PIXHD_UNROLL
          for (int i = 0; i < bf16_tile_input; ++i)
            store_pairs(points[0][i], points[1][i], to + static_cast<std::size_t>(i * bf16_tile_input + j) * job.point);
        }
      }
    panel += static_cast<std::size_t>(job.panel_channels) * static_cast<std::size_t>(panel_lanes);
    first += width;
  }
}

inline void bf16_tile_multiply(const WinogradBf16Product& product) {
  constexpr int offset = 0;
  const int most = most_pixels(tap_group(0, product.output_blocks, widest_blocks));
  MultiplyStep step{};
  step.offsets = &offset;
  step.pixel_stride = lane_count;
  step.blocks = product.source_blocks;
  step.plane = product.inputs.plane;
  step.sums_plane = product.products.plane;
  step.go_on = product.go_on;
  for (int point = 0; point < bf16_tile_points; ++point) {
    const Bf16* const inputs = product.inputs.values + static_cast<std::size_t>(point) * product.inputs.point;
    float* const sums = product.products.values + static_cast<std::size_t>(point) * product.products.point;
    int calls = (product.tiles + most - 1) / most;
    for (int tile = 0; tile < product.tiles; --calls) {
      const int tiles = (product.tiles - tile + calls - 1) / calls;  // balanced, so that no call has very few
      step.source = inputs + tile * lane_count;
      step.ahead = tiles * lane_count;
      step.weights = product.weights + static_cast<std::size_t>(point) * product.weights_point;
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

/// Moments of a chunk in the making, see tap_finish.
struct TileMoments {
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

/// One tile of outputs, as far as it lies in the picture. T: the type of the output.
template <class T>
[[gnu::always_inline]] inline void bf16_tile_output(const WinogradBf16Job& job, const float* from, std::size_t point,
                                                    T* to, int height, int width, const Lanes& bias,
                                                    TileMoments& moments) {
  Lanes half[bf16_tile][bf16_tile_input];
  PIX2PIXHD_UNROLL
  for (int j = 0; j < bf16_tile_input; ++j) {
    Lanes x[bf16_tile_input], y[bf16_tile];
    PIX2PIXHD_UNROLL
    for (int i = 0; i < bf16_tile_input; ++i)
      x[i] = Lanes::load(from + static_cast<std::size_t>(i * bf16_tile_input + j) * point);
    bf16_tile_outputs(x, y);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < bf16_tile; ++i) half[i][j] = y[i];
  }
  PIX2PIXHD_UNROLL
  for (int i = 0; i < bf16_tile; ++i) {
    if (i >= height) break;
    Lanes y[bf16_tile];
    bf16_tile_outputs(half[i], y);
    T* const row = to + static_cast<std::ptrdiff_t>(i) * job.output_width * lane_count;
    PIX2PIXHD_UNROLL
    for (int j = 0; j < bf16_tile; ++j) {
      if (j >= width) break;
      Lanes value = y[j] + bias;
      if (job.add) value = value + Lanes::load(row + j * lane_count);
      if (job.activation != Activation::none) value = activate(value, job.activation);
      value = value.stored(row + j * lane_count);
      if (job.moments) moments.add(value);
    }
  }
}

template <class T>
inline void bf16_tile_transform_output(const WinogradBf16Job& job, const TileBlock& block, int first, int blocks,
                                       const TilePoints<float>& products) {
  const std::size_t plane =
      static_cast<std::size_t>(job.output_height) * static_cast<std::size_t>(job.output_width) * lane_count;
  for (int b = 0; b < blocks; ++b) {
    const int channel = (first + b) * lane_count;
    const int channels = job.output_channels - channel < lane_count ? job.output_channels - channel : lane_count;
    const Lanes bias = job.bias ? Lanes::load_first(job.bias + channel, channels) : Lanes::zero();
    const float* from = products.values + static_cast<std::size_t>(b) * products.plane;
    T* const output = static_cast<T*>(job.output.address) + static_cast<std::size_t>(first + b) * plane;
    TileMoments moments{Lanes::zero(), Lanes::zero(), Lanes::zero(), 0};
    for (int i = 0; i < block.height; ++i) {
      const int row = (block.row + i) * bf16_tile, height = job.output_height - row;
      for (int j = 0; j < block.width; ++j, from += lane_count) {
        const int column = (block.column + j) * bf16_tile, width = job.output_width - column;
        T* const to = output + (static_cast<std::ptrdiff_t>(row) * job.output_width + column) * lane_count;
        bf16_tile_output(job, from, products.point, to, height, width, bias, moments);
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

inline void bf16_tile_output_of(const WinogradBf16Job& job, const TileBlock& block, int first, int blocks,
                                const TilePoints<float>& products) {
  job.output.type == DataType::bf16 ? bf16_tile_transform_output<Bf16>(job, block, first, blocks, products)
                                    : bf16_tile_transform_output<float>(job, block, first, blocks, products);
}

inline constexpr WinogradBf16Kernels winograd_bf16_table{.transform_input = bf16_tile_input_of,
                                                         .transform_weights = bf16_tile_transform_weights,
                                                         .multiply = bf16_tile_multiply,
                                                         .transform_output = bf16_tile_output_of};
