// Inputs of Winograd's convolutions. See winograd_input.hpp and for_each_isa.inc.hpp.

/// One column of the rows under a row of tiles, finished and transformed downwards; `place` < 0: zeros.
template <class T, class Finish>
[[gnu::always_inline]] inline void winograd_column(const Finish& finish, const T* const* rows, int place, Lanes* to) {
  Lanes x[point_side];
  PIX2PIXHD_UNROLL
  for (int i = 0; i < point_side; ++i)
    x[i] = rows[i] && place >= 0 ? finish(Lanes::load(rows[i] + static_cast<std::ptrdiff_t>(place) * lane_count))
                                 : Lanes::zero();
  winograd_inputs(x, to);
}

/// One row of the points of a tile.
[[gnu::always_inline]] inline void winograd_points_row(const Lanes* x, int row, Factor* to, std::size_t point) {
  Lanes points[point_side];
  winograd_inputs(x, points);
  PIX2PIXHD_UNROLL
  for (int j = 0; j < point_side; ++j) points[j].store(to + static_cast<std::size_t>(row * point_side + j) * point);
}

#if PIX2PIXHD_BF16_PAIRS
// All columns of a tile are in registers; those that the next tile reads too move on.
template <int tile, class T, class Finish>
[[gnu::noinline]] inline void winograd_tiles_in_registers(const Finish& finish, const T* const* rows,
                                                          const int* columns, int tiles,
                                                          const PointValues<Factor>& values) {
  constexpr int shared = point_side - tile;
  Lanes column[point_side][point_side];
  PIX2PIXHD_UNROLL
  for (int j = 0; j < shared; ++j) winograd_column(finish, rows, columns[j], column[j]);
  Factor* to = values.values;
  for (int i = 0; i < tiles; ++i, columns += tile, to += lane_count) {
    PIX2PIXHD_UNROLL
    for (int j = shared; j < point_side; ++j) winograd_column(finish, rows, columns[j], column[j]);
    PIX2PIXHD_UNROLL
    for (int row = 0; row < point_side; ++row) {
      Lanes x[point_side];
      PIX2PIXHD_UNROLL
      for (int j = 0; j < point_side; ++j) x[j] = column[j][row];
      winograd_points_row(x, row, to, values.point);
    }
    PIX2PIXHD_UNROLL
    for (int j = 0; j < shared; ++j) {
      PIX2PIXHD_UNROLL
      for (int row = 0; row < point_side; ++row) column[j][row] = column[tile + j][row];
    }
  }
}
/// One row of tiles.
template <class T, class Finish>
inline void winograd_row_of_tiles(const Finish& finish, const T* const* rows, const int* columns, int tile, int tiles,
                                  float*, const PointValues<Factor>& values) {
  tile == 3 ? winograd_tiles_in_registers<3>(finish, rows, columns, tiles, values)
            : winograd_tiles_in_registers<2>(finish, rows, columns, tiles, values);
}
#else
/// All columns under a row of tiles: strip[row of points][column][16].
template <class T, class Finish>
[[gnu::noinline]] inline void winograd_strip(const Finish& finish, const T* const* rows, const int* columns, int count,
                                             float* strip) {
  const std::size_t plane = static_cast<std::size_t>(count) * lane_count;
  for (int j = 0; j < count; ++j, strip += lane_count) {
    Lanes points[point_side];
    winograd_column(finish, rows, columns[j], points);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < point_side; ++i) points[i].store(strip + static_cast<std::size_t>(i) * plane);
  }
}
/// One row of tiles.
template <class T, class Finish>
inline void winograd_row_of_tiles(const Finish& finish, const T* const* rows, const int* columns, int tile, int tiles,
                                  float* strip, const PointValues<Factor>& values) {
  const int count = tiles * tile + point_side - tile;
  const std::size_t plane = static_cast<std::size_t>(count) * lane_count;
  winograd_strip(finish, rows, columns, count, strip);
  Factor* to = values.values;
  for (int i = 0; i < tiles; ++i, to += lane_count) {
    const float* const corner = strip + static_cast<std::size_t>(i * tile * lane_count);
    for (int row = 0; row < point_side; ++row) {
      Lanes x[point_side];
      PIX2PIXHD_UNROLL
      for (int j = 0; j < point_side; ++j)
        x[j] = Lanes::load(corner + static_cast<std::size_t>(row) * plane + j * lane_count);
      winograd_points_row(x, row, to, values.point);
    }
  }
}
#endif

template <class T, class Finish>
inline void winograd_transform_input(const WinogradJob& job, const WinogradBlock& block, int first, int last,
                                     float* strip, const PointValues<Factor>& values) {
  const int blocks = job.source.blocks();
  for (int index = first; index < last; ++index) {
    const int source_block = index % blocks, phase = index / blocks;
    const int* const source_rows = job.rows + phase / job.source_phases * job.row_places + block.row * job.tile;
    const int* const source_columns =
        job.columns + phase % job.source_phases * job.column_places + block.column * job.tile;
    const Finish finish(job.source, source_block);
    const T* const from = static_cast<const T*>(job.source.values) +
                          static_cast<std::size_t>(source_block) * job.source.pixels * lane_count;
    PointValues<Factor> to = values;
    to.values += static_cast<std::size_t>(index - first) * values.plane;
    int done = block.before;
    for (int row = 0; row < block.height; ++row) {
      const T* rows[point_side];
      for (int i = 0; i < point_side; ++i) {
        const int at = source_rows[row * job.tile + i];
        rows[i] = at < 0 ? nullptr : from + at * job.source.row_stride * lane_count;
      }
      for (int column = 0; column < block.width;) {
        const WinogradTiles tiles = next_computed(block, row, column, done);
        if (tiles.count > 0)
          winograd_row_of_tiles(finish, rows, source_columns + tiles.first * job.tile, job.tile, tiles.count, strip,
                                to);
        to.values += tiles.count * lane_count;
        done += tiles.count;
        column = tiles.first + tiles.count;
      }
    }
  }
}

inline void winograd_input_of(const WinogradJob& job, const WinogradBlock& block, int first, int last, float* strip,
                              const PointValues<Factor>& values) {
  with_finish(job.source, [&](auto finish) {
    using Finish = typename decltype(finish)::type;
    job.source.type == DataType::bf16 ? winograd_transform_input<Bf16, Finish>(job, block, first, last, strip, values)
                                      : winograd_transform_input<float, Finish>(job, block, first, last, strip, values);
  });
}
