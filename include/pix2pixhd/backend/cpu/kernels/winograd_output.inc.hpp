// Outputs of Winograd's convolutions. See winograd_output.hpp and for_each_isa.inc.hpp.

/// Moments of a chunk in the making: sums of differences from a value of the sample do not cancel, however far the mean
/// is from zero. (Where that value is far from all others of the chunk, the square is off by up to count * 2^-24 of
/// itself.)
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
  Lanes half[side][point_side];
  winograd_output_columns<side>(from, point, half);
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
                                      int blocks, const PointValues<float>& products) {
  const std::size_t plane =
      static_cast<std::size_t>(job.output_height) * static_cast<std::size_t>(job.output_width) * lane_count;
  const int phases = job.output_phases, down = phase / phases, right = phase % phases;
  const auto places = [phases](int count, int of) { return (count - of + phases - 1) / phases; };
  const int all_rows = places(job.output_height, down), all_columns = places(job.output_width, right);
  for (int b = 0; b < blocks; ++b) {
    const int channel = (first + b) * lane_count;
    const int channels = job.output_channels - channel < lane_count ? job.output_channels - channel : lane_count;
    const Lanes bias = job.bias ? Lanes::load_first(job.bias + channel, channels) : Lanes::zero();
    const float* const from = products.values + static_cast<std::size_t>(b) * products.plane;
    T* const output = static_cast<T*>(job.output.address) + static_cast<std::size_t>(first + b) * plane;
    WinogradMoments moments{Lanes::zero(), Lanes::zero(), Lanes::zero(), 0};
    for (int i = 0; i < block.height; ++i) {
      const int row = (block.row + i) * side, height = all_rows - row;
      for (int j = 0; j < block.width; ++j) {
        const int column = (block.column + j) * side, width = all_columns - column;
        T* const to =
            output + (static_cast<std::ptrdiff_t>(row * phases + down) * job.output_width + column * phases + right) *
                         lane_count;
        winograd_tile<T, side, plain>(job, from + block.place(i * block.width + j) * lane_count, products.point, to,
                                      height, width, bias, moments);
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
                                 const PointValues<float>& products) {
  if (!job.bias && !job.add && job.activation == Activation::none)
    winograd_transform_output<T, side, true>(job, block, phase, first, blocks, products);
  else
    winograd_transform_output<T, side, false>(job, block, phase, first, blocks, products);
}

template <class T>
inline void winograd_output_as(const WinogradJob& job, const WinogradBlock& block, int phase, int first, int blocks,
                               const PointValues<float>& products) {
#if PIX2PIXHD_BF16_PAIRS
  job.tile == 3 ? winograd_output_side<T, 3>(job, block, phase, first, blocks, products)
                : winograd_output_side<T, 2>(job, block, phase, first, blocks, products);
#else
  switch (job.tile) {
    case 3:
      return winograd_output_side<T, 3>(job, block, phase, first, blocks, products);
    case 4:
      return winograd_output_side<T, 4>(job, block, phase, first, blocks, products);
    default:
      return winograd_output_side<T, 5>(job, block, phase, first, blocks, products);
  }
#endif
}

inline void winograd_output_of(const WinogradJob& job, const WinogradBlock& block, int phase, int first, int blocks,
                               const PointValues<float>& products) {
  job.output.type == DataType::bf16 ? winograd_output_as<Bf16>(job, block, phase, first, blocks, products)
                                    : winograd_output_as<float>(job, block, phase, first, blocks, products);
}
