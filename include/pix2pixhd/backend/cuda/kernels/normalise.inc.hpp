// Statistics, normalisation and activation; the formulas stand at Statistics and Normalise in core/calls.hpp. Sums are
// taken in two steps: each block sums one chunk of pixels, a second kernel the chunks; both in an order that depends on
// the shape alone. Each thread issues several loads before it uses the first: it has nothing else to do while it waits.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

enum { loads_at_once = 4 };  // their loops are unrolled, or the values would lie in memory

// Block: chunk x, `lanes` groups of eight channels from y * lanes on, picture z.
struct ChunkMoments {
  typedef MomentsArguments Arguments;
  struct Shared {
    float mean[8][threads_per_block];
    float squares[8][threads_per_block];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE int pixels_of_row(const Arguments& a, int chunk_pixels, int row) {
    const int rows = threads_per_block / a.lanes;
    return row < chunk_pixels ? (chunk_pixels - row + rows - 1) / rows : 0;
  }
  PIX2PIXHD_DEVICE int chunk_pixels(const Arguments& a, const Thread& t) {
    const int left = a.pixels - t.block_x * a.chunk;
    return left < a.chunk ? left : a.chunk;
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
    const int rows = threads_per_block / a.lanes;
    const int c = (t.block_y * a.lanes + lane) * 8;
    const int count = c < a.channels ? pixels_of_row(a, chunk_pixels(a, t), row) : 0;
    if (count == 0) return;
    const Value* x = (const Value*)a.x +
                     ((long long)t.block_z * a.pixels + (long long)t.block_x * a.chunk + row) * a.channels + c;
    // Differences from the first value: their squares lose little, however large the mean.
    const Eight first = load8(x);
    Eight sum = zeros8();
    Eight squares = zeros8();
    const long long step = (long long)rows * a.channels;
    int p = 1;
    for (; p + loads_at_once <= count; p += loads_at_once) {
      Eight e[loads_at_once];
      PIX2PIXHD_UNROLL for (int i = 0; i < loads_at_once; ++i) e[i] = load8(x + (p + i) * step);
      PIX2PIXHD_UNROLL for (int i = 0; i < loads_at_once; ++i) add(e[i], first, sum, squares);
    }
    for (; p < count; ++p) add(load8(x + p * step), first, sum, squares);
    for (int k = 0; k < 8; ++k) {
      const float mean = sum.v[k] / (float)count;
      s.mean[k][t.x] = first.v[k] + mean;
      s.squares[k][t.x] = squares.v[k] - sum.v[k] * mean;
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x / 8;
    const int k = t.x % 8;
    const int c = (t.block_y * a.lanes + lane) * 8 + k;
    if (lane >= a.lanes || c >= a.channels) return;
    const int pixels = chunk_pixels(a, t);
    const int rows = threads_per_block / a.lanes;
    const auto of_row = [&](int row) {
      const int i = row * a.lanes + lane;
      return Moments{(double)pixels_of_row(a, pixels, row), s.mean[k][i], s.squares[k][i]};
    };
    const Moments all = moments_of_all(of_row, 0, pixels < rows ? pixels : rows, 1);
    float* to = a.partial + (((long long)t.block_z * a.chunks + t.block_x) * a.channels + c) * 2;
    to[0] = (float)all.mean;
    to[1] = (float)all.squares;
  }
};

// Block: eight channels from x * 8 on, of picture y (of all pictures under batch norm).
struct FinishStatistics {
  typedef StatisticsArguments Arguments;
  struct Shared {
    Moments rows[threads_per_block];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x % 8;
    const int first = a.batch ? 0 : t.block_y;
    const int items = (a.batch ? a.n : 1) * a.chunks;
    const auto of_chunk = [&](int i) {
      const float* from = a.partial + (((long long)first * a.chunks + i) * a.channels + c) * 2;
      const int left = a.pixels - i % a.chunks * a.chunk;
      return Moments{(double)(left < a.chunk ? left : a.chunk), from[0], from[1]};
    };
    s.rows[t.x] = moments_of_all(of_chunk, t.x / 8, a.use_running ? 0 : items, threads_per_block / 8);
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x;
    if (t.x >= 8) return;
    const Moments all = moments_of_all([&](int row) { return s.rows[row * 8 + t.x]; }, 0, threads_per_block / 8, 1);
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
    if (!a.update_running || !real) return;
    const double unbiased = all.squares / (all.count > 1 ? all.count - 1 : 1);
    a.running_mean[c] += a.momentum * (float)(mean + bias - a.running_mean[c]);
    a.running_variance[c] += a.momentum * (float)(unbiased - a.running_variance[c]);
  }
};

struct Normalise : OnePhase<NormaliseArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.pixels * groups) return;
    const PixelChannels at = pixel_channels(i, a.pixels, groups);
    const int n = at.n;
    const int c = at.c;
    Eight e;
    if (a.bias) {
      e = load8((const Value*)a.x.x + (long long)i * 8);
      for (int k = 0; k < 8; ++k)
        e.v[k] = activate(e.v[k] + (c + k < a.logical ? a.bias[c + k] : 0.0f), a.x.activation);
    } else {
      e = finished8(a.x, (long long)i * 8, n, c);
    }
    if (a.skip.x) add8(e, finished8(a.skip, (long long)i * 8, n, c));
    store8((Value*)a.y + (long long)i * 8, e);
  }
};

)
// clang-format on
