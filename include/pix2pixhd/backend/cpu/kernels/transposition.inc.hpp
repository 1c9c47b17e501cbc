// Transposition of large matrices. See transposition.hpp and for_each_isa.inc.hpp.

inline void transpose_tiles(const float* from, std::size_t from_stride, float* to, std::size_t to_stride,
                            std::size_t rows, std::size_t columns) {
  const std::size_t whole_rows = rows / lane_count * lane_count, whole_columns = columns / lane_count * lane_count;
  for (std::size_t r = 0; r < whole_rows; r += lane_count)
    for (std::size_t c = 0; c < whole_columns; c += lane_count) {
      Lanes tile[lane_count];
      PIX2PIXHD_UNROLL
      for (int i = 0; i < lane_count; ++i)
        tile[i] = Lanes::load(from + (r + static_cast<std::size_t>(i)) * from_stride + c);
      transpose_lanes(tile);
      PIX2PIXHD_UNROLL
      for (int i = 0; i < lane_count; ++i) tile[i].store(to + (c + static_cast<std::size_t>(i)) * to_stride + r);
    }
  if (whole_columns < columns)
    transpose(from + whole_columns, from_stride, to + whole_columns * to_stride, to_stride, whole_rows,
              columns - whole_columns);
  if (whole_rows < rows)
    transpose(from + whole_rows * from_stride, from_stride, to + whole_rows, to_stride, rows - whole_rows, columns);
}
