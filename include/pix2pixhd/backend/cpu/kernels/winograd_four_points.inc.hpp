// The transforms of Winograd's convolutions on four points, for factors in bf16. See winograd_points.hpp and
// for_each_isa.inc.hpp.
//
// With the points 0, 1, -1 and infinity,
//
//         | 1  0 -1  0 |     G: 1 and 0 for the point 0; (1, x, x^2) / 2 for the points x = 1 and -1;
//   B^T = | 0  1  1  0 |        for infinity 0 but for a 1 in the last column
//         | 0 -1  1  0 |     A^T: for each finite point x the column (1, x, x^2)^T;
//         | 0 -1  0  1 |        for infinity 0 but for a 1 in the last row

/// The side of the inputs of a tile.
inline constexpr int point_side = winograd_side<Factor>;

/// B^T x of four values.
[[gnu::always_inline]] inline void winograd_inputs(const Lanes* x, Lanes* to) {
  to[0] = x[0] - x[2];
  to[1] = x[2] + x[1];
  to[2] = x[2] - x[1];
  to[3] = x[3] - x[1];
}

/// A^T x of four values: `outputs` of them, two or three.
template <int outputs>
[[gnu::always_inline]] inline void winograd_outputs(const Lanes* x, Lanes* to) {
  const Lanes sum = x[1] + x[2], difference = x[1] - x[2];
  to[0] = x[0] + sum;
  to[1] = difference;
  if constexpr (outputs == 3) to[2] = sum;
  to[outputs - 1] = to[outputs - 1] + x[3];
}

/// G w of `taps` values, two or three.
template <int taps>
[[gnu::always_inline]] inline void winograd_weights(const Lanes* w, Lanes* to) {
  const Lanes half = Lanes::broadcast(0.5f), odd = half * w[1];
  const Lanes even = taps == 3 ? half * (w[0] + w[taps - 1]) : half * w[0];
  to[0] = w[0];
  to[1] = even + odd;
  to[2] = even - odd;
  to[3] = w[taps - 1];
}

/// The element of G in `row` and column `i` of `taps`.
inline float winograd_g(int row, int i, int taps) {
  switch (row) {
    case 0:
      return i == 0 ? 1.0f : 0.0f;
    case 1:
      return 0.5f;
    case 2:
      return i % 2 == 0 ? 0.5f : -0.5f;
    default:
      return i == taps - 1 ? 1.0f : 0.0f;
  }
}
