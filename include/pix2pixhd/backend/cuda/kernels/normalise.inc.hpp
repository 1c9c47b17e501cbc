// Statistics, normalisation and activation, and their gradients; the formulas stand at Statistics, Normalise and
// NormaliseBackward in core/calls.hpp. Sums are taken in two steps: each block sums one chunk of pixels, a second kernel
// the chunks; both in an order that depends on the shape alone.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// Block: chunk x, `lanes` groups of eight channels from y * lanes on, picture z.
struct ChunkMoments {
  typedef MomentsArguments Arguments;
  struct Shared {
    float mean[8][threads_of_block];
    float squares[8][threads_of_block];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE int pixels_of_row(const Arguments& a, int chunk_pixels, int row) {
    const int rows = threads_of_block / a.lanes;
    return row < chunk_pixels ? (chunk_pixels - row + rows - 1) / rows : 0;
  }
  PIX2PIXHD_DEVICE int chunk_pixels(const Arguments& a, const Thread& t) {
    const int left = a.pixels - t.block_x * a.chunk;
    return left < a.chunk ? left : a.chunk;
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x % a.lanes;
    const int row = t.x / a.lanes;
    const int rows = threads_of_block / a.lanes;
    const int c = (t.block_y * a.lanes + lane) * 8;
    const int count = c < a.channels ? pixels_of_row(a, chunk_pixels(a, t), row) : 0;
    if (count == 0) return;
    const Value* x = (const Value*)a.x +
                     ((long long)t.block_z * a.pixels + (long long)t.block_x * a.chunk + row) * a.channels + c;
    // Differences from the first value: their squares lose little, however large the mean.
    const Eight first = load8(x);
    Eight sum;
    Eight squares;
    for (int k = 0; k < 8; ++k) sum.v[k] = squares.v[k] = 0.0f;
    for (int p = 1; p < count; ++p) {
      x += (long long)rows * a.channels;
      const Eight e = load8(x);
      for (int k = 0; k < 8; ++k) {
        const float d = e.v[k] - first.v[k];
        sum.v[k] += d;
        squares.v[k] += d * d;
      }
    }
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
    const int rows = threads_of_block / a.lanes;
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
    Moments rows[threads_of_block];
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
    s.rows[t.x] = moments_of_all(of_chunk, t.x / 8, a.use_running ? 0 : items, threads_of_block / 8);
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x;
    if (t.x >= 8) return;
    const Moments all = moments_of_all([&](int row) { return s.rows[row * 8 + t.x]; }, 0, threads_of_block / 8, 1);
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
      float* to = a.statistics + (long long)n * 4 * a.width + c;
      to[0] = (float)mean;
      to[a.width] = deviation * (real && a.scale ? a.scale[c] : 1.0f);
      to[2 * a.width] = real && a.shift ? a.shift[c] : 0.0f;
      to[3 * a.width] = deviation;
    }
    if (!a.update_running || !real) return;
    const double unbiased = all.squares / (all.count > 1 ? all.count - 1 : 1);
    a.running_mean[c] += a.momentum * (float)(mean + bias - a.running_mean[c]);
    a.running_variance[c] += a.momentum * (float)(unbiased - a.running_variance[c]);
  }
};

struct Normalise {
  typedef NormaliseArguments Arguments;
  typedef Nothing Shared;
  enum { phases = 1 };
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.pixels * groups) return;
    const int c = i % groups * 8;
    const int n = i / groups / a.pixels;
    Eight e;
    if (a.bias) {
      e = load8((const Value*)a.x.x + (long long)i * 8);
      for (int k = 0; k < 8; ++k)
        e.v[k] = activate(e.v[k] + (c + k < a.logical ? a.bias[c + k] : 0.0f), a.x.activation);
    } else {
      e = finished8(a.x, (long long)i * 8, n, c);
    }
    if (a.skip.x) {
      const Eight skip = finished8(a.skip, (long long)i * 8, n, c);
      for (int k = 0; k < 8; ++k) e.v[k] += skip.v[k];
    }
    store8((Value*)a.y + (long long)i * 8, e);
  }
};

// Eight gradients g = dy * activation'(.) and normalised values n.
struct GradientTerms {
  Eight g;
  Eight n;
};
PIX2PIXHD_DEVICE GradientTerms gradient_terms(const void* dy, const Source& z, long long at, int n, int c) {
  GradientTerms r;
  r.g = load8((const Value*)dy + at);
  if (!z.statistics) {
    if (z.activation == 0) return r;
    const Eight y = load8((const Value*)z.x + at);
    for (int k = 0; k < 8; ++k) r.g.v[k] *= activation_slope(y.v[k], z.activation);
    return r;
  }
  const Eight x = load8((const Value*)z.x + at);
  const Eight mean = row8(statistics_row(z, n, 0, c));
  const Eight scale = row8(statistics_row(z, n, 1, c));
  const Eight shift = row8(statistics_row(z, n, 2, c));
  const Eight deviation = row8(statistics_row(z, n, 3, c));
  for (int k = 0; k < 8; ++k) {
    const float y = activate((x.v[k] - mean.v[k]) * scale.v[k] + shift.v[k], z.activation);
    r.g.v[k] *= activation_slope(y, z.activation);
    r.n.v[k] = (x.v[k] - mean.v[k]) * deviation.v[k];
  }
  return r;
}

