// Gradients of normalisation and activation; the formulas stand at NormaliseBackward in core/calls.hpp. Sums as in
// normalise.inc.hpp.
// clang-format off
PIX2PIXHD_KERNEL_TEXT(

// Eight gradients dy and, if `reads_z`, values of z as they are stored.
struct GradientInputs {
  Eight dy;
  Eight z;
};
PIX2PIXHD_DEVICE bool reads_z(const Source& z) { return z.statistics || z.activation != activation_none; }
PIX2PIXHD_DEVICE GradientInputs load_gradient_inputs(const void* dy, const Source& z, long long at) {
  GradientInputs r;
  r.dy = load8((const Value*)dy + at);
  if (reads_z(z)) r.z = load8((const Value*)z.x + at);
  return r;
}
// Eight gradients g = dy * activation'(.) and, if there are statistics, normalised values n.
struct GradientTerms {
  Eight g;
  Eight n;
};
PIX2PIXHD_DEVICE GradientTerms gradient_terms(const GradientInputs& in, const Source& z, int n, int c) {
  GradientTerms r;
  r.g = in.dy;
  if (!reads_z(z)) return r;
  if (!z.statistics) {
    for (int k = 0; k < 8; ++k) r.g.v[k] *= activation_slope(in.z.v[k], z.activation);
    return r;
  }
  const Eight mean = row8(statistics_row(z, n, mean_row, c));
  const Eight scale = row8(statistics_row(z, n, scale_row, c));
  const Eight shift = row8(statistics_row(z, n, shift_row, c));
  const Eight deviation = row8(statistics_row(z, n, deviation_row, c));
  for (int k = 0; k < 8; ++k) {
    const float y = activate((in.z.v[k] - mean.v[k]) * scale.v[k] + shift.v[k], z.activation);
    r.g.v[k] *= activation_slope(y, z.activation);
    r.n.v[k] = (in.z.v[k] - mean.v[k]) * deviation.v[k];
  }
  return r;
}

// Blocks as those of ChunkMoments. Without statistics the second sum is not written.
struct ChunkGradientMoments {
  typedef GradientMomentsArguments Arguments;
  struct Shared {
    float g[8][threads_per_block];
    float gn[8][threads_per_block];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE void add(const GradientTerms& terms, const Arguments& a, Eight& g, Eight& gn) {
    add8(g, terms.g);
    if (!a.z.statistics) return;
    for (int k = 0; k < 8; ++k) gn.v[k] += terms.g.v[k] * terms.n.v[k];
  }

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int lane = t.x % a.lanes;
    const int rows = threads_per_block / a.lanes;
    const int c = (t.block_y * a.lanes + lane) * 8;
    const int last = (t.block_x + 1) * a.chunk < a.pixels ? (t.block_x + 1) * a.chunk : a.pixels;
    Eight g = zeros8();
    Eight gn = zeros8();
    if (c < a.channels) {
      const auto load = [&](int p) {
        return load_gradient_inputs(a.dy, a.z, ((long long)t.block_z * a.pixels + p) * a.channels + c);
      };
      int p = t.block_x * a.chunk + t.x / a.lanes;
      for (; p + (loads_at_once - 1) * rows < last; p += loads_at_once * rows) {
        GradientInputs in[loads_at_once];
        PIX2PIXHD_UNROLL for (int i = 0; i < loads_at_once; ++i) in[i] = load(p + i * rows);
        PIX2PIXHD_UNROLL for (int i = 0; i < loads_at_once; ++i)
          add(gradient_terms(in[i], a.z, t.block_z, c), a, g, gn);
      }
      for (; p < last; p += rows) add(gradient_terms(load(p), a.z, t.block_z, c), a, g, gn);
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
    for (int i = lane; i < threads_per_block; i += a.lanes) {
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
    double g[threads_per_block];
    double gn[threads_per_block];
  };
  enum { phases = 2 };

  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared& s, const Arguments& a) {
    const int c = t.block_x * 8 + t.x % 8;
    const int first = a.batch ? 0 : t.block_y;
    const int items = (a.batch ? a.n : 1) * a.chunks;
    double g = 0;
    double gn = 0;
    for (int i = t.x / 8; i < items; i += threads_per_block / 8) {
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
    for (int row = 0; row < threads_per_block / 8; ++row) {
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

struct NormaliseBackward : OnePhase<NormaliseBackwardArguments> {
  PIX2PIXHD_DEVICE void phase(Phase<0>, const Thread& t, Shared&, const Arguments& a) {
    const int groups = a.channels / 8;
    const int i = index_of(t);
    if (i >= a.n * a.pixels * groups) return;
    const PixelChannels at = pixel_channels(i, a.pixels, groups);
    const int n = at.n;
    const int c = at.c;
    GradientTerms terms = gradient_terms(load_gradient_inputs(a.dy, a.z, (long long)i * 8), a.z, n, c);
    if (a.z.statistics) {
      const Eight scale = row8(statistics_row(a.z, n, scale_row, c));
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
