// Convolution over a semantic map by look-up: see map.hpp and for_each_isa.inc.hpp.

/// Lanes of several neighbouring blocks.
template <int Blocks>
struct MapLanes {
  Lanes block[Blocks];

  template <class T>
  [[gnu::always_inline]] static inline MapLanes load(const T* from, std::size_t stride = lane_count) {
    MapLanes r;
    PIX2PIXHD_UNROLL
    for (int i = 0; i < Blocks; ++i) r.block[i] = Lanes::load(from + static_cast<std::size_t>(i) * stride);
    return r;
  }
  [[gnu::always_inline]] inline void add(const float* from) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < Blocks; ++i) block[i] = block[i] + Lanes::load(from + i * lane_count);
  }
  [[gnu::always_inline]] inline void add_scaled(const Lanes& weight, const float* from) {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < Blocks; ++i) block[i] = fma(weight, Lanes::load(from + i * lane_count), block[i]);
  }
  [[gnu::always_inline]] inline void add_to(float* to) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < Blocks; ++i) (Lanes::load(to + i * lane_count) + block[i]).store(to + i * lane_count);
  }
  [[gnu::always_inline]] inline void add_scaled_to(const Lanes& weight, float* to) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < Blocks; ++i) fma(weight, block[i], Lanes::load(to + i * lane_count)).store(to + i * lane_count);
  }
  template <class T>
  [[gnu::always_inline]] inline void store(T* to, std::size_t stride, bool stream) const {
    PIX2PIXHD_UNROLL
    for (int i = 0; i < Blocks; ++i) {
      if (stream)
        block[i].stream(to + static_cast<std::size_t>(i) * stride);
      else
        block[i].store(to + static_cast<std::size_t>(i) * stride);
    }
  }
};

/// Adds what the window at pixel `x` sees to `sum`.
template <int Blocks>
inline void map_look_up(const MapForwardRow& row, std::ptrdiff_t x, int first, MapLanes<Blocks>& sum) {
  const MapWindow& w = row.window;
  const auto width = static_cast<std::size_t>(row.table.width), kernel = static_cast<std::size_t>(w.kernel);
  const std::size_t tap_row = kernel * width, tap_class = kernel * tap_row;
  for (int ky = 0; ky < w.kernel; ++ky, x += w.pitch) {
    const std::size_t ky_taps = static_cast<std::size_t>(ky) * tap_row + static_cast<std::size_t>(first);
    if (!w.mixed_row[x]) {
      sum.add(row.table.rows + w.classes[x] * tap_row + static_cast<std::size_t>(ky) * width +
              static_cast<std::size_t>(first));
    } else {
      const float* taps = row.table.taps + ky_taps;
      for (int kx = 0; kx < w.kernel; ++kx, taps += width) sum.add(taps + w.classes[x + kx] * tap_class);
    }
    if (!w.listed_row[x]) continue;
    if (w.edge_row[x]) {
      sum.add(row.table.rows + static_cast<std::size_t>(row.table.boundaries) * tap_row +
              static_cast<std::size_t>(ky) * width + static_cast<std::size_t>(first));
      continue;
    }
    const float* taps = row.table.taps + ky_taps;
    for (int kx = 0; kx < w.kernel; ++kx, taps += width) {
      if (!w.listed[x + kx]) continue;
      const MapList list = w.lists[x + kx];
      for (std::uint32_t i = list.begin; i < list.end; ++i)
        sum.add_scaled(Lanes::broadcast(w.entries[i].weight),
                       taps + static_cast<std::size_t>(w.entries[i].row) * tap_class);
    }
  }
}

/// Stores finished sums at `y` (of type T), activated.
template <int Blocks, class T>
[[gnu::always_inline]] inline void map_store(const MapOutputRow& row, MapLanes<Blocks> sum, T* y) {
  PIX2PIXHD_UNROLL
  for (int b = 0; b < Blocks; ++b) sum.block[b] = activate(sum.block[b], row.activation);
  sum.store(y, row.block_stride, row.stream);
}

/// Where the values of output channel `first` of the first pixel lie.
template <class T>
inline T* map_output(const MapOutputRow& row, int first) {
  return static_cast<T*>(row.y.address) + static_cast<std::size_t>(first / lane_count) * row.block_stride;
}

/// T: the type of y.
template <int Blocks, class T>
void map_forward(const MapForwardRow& row, int first) {
  const MapWindow& w = row.window;
  const MapOutputRow& output = row.output;
  const std::size_t width = static_cast<std::size_t>(row.table.width);
  const float* const windows = row.table.windows + first;
  T* y = map_output<T>(output, first);
  const MapLanes<Blocks> bias = MapLanes<Blocks>::load(output.bias + first);
  std::ptrdiff_t x = 0;
  for (int i = 0; i < w.count; ++i, x += w.stride, y += lane_count) {
    if (!w.other[x]) {
      MapLanes<Blocks>::load(windows + w.classes[x] * width).store(y, output.block_stride, output.stream);
      continue;
    }
    MapLanes<Blocks> sum = bias;
    map_look_up(row, x, first, sum);
    map_store(output, sum, y);
  }
}

