// Statistics; the formulas stand at Statistics in core/calls.hpp. Steps as in chunks.inc.hpp.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// Block: chunk x, `lanes` groups of eight channels from y * lanes on, picture z.
struct ChunkMoments {
  typedef MomentsArguments Arguments;
  struct Shared {
    float mean[8][threads_per_block];
    float squares[8][threads_per_block];
    Moments merged[8][ChunkShares::warp];
  };
  enum { phases = 3 };
  enum { loads = 4 };

  PIX2PIXHD_DEVICE ChunkShares shares(const Thread& t, const Arguments& a) {
    return chunk_shares(a.lanes, t.block_x * a.chunk, a.chunk, a.pixels);
  }
  PIX2PIXHD_DEVICE void add(const Eight& e, const Eight& first, Eight& sum, Eight& squares) {
    for (int k = 0; k < 8; ++k) {
      const float d = e.v[k] - first.v[k];
      sum.v[k] += d;
      squares.v[k] += d * d;
    }
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x % a.lanes;
    const int row = t.x / a.lanes;
    const int c = (t.block_y * a.lanes + lane) * 8;
    const ChunkShares all = shares(t, a);
    const int count = c < a.channels ? pixels_of_row(all, row) : 0;
    if (count == 0) return;
    const Value* x = (const Value*)a.x +
                     ((long long)t.block_z * a.pixels + (long long)t.block_x * a.chunk + row) * a.channels + c;
    // Differences from the first value: their squares lose little, however large the mean. What is read once more in
    // place of pixels behind the last has no difference.
    const Eight first = load8(x);
    Eight sum = zeros8();
    Eight squares = zeros8();
    const long long step = (long long)all.rows * a.channels;
    PIX2PIXHD_NO_UNROLL for (int p = 1; p < count; p += loads) {
      Eight e[loads];
      PIX2PIXHD_UNROLL for (int i = 0; i < loads; ++i) e[i] = load8(x + (p + i < count ? p + i : 0) * step);
      PIX2PIXHD_UNROLL for (int i = 0; i < loads; ++i) add(e[i], first, sum, squares);
    }
    for (int k = 0; k < 8; ++k) {
      const float mean = sum.v[k] / (float)count;
      s.mean[k][t.x] = first.v[k] + mean;
      s.squares[k][t.x] = squares.v[k] - sum.v[k] * mean;
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int k = t.x / ChunkShares::warp;
    const int first = t.x % ChunkShares::warp;
    const ChunkShares all = shares(t, a);
    const int c = (t.block_y * a.lanes + first % a.lanes) * 8 + k;
    MomentSums sums = moment_sums(s.mean[k][first]);
    PIX2PIXHD_UNROLL for (int j = 0; j < ChunkShares::parts; ++j) {
      const int i = first + j * ChunkShares::warp;
      const int count = pixels_of_row(all, i / a.lanes);
      if (count > 0 && c < a.channels) add_moments(sums, Moments{(double)count, s.mean[k][i], s.squares[k][i]});
    }
    s.merged[k][first] = moments_of(sums);
  }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x / 8;
    const int k = t.x % 8;
    const int c = (t.block_y * a.lanes + lane) * 8 + k;
    if (lane >= a.lanes || c >= a.channels) return;
    const Moments all = moments_of_all(s.merged[k], lane, ChunkShares::warp / a.lanes, a.lanes);
    float* to = a.partial + (((long long)t.block_z * a.chunks + t.block_x) * a.channels + c) * 2;
    to[0] = (float)all.mean;
    to[1] = (float)all.squares;
  }
};

// Block: eight channels from x * 8 on, of picture y (of all pictures under batch norm).
struct FinishStatistics {
  typedef StatisticsArguments Arguments;
  struct Shared {
    Moments merged[threads_per_block];
  };
  enum { phases = 3 };
  enum { loads = 8, rows = threads_per_block / 8, merged_rows = 8 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x % 8;
    const int items = a.use_running ? 0 : (a.batch ? a.n : 1) * a.chunks;
    const int first = t.x / 8;
    s.merged[t.x] = {0, 0, 0};
    if (first >= items) return;
    const PartialSums* from =
        (const PartialSums*)a.partial + (long long)(a.batch ? 0 : t.block_y) * a.chunks * a.channels + c;
    MomentSums sums = moment_sums(from[(long long)first * a.channels].a);
    const int last_pixels = a.pixels - (a.chunks - 1) * a.chunk;
    PIX2PIXHD_NO_UNROLL for (int i = first; i < items; i += loads * rows) {
      PartialSums got[loads];
      PIX2PIXHD_UNROLL for (int j = 0; j < loads; ++j)
        got[j] = from[(long long)(i + j * rows < items ? i + j * rows : i) * a.channels];
      PIX2PIXHD_UNROLL for (int j = 0; j < loads; ++j) {
        const int item = i + j * rows;
        const bool last = (a.batch ? item % a.chunks : item) == a.chunks - 1;
        if (item < items) add_moments(sums, Moments{(double)(last ? last_pixels : a.chunk), got[j].a, got[j].b});
      }
    }
    s.merged[t.x] = moments_of(sums);
  }
  // Each of eight threads a channel merges what it finds below it.
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments&) {
    if (t.x < merged_rows * 8) s.merged[t.x] = moments_of_all(s.merged, t.x, rows / merged_rows, merged_rows * 8);
  }
  PIX2PIXHD_DEVICE void phase(Phase<2>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x;
    if (t.x >= 8) return;
    const Moments all = moments_of_all(s.merged, t.x, merged_rows, 8);
    const bool real = c < a.logical;
    const float bias = real && a.bias ? a.bias[c] : 0.0f;
    double mean = all.mean;
    double variance = all.squares / (all.count > 0 ? all.count : 1);
    if (a.use_running) {
      mean = real ? a.running_mean[c] - bias : 0.0f;
      variance = real ? a.running_variance[c] : 1.0f;
    }
    const float deviation = (float)(1.0 / sqrt(variance + (double)a.epsilon));
    const int last = a.batch ? a.n - 1 : t.block_y;
    for (int n = a.batch ? 0 : t.block_y; n <= last; ++n) {
      float* to = a.statistics + (long long)n * statistics_rows * a.width + c;
      to[mean_row * a.width] = (float)mean;
      to[scale_row * a.width] = deviation * (real && a.scale ? a.scale[c] : 1.0f);
      to[shift_row * a.width] = real && a.shift ? a.shift[c] : 0.0f;
      to[deviation_row * a.width] = deviation;
    }
    const double unbiased = all.squares / (all.count > 1 ? all.count - 1 : 1);
    if (!a.update_running || !real || !is_finite((float)mean) || !is_finite((float)unbiased)) return;
    a.running_mean[c] += a.momentum * (float)(mean + bias - a.running_mean[c]);
    a.running_variance[c] += a.momentum * (float)(unbiased - a.running_variance[c]);
  }
};

)
// clang-format on