// Blocks as those of ChunkMoments. Without statistics the second sum is not written.
struct ChunkGradientMoments {
  typedef GradientMomentsArguments Arguments;
  struct Shared {
    float g[8][threads_of_block];
    float gn[8][threads_of_block];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x % a.lanes;
    const int rows = threads_of_block / a.lanes;
    const int c = (t.block_y * a.lanes + lane) * 8;
    const int last = (t.block_x + 1) * a.chunk < a.pixels ? (t.block_x + 1) * a.chunk : a.pixels;
    Eight g;
    Eight gn;
    for (int k = 0; k < 8; ++k) g.v[k] = gn.v[k] = 0.0f;
    if (c < a.channels)
      for (int p = t.block_x * a.chunk + t.x / a.lanes; p < last; p += rows) {
        const long long at = ((long long)t.block_z * a.pixels + p) * a.channels + c;
        const GradientTerms terms = gradient_terms(a.dy, a.z, at, t.block_z, c);
        for (int k = 0; k < 8; ++k) g.v[k] += terms.g.v[k];
        if (a.z.statistics)
          for (int k = 0; k < 8; ++k) gn.v[k] += terms.g.v[k] * terms.n.v[k];
      }
    for (int k = 0; k < 8; ++k) {
      s.g[k][t.x] = g.v[k];
      s.gn[k][t.x] = gn.v[k];
    }
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x / 8;
    const int k = t.x % 8;
    const int c = (t.block_y * a.lanes + lane) * 8 + k;
    if (lane >= a.lanes || c >= a.channels) return;
    double g = 0;
    double gn = 0;
    for (int i = lane; i < threads_of_block; i += a.lanes) {
      g += s.g[k][i];
      gn += s.gn[k][i];
    }
    float* to = a.partial + (((long long)t.block_z * a.chunks + t.block_x) * a.channels + c) * 2;
    to[0] = (float)g;
    to[1] = (float)gn;
  }
};

// Blocks as those of FinishStatistics.
struct FinishGradientSums {
  typedef GradientSumsArguments Arguments;
  struct Shared {
    double g[threads_of_block];
    double gn[threads_of_block];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x % 8;
    const int first = a.batch ? 0 : t.block_y;
    const int items = (a.batch ? a.n : 1) * a.chunks;
    double g = 0;
    double gn = 0;
    for (int i = t.x / 8; i < items; i += threads_of_block / 8) {
      const float* from = a.partial + (((long long)first * a.chunks + i) * a.channels + c) * 2;
      g += from[0];
      gn += from[1];
    }
    s.g[t.x] = g;
    s.gn[t.x] = gn;
  }
  PIX2PIXHD_DEVICE void phase(Phase<1>, const Thread& t, Shared& s, const Arguments& a) {
    if (t.x >= 8) return;
    const int c = t.block_x * 8 + t.x;
    double g = 0;
    double gn = 0;
    for (int row = 0; row < threads_of_block / 8; ++row) {
      g += s.g[row * 8 + t.x];
      gn += s.gn[row * 8 + t.x];
    }
    if (a.means) {
      const double count = (double)a.pixels * (a.batch ? a.n : 1);
      const int last = a.batch ? a.n - 1 : t.block_y;
      for (int n = a.batch ? 0 : t.block_y; n <= last; ++n) {
        a.means[(long long)n * 2 * a.channels + c] = (float)(g / count);
        a.means[((long long)n * 2 + 1) * a.channels + c] = (float)(gn / count);
      }
    }
    if (c >= a.logical) return;
    if (a.shift) a.shift[c] = (float)g + (a.add_shift ? a.shift[c] : 0.0f);
    if (a.scale) a.scale[c] = (float)gn + (a.add_scale ? a.scale[c] : 0.0f);
  }
};

struct NormaliseBackward {
  typedef NormaliseBackwardArguments Arguments;
  typedef Nothing Shared;
  enum { phases = 1 };
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.pixels * groups) return;
    const int c = i % groups * 8;
    const int n = i / groups / a.pixels;
    GradientTerms terms = gradient_terms(a.dy, a.z, (long long)i * 8, n, c);
    if (a.z.statistics) {
      const Eight scale = row8(statistics_row(a.z, n, 1, c));
      for (int k = 0; k < 8; ++k) {
        float g = terms.g.v[k];
        if (a.means)
          g -= a.means[(long long)n * 2 * a.channels + c + k] +
               terms.n.v[k] * a.means[((long long)n * 2 + 1) * a.channels + c + k];
        terms.g.v[k] = scale.v[k] * g;
      }
    }
    store8((Value*)a.dx + (long long)i * 8, terms.g);
  }
};

)
// clang-format on
