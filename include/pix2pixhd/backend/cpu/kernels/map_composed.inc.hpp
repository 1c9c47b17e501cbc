// Convolution over labels, every tap looked up: see map_composed.hpp and for_each_isa.inc.hpp.

/// Taps of one sweep over a row: their tables, of up to a few dozen classes each, stay in the first-level cache.
inline constexpr int map_sweep_taps = 8;

/// sums[pixel] += over `Taps` neighbouring codes: table[tap][code]
template <int Taps>
inline void map_sweep(const MapComposedRow& row, const std::uint8_t* codes, const float* table, std::size_t tap) {
  float* sums = row.sums;
  for (int i = 0; i < row.count; ++i, codes += row.stride, sums += lane_count) {
    Lanes sum = Lanes::load(sums);
    PIX2PIXHD_UNROLL
    for (int k = 0; k < Taps; ++k)
      sum = sum + Lanes::load(table + static_cast<std::size_t>(k) * tap + std::size_t{codes[k]} * lane_count);
    sum.store(sums);
  }
}

/// A sweep over a number of taps that is known at run time only.
template <int Taps = map_sweep_taps>
inline void map_sweep_any(int taps, const MapComposedRow& row, const std::uint8_t* codes, const float* table,
                          std::size_t tap) {
  if constexpr (Taps > 0) {
    if (taps == Taps) return map_sweep<Taps>(row, codes, table, tap);
    map_sweep_any<Taps - 1>(taps, row, codes, table, tap);
  }
}

/// Adds what one plane contributes to an output block.
inline void map_add_plane(const MapComposedRow& row, const MapPlane& plane, int block) {
  const std::size_t tap = static_cast<std::size_t>(plane.code_count) * lane_count;
  const auto kernel = static_cast<std::size_t>(row.kernel);
  const float* table = plane.table + static_cast<std::size_t>(block) * kernel * kernel * tap;
  for (int ky = 0; ky < row.kernel; ++ky)
    for (int kx = 0; kx < row.kernel; kx += map_sweep_taps) {
      const int taps = row.kernel - kx < map_sweep_taps ? row.kernel - kx : map_sweep_taps;
      map_sweep_any(taps, row, plane.codes + ky * row.pitch + kx, table, tap);
      table += static_cast<std::size_t>(taps) * tap;
    }
}

/// T: the type of y.
template <class T>
inline void map_composed_forward_of(const MapComposedRow& row) {
  for (int first = 0; first < row.width; first += lane_count) {
    const Lanes bias = Lanes::load(row.output.bias + first);
    for (int i = 0; i < row.count; ++i) bias.store(row.sums + i * lane_count);
    map_add_plane(row, row.labels, first / lane_count);
    if (row.edges.codes) map_add_plane(row, row.edges, first / lane_count);
    T* y = map_output<T>(row.output, first);
    for (int i = 0; i < row.count; ++i, y += lane_count)
      map_store(row.output, MapLanes<1>::load(row.sums + i * lane_count), y);
  }
  if (row.output.stream) Lanes::stream_fence();
}
inline void map_composed_forward_row(const MapComposedRow& row) {
  row.output.y.type == DataType::bf16 ? map_composed_forward_of<Bf16>(row) : map_composed_forward_of<float>(row);
}

inline constexpr MapComposedKernels map_composed_table{.forward = map_composed_forward_row};
