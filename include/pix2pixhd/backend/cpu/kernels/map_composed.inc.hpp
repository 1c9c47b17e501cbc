// Convolution over labels, every tap looked up: see map_composed.hpp and for_each_isa.inc.hpp.

/// The entry at a place, for tap `k` of the sweep.
[[gnu::always_inline]] inline const std::byte* map_entry(const std::byte* table, std::size_t place, int k) {
  return table + place * map_place_bytes + k * 64;
}
/// What bounds a sweep is the number of its loads, not of its sums; so four places are one load.
[[gnu::always_inline]] inline std::uint64_t map_four_places(const std::uint16_t* from) {
  std::uint64_t four;
  __builtin_memcpy(&four, from, sizeof(four));
  return four;
}

/// sums[pixel] += over `Taps` neighbouring codes: table[code][tap]
template <int Taps>
inline void map_sweep(const MapComposedTile& tile, const std::uint16_t* places, const std::byte* table, float* sums) {
  for (int row = 0; row < tile.rows; ++row, places += tile.stride * tile.pitch) {
    const std::uint16_t* place = places;
    for (int i = 0; i < tile.columns; ++i, place += tile.stride, sums += lane_count) {
      Lanes sum = Lanes::load(sums);
      std::uint64_t four = 0;
      PIX2PIXHD_UNROLL
      for (int k = 0; k < Taps; ++k) {
        if (k % 4 == 0) four = map_four_places(place + k);
        sum = sum + Lanes::load(reinterpret_cast<const float*>(map_entry(table, map_place_of(four, k % 4), k)));
      }
      sum.store(sums);
    }
  }
}

inline void map_composed_sum(const MapComposedTile& tile) {
  const auto pixels = static_cast<std::size_t>(tile.rows) * static_cast<std::size_t>(tile.columns);
  const std::size_t sweep = map_sweep_bytes(tile.codes);
  const std::byte* table = tile.table;
  float* sums = tile.sums;
  for (int block = 0; block < tile.width / lane_count; ++block, sums += pixels * lane_count) {
    for (std::size_t i = 0; i < pixels; ++i) Lanes::zero().store(sums + i * lane_count);
    for (int ky = 0; ky < tile.kernel; ++ky)
      for (int kx = 0; kx < tile.kernel; kx += map_sweep_taps, table += sweep) {
        const int taps = tile.kernel - kx < map_sweep_taps ? tile.kernel - kx : map_sweep_taps;
        with_count<map_sweep_taps>(taps, [&]<int Taps>(Count<Taps>) {
          map_sweep<Taps>(tile, tile.places + ky * tile.pitch + kx, table, sums);
        });
      }
  }
}

/// T: the type of y.
template <class T>
inline void map_finish_sums_of(const MapSumsRow& row) {
  for (int first = 0; first < row.width; first += lane_count) {
    const Lanes bias = Lanes::load(row.output.bias + first), unit = Lanes::load(row.units + first);
    const float* const sums = row.sums + static_cast<std::size_t>(first / lane_count) * row.block_stride;
    T* y = map_output<T>(row.output, first);
    for (int i = 0; i < row.count; ++i, y += lane_count)
      map_store(row.output, MapLanes<1>{{fma(Lanes::load(sums + i * lane_count), unit, bias)}}, y);
  }
  if (row.output.stream) Lanes::stream_fence();
}
inline void map_finish_sums(const MapSumsRow& row) {
  row.output.y.type == DataType::bf16 ? map_finish_sums_of<Bf16>(row) : map_finish_sums_of<float>(row);
}

inline constexpr MapComposedKernels map_composed_table{.sum = map_composed_sum, .finish = map_finish_sums};
