// What sums over pixels have in common. They are taken in two steps: each block sums one chunk of pixels, a second
// kernel the chunks; both in an order that depends on the shape alone. Each thread issues several loads before it uses
// the first: it has nothing else to do while it waits.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// How the threads of a block share out a chunk: `lanes` (a power of two) groups of eight channels beside each other,
// and below them rows of pixels. Afterwards warp k merges what the threads found for the k-th channels of their groups.
struct ChunkShares {
  enum { warp = 32, parts = threads_per_block / warp };  // values that a thread merges first: parts
  int rows;
  int whole;  // pixels of each row
  int rest;   // rows with one more
};
PIX2PIXHD_DEVICE ChunkShares chunk_shares(int lanes, int first_pixel, int chunk, int pixels) {
  const int left = pixels - first_pixel;
  const int count = left < chunk ? left : chunk;
  const int rows = threads_per_block / lanes;
  return {rows, count / rows, count % rows};
}
PIX2PIXHD_DEVICE int pixels_of_row(const ChunkShares& shares, int row) {
  return shares.whole + (row < shares.rest ? 1 : 0);
}

// Two sums of a chunk and channel.
struct alignas(8) PartialSums {
  float a;
  float b;
};

// Count, mean and sum of squared differences from it of a set of values.
struct Moments {
  double count;
  double mean;
  double squares;
};
// What the moments of several sets are added up to: with d_i = mean_i - base, where base is the mean of one of them,
//   mean = base + sum n_i d_i / n,   squares = sum (squares_i + n_i d_i^2) - (sum n_i d_i)^2 / n
// One loop, and one division at its end, because divisions of FP64 take long. The base keeps the difference exact.
struct MomentSums {
  double base;
  double count;
  double sum;
  double squares;
};
PIX2PIXHD_DEVICE MomentSums moment_sums(double base) { return {base, 0, 0, 0}; }
PIX2PIXHD_DEVICE void add_moments(MomentSums& all, const Moments& one) {
  const double d = one.mean - all.base;
  all.count += one.count;
  all.sum += one.count * d;
  all.squares += one.squares + one.count * d * d;
}
PIX2PIXHD_DEVICE Moments moments_of(const MomentSums& all) {
  if (!(all.count > 0)) return {0, 0, 0};
  const double d = all.sum / all.count;
  const double squares = all.squares - all.sum * d;
  return {all.count, all.base + d, squares < 0 ? 0 : squares};  // NaN stays one
}
// Those of sets[first], sets[first + step] and so on, `count` of them; those behind an empty set are empty.
PIX2PIXHD_DEVICE Moments moments_of_all(const Moments* sets, int first, int count, int step) {
  MomentSums all = moment_sums(sets[first].mean);
  for (int i = 0; i < count; ++i) add_moments(all, sets[first + i * step]);
  return moments_of(all);
}

)
// clang-format on
