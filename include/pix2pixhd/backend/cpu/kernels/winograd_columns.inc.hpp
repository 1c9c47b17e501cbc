// The first of the two steps of A^T M A. See winograd_points.hpp and for_each_isa.inc.hpp.

/// A^T M of a tile: its points lie `point` floats apart, row by row. The rows are transformed next.
template <int side>
[[gnu::always_inline]] inline void winograd_output_columns(const float* from, std::size_t point,
                                                           Lanes (&half)[side][point_side]) {
  PIX2PIXHD_UNROLL
  for (int j = 0; j < point_side; ++j) {
    Lanes x[point_side], y[side];
    PIX2PIXHD_UNROLL
    for (int i = 0; i < point_side; ++i)
      x[i] = Lanes::load(from + static_cast<std::size_t>(i * point_side + j) * point);
    winograd_outputs<side>(x, y);
    PIX2PIXHD_UNROLL
    for (int i = 0; i < side; ++i) half[i][j] = y[i];
  }
}