/// Adds the gradient at pixel `x`, whose window is not uniform, to the tables.
template <int Blocks>
inline void map_scatter(const MapGradientRow& row, std::ptrdiff_t x, int first, const MapLanes<Blocks>& g) {
  const MapWindow& w = row.window;
  const auto width = static_cast<std::size_t>(row.table.width), kernel = static_cast<std::size_t>(w.kernel);
  const std::size_t tap_row = kernel * width, tap_class = kernel * tap_row;
  for (int ky = 0; ky < w.kernel; ++ky, x += w.pitch) {
    const std::size_t ky_taps = static_cast<std::size_t>(ky) * tap_row + static_cast<std::size_t>(first);
    if (!w.mixed_row[x]) {
      g.add_to(row.table.rows + w.classes[x] * tap_row + static_cast<std::size_t>(ky) * width +
               static_cast<std::size_t>(first));
    } else {
      float* taps = row.table.taps + ky_taps;
      for (int kx = 0; kx < w.kernel; ++kx, taps += width) g.add_to(taps + w.classes[x + kx] * tap_class);
    }
    if (!w.listed_row[x]) continue;
    if (w.edge_row[x]) {
      g.add_to(row.table.rows + static_cast<std::size_t>(row.table.boundaries) * tap_row +
               static_cast<std::size_t>(ky) * width + static_cast<std::size_t>(first));
      continue;
    }
    float* taps = row.table.taps + ky_taps;
    for (int kx = 0; kx < w.kernel; ++kx, taps += width) {
      if (!w.listed[x + kx]) continue;
      const MapList list = w.lists[x + kx];
      for (std::uint32_t i = list.begin; i < list.end; ++i)
        g.add_scaled_to(Lanes::broadcast(w.entries[i].weight),
                        taps + static_cast<std::size_t>(w.entries[i].row) * tap_class);
    }
  }
}

/// T: the type of dy.
template <int Blocks, class T>
void map_gradient(const MapGradientRow& row, int first) {
  const MapWindow& w = row.window;
  const std::size_t width = static_cast<std::size_t>(row.table.width);
  float* const windows = row.table.windows + first;
  const T* dy = static_cast<const T*>(row.dy.address) + static_cast<std::size_t>(first / lane_count) * row.block_stride;
  for (std::ptrdiff_t i = 0; i < w.count;) {
    const std::ptrdiff_t x = i * w.stride;
    MapLanes<Blocks> g = MapLanes<Blocks>::load(dy + i * lane_count, row.block_stride);
    ++i;
    if (w.other[x]) {
      map_scatter(row, x, first, g);
      continue;
    }
    // Neighbours that see the same class are summed before the table is touched: faster, and with less rounding.
    for (; i < w.count && !w.other[i * w.stride] && w.classes[i * w.stride] == w.classes[x]; ++i) {
      PIX2PIXHD_UNROLL
      for (int b = 0; b < Blocks; ++b)
        g.block[b] = g.block[b] + Lanes::load(dy + i * lane_count + static_cast<std::size_t>(b) * row.block_stride);
    }
    g.add_to(windows + w.classes[x] * width);
  }
}

template <class T>
inline void map_forward_of(const MapForwardRow& row) {
  int first = 0;
  for (; row.table.width - first >= 4 * lane_count; first += 4 * lane_count) map_forward<4, T>(row, first);
  for (; row.table.width - first >= 2 * lane_count; first += 2 * lane_count) map_forward<2, T>(row, first);
  if (first < row.table.width) map_forward<1, T>(row, first);
  if (row.output.stream) Lanes::stream_fence();
}
inline void map_forward_row(const MapForwardRow& row) {
  row.output.y.type == DataType::bf16 ? map_forward_of<Bf16>(row) : map_forward_of<float>(row);
}

template <class T>
inline void map_gradient_of(const MapGradientRow& row) {
  int first = 0;
  for (; row.table.width - first >= 4 * lane_count; first += 4 * lane_count) map_gradient<4, T>(row, first);
  for (; row.table.width - first >= 2 * lane_count; first += 2 * lane_count) map_gradient<2, T>(row, first);
  if (first < row.table.width) map_gradient<1, T>(row, first);
}
inline void map_gradient_row(const MapGradientRow& row) {
  row.dy.type == DataType::bf16 ? map_gradient_of<Bf16>(row) : map_gradient_of<float>(row);
}

inline constexpr MapKernels map_table{.forward = map_forward_row, .gradient = map_gradient_row};
