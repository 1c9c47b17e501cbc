// The transforms of Winograd's convolutions on six points. See winograd_points.hpp and for_each_isa.inc.hpp.
//
// With the points 0, +-a, +-b and infinity, A = a^2, B = b^2, D = A - B, and each point's N, the product of its
// differences from the other finite points,
//
//         |  AB    0  -(A+B)   0    1   0 |     N(0) = AB,  N(+-a) = 2AD,  N(+-b) = -2BD
//         |  0    -aB  -B      a    1   0 |
//   B^T = |  0     aB  -B     -a    1   0 |     G: for each finite point x the row (1, x, x^2, ...) / N(x);
//         |  0    -bA  -A      b    1   0 |        for infinity 0 but for a 1 in the last column
//         |  0     bA  -A     -b    1   0 |     A^T: for each finite point x the column (1, x, x^2, ...)^T;
//         |  0     AB   0   -(A+B)  0   1 |        for infinity 0 but for a 1 in the last row

/// The side of the inputs of a tile.
inline constexpr int point_side = winograd_side<Factor>;

inline constexpr float winograd_a = 0.75f, winograd_b = 1.5f;
inline constexpr float winograd_aa = winograd_a * winograd_a, winograd_bb = winograd_b * winograd_b;

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

inline constexpr float winograd_powers_a[] = {1, winograd_a, winograd_aa, winograd_a* winograd_aa,
                                              winograd_aa* winograd_aa};
inline constexpr float winograd_powers_b[] = {1, winograd_b, winograd_bb, winograd_b* winograd_bb,
                                              winograd_bb* winograd_bb};

/// A^T x of six values: `outputs` of them.
template <int outputs>
[[gnu::always_inline]] inline void winograd_outputs(const Lanes* x, Lanes* to) {
  const Lanes sum_a = x[1] + x[2], difference_a = x[1] - x[2], sum_b = x[3] + x[4], difference_b = x[3] - x[4];
  to[0] = x[0] + sum_a + sum_b;
  PIX2PIXHD_UNROLL
  for (int i = 1; i < outputs; ++i) {
    const Lanes a = Lanes::broadcast(winograd_powers_a[i]), b = Lanes::broadcast(winograd_powers_b[i]);
    to[i] = i % 2 == 0 ? fma(a, sum_a, b * sum_b) : fma(a, difference_a, b * difference_b);
  }
  to[outputs - 1] = to[outputs - 1] + x[5];
}

inline constexpr float winograd_n_zero = winograd_aa * winograd_bb;
inline constexpr float winograd_n_a = 2 * winograd_aa * (winograd_aa - winograd_bb);
inline constexpr float winograd_n_b = 2 * winograd_bb * (winograd_bb - winograd_aa);

/// G w of `taps` values, at least two.
template <int taps>
[[gnu::always_inline]] inline void winograd_weights(const Lanes* w, Lanes* to) {
  // Even powers apart from odd ones, which change their sign from x to -x.
  Lanes sum_a[2], sum_b[2];
  PIX2PIXHD_UNROLL
  for (int i = 0; i < taps; ++i) {
    const Lanes a = Lanes::broadcast(winograd_powers_a[i] / winograd_n_a);
    const Lanes b = Lanes::broadcast(winograd_powers_b[i] / winograd_n_b);
    sum_a[i % 2] = i < 2 ? a * w[i] : fma(a, w[i], sum_a[i % 2]);
    sum_b[i % 2] = i < 2 ? b * w[i] : fma(b, w[i], sum_b[i % 2]);
  }
  to[0] = Lanes::broadcast(1 / winograd_n_zero) * w[0];
  to[1] = sum_a[0] + sum_a[1];
  to[2] = sum_a[0] - sum_a[1];
  to[3] = sum_b[0] + sum_b[1];
  to[4] = sum_b[0] - sum_b[1];
  to[5] = w[taps - 1];
}

/// The element of G in `row` and column `i` of `taps`.
inline float winograd_g(int row, int i, int taps) {
  const float sign = i % 2 == 0 || row % 2 == 1 ? 1.0f : -1.0f;
  switch (row) {
    case 0:
      return i == 0 ? 1 / winograd_n_zero : 0;
    case 1:
    case 2:
      return sign * winograd_powers_a[i] / winograd_n_a;
    case 3:
    case 4:
      return sign * winograd_powers_b[i] / winograd_n_b;
    default:
      return i == taps - 1 ? 1 : 0;
  }
}
